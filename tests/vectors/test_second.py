"""A second implementation, written from the pages alone, reads the vectors as the first does."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

Case = dict[str, Any]
Second = Callable[[str], ModuleType]
SOURCES = sorted((Path(__file__).parent / "second").glob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_it_imports_nothing_but_the_standard_library(path: Path) -> None:
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
    assert {name.partition(".")[0] for name in names} <= set(sys.stdlib_module_names)
    assert not {"importlib", "runpy", "subprocess"} & set(names)


@pytest.mark.of("varints")
def test_varints(case: Case, second: Second) -> None:
    container = second("container")
    source = container.Bytes(bytes.fromhex(case["bytes"]))
    if "error" in case:
        with pytest.raises(container.Refused):
            source.varint()
    else:
        assert (source.varint(), source.at) == (case["value"], len(source.data))


@pytest.mark.of("settings")
def test_settings(case: Case, second: Second) -> None:
    container = second("container")
    data = bytes.fromhex(case["bytes"])
    assert container.packed_size(case["radices"]) == len(data) or "error" in case
    if "error" in case:
        with pytest.raises(container.Refused):
            container.unpack(data, case["radices"])
    else:
        assert container.unpack(data, case["radices"]) == case["values"]


@pytest.mark.of("grids")
def test_grids(case: Case, second: Second) -> None:
    assert second("container").grid(case) == case["results"]


@pytest.mark.of("headers")
def test_headers(case: Case, second: Second) -> None:
    container = second("container")
    source = container.Bytes(bytes.fromhex(case["bytes"]))
    if "error" in case:
        with pytest.raises(container.Refused) as caught:
            container.read_head(source, case["max_pixels"])
        assert caught.value.kind == case["error"]
        return
    head = container.read_head(source, case["max_pixels"])
    found = {**vars(head), "digest": head.digest.hex(), "length": source.at}
    found["lock"] = None if head.lock is None else head.lock.decode()
    assert found == {key: case[key] for key in found}


@pytest.mark.of("containers")
def test_containers(case: Case, second: Second) -> None:
    container = second("container")
    data = bytes.fromhex(case["bytes"])
    count = case.get("count", len(case.get("sections", ())))
    if "error" in case:
        with pytest.raises(container.Refused) as caught:
            container.read_container(data, case["radices"], count)
        assert caught.value.kind == case["error"]
        return
    _, values, sections, check = container.read_container(data, case["radices"], count)
    assert values == case["values"]
    assert [section.hex() for section in sections] == case["sections"]
    assert check == case["check"]


@pytest.mark.of("checks")
def test_checks(case: Case, second: Second) -> None:
    container = second("container")
    if "symbols" in case:
        assert container.check_of(case["symbols"]) == case["check"]
        return
    data = bytes.fromhex(case["bytes"])
    assert container.crc32(data) & 255 == case["check"]
    if case["crc16"] is not None:
        assert container.crc16(data) == case["crc16"]


@pytest.mark.of("range", "mixed", "plane", "sequence")
def test_sessions(case: Case, second: Second) -> None:
    entropy = second("entropy")
    if case["coder"] != {"use": "range"}:
        pytest.skip("read by tests/coding, not by the small second reader")
    if any(each.get("primitive") not in (None, *entropy.PRIMITIVES) for each in case["passes"]):
        pytest.skip("its primitive is read by tests/coding/test_reference.py")
    data = bytes.fromhex(case["bytes"])
    tables = case.get("tables", {})
    if "error" in case:
        with pytest.raises(entropy.Malformed):
            entropy.decode(data, case["passes"], tables)
    else:
        found = entropy.decode(data, case["passes"], tables)
        assert found == [each["symbols"] for each in case["passes"]]


@pytest.mark.of("pixels")
def test_pixels(case: Case, second: Second) -> None:
    assert second("pixels").picture(case) == case["pixels"]


@pytest.mark.of("deblocking")
def test_deblocking(case: Case, second: Second) -> None:
    width, rows = case["width"], -(-case["height"] // case["block"])
    columns = -(-width // case["block"])
    plane = [case["samples"][i * width : (i + 1) * width] for i in range(case["height"])]
    steps = [case["steps"][i * columns : (i + 1) * columns] for i in range(rows)]
    made = second("pixels").deblock(plane, case["block"], steps)
    assert [sample for line in made for sample in line] == case["results"]


@pytest.mark.of("noise")
def test_noise(case: Case, second: Second) -> None:
    container = second("container")
    numbers = container.numbers(case["seed"], case["stream"], len(case["numbers"]))
    assert numbers == case["numbers"]
    assert [container.normal_of(number) for number in numbers] == case["normal"]
