"""The vectors through this package's own decoder."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from semcodec.coding.deblock import deblock
from semcodec.coding.tables import gaussian_tables, laplace_tables
from semcodec.components.coders import Range, Rans, Raw, Zstd
from semcodec.components.dct import Dct
from semcodec.contracts.coding import AdaptivePass, Tables
from semcodec.contracts.context import Context
from semcodec.contracts.noise import normal, uniform
from semcodec.contracts.values import Image, Latent, Symbols
from semcodec.errors import ContainerError, IntegrityError, LimitError
from semcodec.graph.grid import Grid
from semcodec.wire import (
    check_byte,
    from_file,
    pack,
    read_body,
    read_header,
    read_varint,
    to_file,
    unpack,
)

Case = dict[str, Any]
ERRORS = {"malformed": ContainerError, "limit": LimitError, "integrity": IntegrityError}
CODERS: dict[str, Any] = {"range": Range, "rans": Rans, "raw": Raw, "zstd": Zstd}


@pytest.mark.of("varints")
def test_varints(case: Case) -> None:
    data = bytes.fromhex(case["bytes"])
    if "error" in case:
        with pytest.raises(ERRORS[case["error"]]):
            read_varint(data, 0)
    else:
        assert read_varint(data, 0) == (case["value"], len(data))


@pytest.mark.of("settings")
def test_settings(case: Case) -> None:
    data = bytes.fromhex(case["bytes"])
    if "error" in case:
        with pytest.raises(ERRORS[case["error"]]):
            unpack(data, case["radices"])
    else:
        assert list(unpack(data, case["radices"])) == case["values"]
        assert pack(case["values"], case["radices"]) == data


@pytest.mark.of("grids")
def test_grids(case: Case) -> None:
    assert list(Grid.of(case, whole=case["whole"]).values) == case["results"]


@pytest.mark.of("headers")
def test_headers(case: Case) -> None:
    data = bytes.fromhex(case["bytes"])
    if "error" in case:
        with pytest.raises(ERRORS[case["error"]]):
            read_header(data, max_pixels=case["max_pixels"])
        return
    header, length = read_header(data, max_pixels=case["max_pixels"])
    assert length == case["length"]
    assert (header.width, header.height) == (case["width"], case["height"])
    assert (header.channels, header.depth) == (case["channels"], case["depth"])
    assert (header.code, header.digest.hex()) == (case["code"], case["digest"])
    assert header.lock == (None if case["lock"] is None else case["lock"].encode())
    assert header.check == case["check"]


@pytest.mark.of("containers")
def test_containers(case: Case) -> None:
    data = bytes.fromhex(case["bytes"])

    def read() -> Any:
        wire = from_file(data)
        header, offset = read_header(wire)
        count = case.get("count", len(case.get("sections", ())))
        return read_body(wire, offset, radices=case["radices"], sections=count, check=header.check)

    if "error" in case:
        with pytest.raises(ERRORS[case["error"]]):
            read()
        return
    body = read()
    assert list(body.values) == case["values"]
    assert [section.hex() for section in body.sections] == case["sections"]
    assert body.check == case["check"]


@pytest.mark.of("checks")
def test_checks(case: Case) -> None:
    if "symbols" in case:
        assert check_byte(np.array(case["symbols"], dtype="<i4").tobytes()) == case["check"]
        return
    data = bytes.fromhex(case["bytes"])
    assert check_byte(data) == case["check"]
    if case["crc16"] is not None:
        assert to_file(data)[-2:] == case["crc16"].to_bytes(2, "big")


def tables_of(entry: Case) -> Tables:
    return Tables(*(np.array(entry[key]) for key in ("cdf", "lengths", "offsets")))


def decode(case: Case) -> list[list[int]]:
    """Run the passes of a case through its coder."""
    parameters = {key: value for key, value in case["coder"].items() if key != "use"}
    session = CODERS[case["coder"]["use"]](**parameters).decoder(bytes.fromhex(case["bytes"]))
    found = []
    for each in case["passes"]:
        if "tables" in each:
            indexes = np.array(each["indexes"], dtype=np.int32)
            values = session.code(indexes, tables_of(case["tables"][each["tables"]]))
        else:
            mask = each["mask"]
            symbols = Symbols(
                tuple(each["shape"]),
                tuple(map(tuple, each["grid"])),
                low=each["low"],
                high=each["high"],
                end=each["end"],
                mask=mask and np.array([bit == "1" for bit in mask]).reshape(each["shape"]),
            )
            adaptive = AdaptivePass(primitive=each["primitive"], params=tuple(each["params"]))
            values = session.adapt(symbols, adaptive)
        found.append([int(value) for value in values.ravel()])
    session.finish()
    return found


@pytest.mark.of("range", "rans", "plain", "mixed", "plane", "dct", "sequence", "labels")
def test_sessions(case: Case) -> None:
    if "error" in case:
        with pytest.raises(ERRORS[case["error"]]):
            decode(case)
    else:
        assert decode(case) == [each["symbols"] for each in case["passes"]]


@pytest.mark.of("rans-long")
def test_long_sessions(case: Case) -> None:
    session = Rans(lanes=case["coder"]["lanes"]).decoder(bytes.fromhex(case["bytes"]))
    indexes = np.full(case["count"], case["index"], dtype=np.int32)
    values = session.code(indexes, tables_of(case["tables"][case["table"]]))
    session.finish()
    found = [[int(place), int(values[place])] for place in np.flatnonzero(values)]
    assert found == case["others"]


@pytest.mark.of("scales")
def test_scales(case: Case) -> None:
    tables = {"gaussian": gaussian_tables, "laplace": laplace_tables}[case["law"]]()
    length = int(tables.lengths[case["index"]])
    assert tables.cdf[case["index"], : length + 1].tolist() == case["cdf"]
    assert tables.offsets[case["index"]] == case["offset"]


@pytest.mark.of("pixels")
def test_pixels(case: Case) -> None:
    image = Image(case["height"], case["width"], case["channels"], 8)
    dct = Dct(
        block=case["block"],
        chroma=case["chroma"],
        chroma_gain=case["chroma_gain"],
        deblock=case["deblock"],
    )
    layout = dct.layout(image, {}, Context(image=image, shape=image, coded=image))
    assert isinstance(layout, Latent)
    rows, columns = layout.grid[0]
    gains = np.where(np.arange(layout.shape[0]) < rows * columns, 1, case["chroma_gain"])
    fixed = np.array(case["coefficients"]).reshape(layout.shape)
    steps = np.array(case["steps"])[:, None, None] / 16 if case["deblock"] else None
    context = Context(
        image=image,
        shape=image,
        coded=layout,
        steps=None if steps is None else steps.astype(np.float32),
    )
    value = (fixed * gains[:, None, None] / 16).astype(np.float32)
    assert dct.inverse(value, {}, context).ravel().tolist() == case["pixels"]


@pytest.mark.of("deblocking")
def test_deblocking(case: Case) -> None:
    size = case["height"], case["width"]
    samples = np.array(case["samples"], dtype=np.int16).reshape(size)
    grid = tuple(-(-side // case["block"]) for side in size)
    deblock(samples, case["block"], np.array(case["steps"], dtype=np.int32).reshape(grid), 4080)
    assert samples.ravel().tolist() == case["results"]


@pytest.mark.of("noise")
def test_noise(case: Case) -> None:
    shape = (len(case["numbers"]),)
    numbers = uniform(case["seed"], shape, case["stream"]).astype(np.float64) * 65536
    assert numbers.tolist() == case["numbers"]
    made = normal(case["seed"], shape, case["stream"]).astype(np.float64) * 4096
    assert made.tolist() == case["normal"]
