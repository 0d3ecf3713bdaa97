"""Machine code older than a source is dropped: a checkout that moved must not go on with it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from semcodec.coding import cache

VERSION = f"py{sys.version_info.major}{sys.version_info.minor}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of sources, all from the same second."""
    monkeypatch.setattr(cache, "_FOLDER", tmp_path)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.delenv("NUMBA_DISABLE_JIT", raising=False)
    (tmp_path / "__pycache__").mkdir()
    for name in ("one.py", "two.py"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1000, 1000))
    return tmp_path


def kernel(folder: Path, stamp: int, version: str = VERSION) -> Path:
    path = folder / "__pycache__" / f"one.kernel-3.{version}.nbi"
    path.touch()
    os.utime(path, (stamp, stamp))
    return path


def test_newer_machine_code_stays(folder: Path) -> None:
    path = kernel(folder, 2000)
    assert cache.is_warm()
    assert path.exists()


def test_an_edit_of_any_source_drops_all(folder: Path) -> None:
    path = kernel(folder, 2000)
    os.utime(folder / "two.py", (3000, 3000))
    assert not cache.is_warm()
    assert not path.exists()


def test_that_of_another_python_does_not_count(folder: Path) -> None:
    assert not cache.is_warm()
    kernel(folder, 2000, "py27")
    assert not cache.is_warm()


def test_numba_may_keep_it_elsewhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder))
    assert cache.is_warm()


def test_a_folder_that_is_gone_is_no_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_FOLDER", folder / "gone")
    cache.forget_stale()
