"""The vectors as they are committed, and the second implementation that reads them."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HERE = Path(__file__).parent
VECTORS = HERE.parents[1] / "docs" / "vectors"


@pytest.fixture(scope="session")
def vectors() -> Callable[[str], dict[str, Any]]:
    """Read one file of vectors."""

    def read(name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
        return found

    return read


@pytest.fixture(scope="session")
def second() -> Callable[[str], ModuleType]:
    """Load a module of the second implementation by its file: it is no package of anybody's."""
    known: dict[str, ModuleType] = {}

    def load(name: str) -> ModuleType:
        if name not in known:
            path = HERE / "second" / f"{name}.py"
            spec = importlib.util.spec_from_file_location(f"second_{name}", path)
            assert spec is not None
            assert spec.loader is not None
            known[name] = importlib.util.module_from_spec(spec)
            sys.modules[spec.name] = known[name]  # data classes look their module up
            spec.loader.exec_module(known[name])
        return known[name]

    return load


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every test that takes ``case`` each case of the files that its ``of`` mark names."""
    mark = metafunc.definition.get_closest_marker("of")
    if mark is None or "case" not in metafunc.fixturenames:
        return
    cases, ids = [], []
    for name in mark.args:
        file = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
        shared = {key: value for key, value in file.items() if key != "cases"}
        for number, case in enumerate(file["cases"]):
            cases.append({**shared, **case})
            ids.append(f"{name}-{number}")
    metafunc.parametrize("case", cases, ids=ids)
