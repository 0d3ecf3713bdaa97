"""The modules of the script, which stand beside it and not in a package."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def evaluation(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the script, from which its modules can be imported during one test."""
    folder = Path(__file__).parent
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture
def split(evaluation: Path) -> ModuleType:
    return importlib.import_module("_split")


@pytest.fixture
def bd(evaluation: Path) -> ModuleType:
    return importlib.import_module("_bd")
