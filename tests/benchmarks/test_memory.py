"""Peak memory of coding a large picture, each way in a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import semcodec

pytestmark = pytest.mark.benchmark

LARGE = (8334, 12000)
"""100 megapixels, coded where SEMCODEC_LARGE is set: it takes minutes."""
SMALL = (2048, 3072)
MOST = 4 * 2**30
"""Bytes that 100 megapixels may take, everything included."""
MOST_A_PIXEL = 40
"""Bytes a pixel that a smaller picture may take beyond a tile's; 100 megapixels of it leave 290 MB
for interpreter, libraries and machine code."""
STRIP = 64


def strips(height: int, width: int) -> Iterator[NDArray[np.uint8]]:
    """Make waves with a fine texture, 64 rows at a time, so that the maker's own peak is small."""
    generator = np.random.default_rng(7)
    x = np.arange(width, dtype=np.float32)
    for top in range(0, height, STRIP):
        y = np.arange(top, min(top + STRIP, height), dtype=np.float32)[:, None]
        smooth = 128 + 50 * np.sin(x / 173 + y / 311) + 40 * np.sin(y / 97 - x / 1201)
        texture = generator.integers(-9, 10, smooth.shape, dtype=np.int8)
        level = smooth + texture
        yield np.stack([level, 255 - level, smooth], axis=-1).clip(0, 255).astype(np.uint8)


def peak() -> int:
    """Most memory that this process has held, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # Linux lets a process inherit the getrusage figure of the one that started it.
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) * 1024
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def code(side: str, height: int, width: int, file: Path) -> dict[str, object]:
    """Encode to a file or decode it; run in a process of its own, see ``measured``."""
    shares: list[float] = []

    def told(share: float, what: str) -> None:
        shares.append(share)

    codec = semcodec.load("flat-dct")
    tile = next(strips(STRIP, STRIP))
    codec.decode(codec.encode(tile))
    before = peak()
    if side == "encode":
        picture = np.empty((height, width, 3), dtype=np.uint8)
        for number, strip in enumerate(strips(height, width)):
            picture[number * STRIP : number * STRIP + len(strip)] = strip
        file.write_bytes(codec.encode(picture, progress=told))
        worst = 0
    else:
        picture = codec.decode(file.read_bytes(), progress=told)
        ends = zip(strips(height, width), range(0, height, STRIP), strict=True)
        worst = max(
            int(np.abs(strip - picture[top : top + len(strip)].astype(np.int16)).max())
            for strip, top in ends
        )
    return {"before": before, "peak": peak(), "shares": shares, "worst": worst}


@pytest.fixture(scope="module")
def shape() -> tuple[int, int]:
    pytest.importorskip("resource", reason="peak memory is not known on this system")
    return LARGE if os.environ.get("SEMCODEC_LARGE") else SMALL


@pytest.fixture(scope="module")
def measured(
    shape: tuple[int, int], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, object]]:
    file = tmp_path_factory.mktemp("large") / "large.smc"
    found: dict[str, dict[str, object]] = {}
    for side in ("encode", "decode"):
        command = [sys.executable, __file__, side, *map(str, shape), str(file)]
        result = subprocess.run(command, capture_output=True, check=True)
        found[side] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize("side", ["encode", "decode"])
def test_100_megapixels_fit_in_4_gib(
    side: str, shape: tuple[int, int], measured: dict[str, dict[str, int]]
) -> None:
    before, most = measured[side]["before"], measured[side]["peak"]
    pixels = shape[0] * shape[1]
    more = (most - before) / pixels
    print(f"\n{side} of {shape[1]}x{shape[0]}: {most / 2**20:.0f} MiB, {more:.1f} bytes a pixel")
    assert most < MOST
    assert more < MOST_A_PIXEL


def test_what_was_measured_is_the_picture(measured: dict[str, dict[str, int]]) -> None:
    assert 0 < measured["decode"]["worst"] < 64


@pytest.mark.parametrize("side", ["encode", "decode"])
def test_progress_is_told(side: str, measured: dict[str, dict[str, list[float]]]) -> None:
    shares = measured[side]["shares"]
    assert len(shares) > 10
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    made = code(arguments[0], int(arguments[1]), int(arguments[2]), Path(arguments[3]))
    print(json.dumps(made))
