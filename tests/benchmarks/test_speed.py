"""Time of the DCT codec against that of Pillow's AVIF, taken in turns in one process."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import semcodec

pytestmark = pytest.mark.benchmark

ROUNDS = 15


def measure() -> dict[str, list[float]]:
    """Time all calls in turns; run in a process of its own, see ``least``."""
    path = Path(__file__).parents[2] / "docs" / "pictures" / "chelsea.png"
    with Image.open(path) as image:
        large = image.convert("RGB").resize((768, 512), Image.Resampling.LANCZOS)
    picture = np.asarray(large)
    codec = semcodec.load("flat-dct")
    data = codec.encode(picture)

    def avif() -> bytes:
        buffer = io.BytesIO()
        large.save(buffer, "AVIF")
        return buffer.getvalue()

    file = avif()
    calls: dict[str, Callable[[], object]] = {
        "flat-dct encode": lambda: codec.encode(picture),
        "flat-dct decode": lambda: codec.decode(data),
        "AVIF encode": avif,
        "AVIF decode": lambda: Image.open(io.BytesIO(file)).load(),
    }
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            taken[name].append(time.perf_counter() - start)
    return taken


@pytest.fixture(scope="module")
def least() -> dict[str, float]:
    """Least seconds of each call: what else runs on the machine only ever adds.

    Linear algebra has one thread, since with two a busy machine doubles some times; AVIF keeps the
    threads that Pillow gives it.
    """
    one = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}
    result = subprocess.run(
        [sys.executable, __file__], env={**os.environ, **one}, capture_output=True, check=True
    )
    taken: dict[str, list[float]] = json.loads(result.stdout)
    print()
    for name, times in taken.items():
        print(f"{name} of 768x512: {1e3 * min(times):.1f} ms, median {1e3 * np.median(times):.1f}")
    return {name: min(times) for name, times in taken.items()}


def test_encoding_is_no_slower_than_avif_as_pillow_writes_it(least: dict[str, float]) -> None:
    assert least["flat-dct encode"] <= least["AVIF encode"]


def test_decoding_is_no_slower_than_encoding(least: dict[str, float]) -> None:
    assert least["flat-dct decode"] <= least["flat-dct encode"]


if __name__ == "__main__":
    print(json.dumps(measure()))
