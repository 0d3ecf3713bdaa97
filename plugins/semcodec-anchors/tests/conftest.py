from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semcodec.contracts.context import Context
from semcodec.contracts.values import Blob, Image


@pytest.fixture
def context() -> Callable[[Any], Context]:
    """Make the context of a picture, given as an array or as a description."""

    def make(picture: Any) -> Context:
        shape = picture if isinstance(picture, Image) else Image.of(picture)
        return Context(image=shape, shape=shape, coded=Blob())

    return make


@pytest.fixture
def photo() -> Callable[..., Any]:
    """Make a smooth picture with some texture, so that quality matters."""

    def make(height: int, width: int, channels: int) -> Any:
        y, x, c = np.meshgrid(*map(np.arange, (height, width, channels)), indexing="ij")
        waves = 128 + 60 * np.sin(x / 5 + c) + 40 * np.cos(y / 7 - c) + 20 * np.sin(x * y / 30)
        return np.clip(waves, 0, 255).astype(np.uint8)

    return make


@pytest.fixture
def decoded_elsewhere() -> Callable[[Path], set[str]]:
    """Decode the files of a folder in a fresh process, each held against the array beside it."""

    def decode(folder: Path) -> set[str]:
        code = (
            "import pathlib, sys, numpy as np, semcodec\n"
            "for path in pathlib.Path(sys.argv[1]).glob('*.smc'):\n"
            "    found = semcodec.decode(path.read_bytes())\n"
            "    assert np.array_equal(found, np.load(path.with_suffix('.npy'))), path\n"
            "    print(path.stem)\n"
        )
        line = [sys.executable, "-W", "ignore", "-c", code, str(folder)]
        # The number of threads is the other process's own affair.
        env = {**os.environ, "OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"}
        made = subprocess.run(line, capture_output=True, text=True, check=False, env=env)
        assert made.returncode == 0, made.stderr
        return set(made.stdout.split())

    return decode
