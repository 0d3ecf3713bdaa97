"""Machine code on disk: found only by what made it, never damaged, wherever it can be written."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from semcodec.coding import cache
from semcodec.coding.cache import Kept, Place, sources_of, writable_folder

KEPT = Kept("entry", ["tuple", ["array", "|u1", 1], "int"], b"\x7fELF\n\x00machine\ncode")
MODULE = "def double(x):\n    return 2 * x\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kept"))
    return tmp_path / "kept"


def function(module: Path) -> Callable[..., Any]:
    """Import a module anew, as another process would."""
    cache._sources.cache_clear()
    names: dict[str, Any] = {"__name__": "module"}
    exec(compile(module.read_text(), module, "exec"), names)
    made: Callable[..., Any] = names["double"]
    return made


def place(module: Path, signature: str = "int") -> Place:
    made = function(module)
    return Place.of(made, signature, sources_of(made))


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / "sources").mkdir()
    path = tmp_path / "sources" / "module.py"
    path.write_text(MODULE)
    return path


def test_what_was_written_is_read(folder: Path, module: Path) -> None:
    assert place(module).read() is None
    place(module).write(KEPT)
    assert place(module).read() == KEPT
    assert place(module, "<i4[1]").read() is None


def test_an_edit_of_any_source_beside_it_makes_another_version(folder: Path, module: Path) -> None:
    place(module).write(KEPT)
    module.with_name("called.py").write_text("def triple(x):\n    return 3 * x\n")
    assert place(module).read() is None
    module.with_name("called.py").unlink()
    assert place(module).read() == KEPT


def test_a_source_that_changes_while_the_process_runs_changes_nothing(
    folder: Path, module: Path
) -> None:
    loaded = function(module)
    version = sources_of(loaded)
    module.write_text(MODULE.replace("2", "4"))
    Place.of(loaded, "int", version).write(KEPT)
    assert place(module).read() is None


def test_an_old_version_is_removed_and_other_signatures_stay(folder: Path, module: Path) -> None:
    place(module).write(KEPT)
    place(module, "int,int").write(KEPT)
    module.write_text(MODULE.replace("2", "4"))
    place(module).write(KEPT)
    assert len(list(folder.iterdir())) == 2
    module.write_text(MODULE)
    assert place(module).read() is None
    assert place(module, "int,int").read() == KEPT


@pytest.mark.parametrize("at", [0, 40, -1])
def test_damaged_machine_code_is_not_run(folder: Path, module: Path, at: int) -> None:
    place(module).write(KEPT)
    [path] = folder.iterdir()
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    assert place(module).read() is None
    path.write_bytes(data[:20])
    assert place(module).read() is None
    path.write_bytes(b"")
    assert place(module).read() is None


def test_a_folder_that_cannot_be_made_is_no_error(
    tmp_path: Path, module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file" / "below"))
    assert writable_folder() is None
    place(module).write(KEPT)
    assert place(module).read() is None


def test_the_users_folder_serves_where_the_installation_is_not_writable(
    tmp_path: Path, module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    installed = tmp_path / "installed"
    installed.write_text("no folder, so that not even root writes below it")
    monkeypatch.setattr(cache, "_FOLDER", installed)
    assert writable_folder() == tmp_path / "home" / "semcodec"
    place(module).write(KEPT)
    assert place(module).read() == KEPT
    shutil.rmtree(tmp_path / "home")
    assert place(module).read() is None
