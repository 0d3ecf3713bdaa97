"""Shared by all tests: the rehearsal plugin as an installed distribution, and a photograph."""

from __future__ import annotations

import os
import site
import subprocess
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from numpy.typing import NDArray

import semcodec
from semcodec.discovery import catalog

TESTS = Path(__file__).parent

# A law holds however busy the machine is; a commit is judged by the same examples every time.
hypothesis.settings.register_profile(
    "project",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("project")


@pytest.fixture(scope="session")
def rehearsal_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the rehearsal plugin and its metadata, as pip would leave it."""
    folder = tmp_path_factory.mktemp("site")
    package = TESTS / "rehearsals" / "plugin" / "semcodec_rehearsal"
    (folder / "semcodec_rehearsal").symlink_to(package)
    info = folder / "semcodec_rehearsal-0.1.0.dist-info"
    info.mkdir()
    metadata = "Metadata-Version: 2.1\nName: semcodec-rehearsal\nVersion: 0.1.0\n"
    (info / "METADATA").write_text(metadata)
    (info / "entry_points.txt").write_text("[semcodec]\nrehearsal = semcodec_rehearsal\n")
    return folder


@pytest.fixture
def rehearsals(rehearsal_site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Install the rehearsal plugin in this process, and in those it starts, for one test."""
    monkeypatch.syspath_prepend(str(rehearsal_site))
    known = os.environ.get("PYTHONPATH")
    search = os.pathsep.join([str(rehearsal_site), *filter(None, [known])])
    monkeypatch.setenv("PYTHONPATH", search)
    catalog.cache_clear()
    yield rehearsal_site
    catalog.cache_clear()


@pytest.fixture(scope="session")
def photograph() -> NDArray[np.uint8]:
    """The photograph that the repository carries, 300x451 RGB."""
    return semcodec.read_image(TESTS.parent / "docs" / "pictures" / "chelsea.png")


@pytest.fixture
def shell(tmp_path: Path) -> Callable[..., str]:
    """Run lines in a new environment that sees what is installed here, pip included."""
    pytest.importorskip("editables", reason="pip install -e '.[dev]'")
    home = tmp_path / "environment"
    venv.create(home)
    python = home / "bin" / "python"
    (purelib,) = home.glob("lib/python*/site-packages")
    # Added as a site's folder, so that editable installs in it are found as well.
    lines = [f"import site; site.addsitedir({folder!r})\n" for folder in site.getsitepackages()]
    (purelib / "outer.pth").write_text("".join(lines))
    work = tmp_path / "work"
    work.mkdir()
    # The checkout that these tests run against comes first, as it does here.
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(semcodec.__file__).parents[1]),
        "PIP_NO_INDEX": "1",
    }

    def run(*words: str) -> str:
        done = subprocess.run(
            [python, "-m", *words],
            cwd=work,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}{done.stderr}"
        return done.stdout

    run.folder = work  # type: ignore[attr-defined]
    return run
