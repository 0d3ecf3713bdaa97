"""Pictures, and the rehearsal plugin as a third party's distribution on the path."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from semcodec.discovery import catalog
from semcodec.engine import identity

TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def site(rehearsal_site: Path) -> Path:
    """The folder with the rehearsal plugin."""
    return rehearsal_site


def forget_codecs() -> None:
    catalog.cache_clear()
    for known in (identity._embedded, identity._registered, identity._detached):
        known.cache_clear()


@pytest.fixture(autouse=True)
def fresh_catalog() -> Iterator[None]:
    """No component registered by one test is seen by another."""
    forget_codecs()
    yield
    forget_codecs()


@pytest.fixture
def rehearsal(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install the rehearsal plugin for one test."""
    monkeypatch.syspath_prepend(str(site))
    catalog.cache_clear()


@pytest.fixture
def uninstall(site: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Take the rehearsal plugin away again, in the midst of a test."""
    import sys

    def remove() -> None:
        monkeypatch.setattr(sys, "path", [p for p in sys.path if p != str(site)])
        forget_codecs()

    return remove


@pytest.fixture(scope="session")
def chelsea(photograph: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A real photograph, 300 by 451, that no test can change."""
    picture = photograph.copy()
    picture.setflags(write=False)
    return picture


@pytest.fixture(scope="session")
def photo(chelsea: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A part of it of odd size, 67 by 93."""
    part = np.ascontiguousarray(chelsea[80:147, 130:223])
    part.setflags(write=False)
    return part


@pytest.fixture
def spec() -> Callable[..., dict[str, Any]]:
    """Build a spec of one stream around a part that a test is about."""

    def build(**parts: Any) -> dict[str, Any]:
        made: dict[str, Any] = {
            "semcodec": 1,
            "transform": {"use": "dct"},
            "quantizer": {"use": "uniform", "step": 16},
            "model": {"use": "dct-context"},
            "coder": {"use": "range"},
            **parts,
        }
        return {key: value for key, value in made.items() if value is not None}

    return build
