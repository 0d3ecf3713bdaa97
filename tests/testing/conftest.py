from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from semcodec.discovery import catalog

FAULTY = Path(__file__).parent / "faulty"
SOUND = Path(__file__).parent / "sound"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Path]]:
    """Install a faulty plugin, or the sound one, as pip would, for one test; give its source."""
    before = set(sys.modules)
    real: dict[str, ModuleType] = {}
    standing: set[str] = set()

    def hide(package: str) -> None:
        """Let a module of the plugin's own stand for a package that may be loaded already."""
        for name in [n for n in sys.modules if n.partition(".")[0] == package]:
            real[name] = sys.modules.pop(name)

    def make(name: str) -> Path:
        folder = SOUND if name == "sound" else FAULTY / name
        source = folder if folder.is_dir() else FAULTY / f"{name}.py"
        site = tmp_path / "site"
        site.mkdir()
        (site / f"faulty_{source.name}").symlink_to(source)
        for extra in (folder / "site").glob("*.py"):
            (site / extra.name).symlink_to(extra)
            hide(extra.stem)
            standing.add(extra.stem)
        info = site / f"faulty_{name}-0.1.dist-info"
        info.mkdir()
        prefix = name.replace("_", "-")
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: faulty-{prefix}\nVersion: 0.1\n"
        )
        (info / "entry_points.txt").write_text(f"[semcodec]\n{prefix} = faulty_{name}\n")
        monkeypatch.syspath_prepend(str(site))
        monkeypatch.chdir(tmp_path)
        catalog.cache_clear()
        return source

    yield make
    catalog.cache_clear()
    for name in set(sys.modules) - (before - real.keys()):
        if name.partition(".")[0] in standing or name.startswith("faulty_"):
            del sys.modules[name]
    sys.modules.update(real)
