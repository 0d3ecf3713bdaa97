"""Installs the rehearsal plugin as a third party's distribution: real metadata on the path."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import semcodec
from semcodec.discovery import catalog

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks as pip would leave it."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "semcodec_rehearsal").symlink_to(HERE / "plugin" / "semcodec_rehearsal")
    info = folder / "semcodec_rehearsal-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: semcodec-rehearsal\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[semcodec]\nrehearsal = semcodec_rehearsal\n")
    return folder


@pytest.fixture(autouse=True)
def installed(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(site))
    catalog.cache_clear()
    yield
    catalog.cache_clear()


@pytest.fixture(scope="session")
def picture() -> NDArray[np.uint8]:
    """A real photograph of odd size, small enough to be quick."""
    path = HERE.parent.parent / "docs" / "pictures" / "chelsea.png"
    return np.ascontiguousarray(semcodec.read_image(path)[40:241, 90:299])


@pytest.fixture(scope="session")
def labels(picture: NDArray[np.uint8]) -> NDArray[np.int32]:
    """A label map of five objects over the photograph."""
    height, width = picture.shape[:2]
    rows, columns = np.mgrid[:height, :width]
    made = (2 * (rows * 2 // height) + columns * 2 // width).astype(np.int32)
    made[(rows - height // 2) ** 2 + (columns - width // 2) ** 2 < 30**2] = 4
    return made


@pytest.fixture
def fresh(site: Path, tmp_path: Path) -> Callable[..., list[NDArray[np.uint8]]]:
    """Decode files in a new process and give the pictures."""

    def run(*files: bytes, **environment: str) -> list[NDArray[np.uint8]]:
        paths = []
        for index, data in enumerate(files):
            path = tmp_path / f"{index}.smc"
            path.write_bytes(data)
            paths.append(str(path))
        code = (
            "import sys, numpy, semcodec\n"
            "for path in sys.argv[1:]:\n"
            "    numpy.save(path + '.npy', semcodec.decode(open(path, 'rb').read()))\n"
        )
        search = os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])
        subprocess.run(
            [sys.executable, "-c", code, *paths],
            env={**os.environ, "PYTHONPATH": search, **environment},
            check=True,
        )
        return [np.load(f"{path}.npy") for path in paths]

    return run
