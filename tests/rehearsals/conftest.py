"""The rehearsal plugin, installed as a third party's distribution; pictures; fresh processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray


@pytest.fixture(autouse=True)
def _installed(rehearsals: Path) -> None:
    """Every test here has the plugin."""


@pytest.fixture(scope="session")
def picture(photograph: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A part of it, of odd size, small enough to be quick."""
    return np.ascontiguousarray(photograph[40:241, 90:299])


@pytest.fixture(scope="session")
def labels(picture: NDArray[np.uint8]) -> NDArray[np.int32]:
    """A label map of five objects over the photograph."""
    height, width = picture.shape[:2]
    rows, columns = np.mgrid[:height, :width]
    made = (2 * (rows * 2 // height) + columns * 2 // width).astype(np.int32)
    made[(rows - height // 2) ** 2 + (columns - width // 2) ** 2 < 30**2] = 4
    return made


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[..., list[NDArray[np.uint8]]]:
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
        subprocess.run(
            [sys.executable, "-c", code, *paths],
            env={**os.environ, **environment},
            check=True,
        )
        return [np.load(f"{path}.npy") for path in paths]

    return run
