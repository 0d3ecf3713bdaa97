"""Seams beside liblqr, in ImageMagick, and beside the package seam-carving, in one run.

On one thread each. What starting ImageMagick and reading and writing the picture takes is measured
without carving and taken off.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.skipif(
        importlib.util.find_spec("semcodec_seam") is None, reason="pip install semcodec-seam"
    ),
]

ROUNDS = 5
CASES = {"768x512": (384, 512), "1024x1024": (717, 717)}
"""Sizes of the picture, and width and height after."""
ONE = {**os.environ, "OMP_NUM_THREADS": "1", "MAGICK_THREAD_LIMIT": "1"}


def convert() -> str:
    """ImageMagick with liblqr, or skip."""
    for name in ("/usr/bin/convert", "magick", "convert"):
        found = shutil.which(name)
        if found is None:
            continue
        said = subprocess.run([found, "-version"], capture_output=True, text=True, check=False)
        if " lqr " in said.stdout:
            return found
    pytest.skip("ImageMagick with liblqr is not installed: apt-get install imagemagick")


@pytest.fixture(params=list(CASES))
def case(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, tuple[int, int]]:
    width, height = map(int, request.param.split("x"))
    source = Path(__file__).parents[2] / "docs" / "pictures" / "chelsea.png"
    path = tmp_path / "photo.ppm"
    with Image.open(source) as image:
        image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS).save(path)
    return path, CASES[request.param]


def least(*calls: Callable[[], object]) -> list[float]:
    """Seconds of each call, the least of some rounds in turns."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(ROUNDS + 1):
        for call, taken in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            taken.append(time.perf_counter() - start)
    return [min(each[1:]) for each in times]


def magick(program: str, path: Path, *words: str) -> Callable[[], object]:
    out = path.with_name("out.ppm")
    return lambda: subprocess.run([program, path, *words, out], env=ONE, check=True)


def ours(path: Path, size: tuple[int, int], **given: Any) -> tuple[Callable[[], Any], Any]:
    """Carve what is already read, with its energy; and a carver that computes that too."""
    from semcodec_seam import SeamCarver

    import semcodec

    carver, picture = SeamCarver(**given), semcodec.read_image(path)
    scene = carver.scene(picture)
    wanted = size[::-1]
    return lambda: carver.resized(scene, wanted), lambda: carver.carved(picture, wanted)


def test_static_and_live_energy_beside_liblqr(case: tuple[Path, tuple[int, int]]) -> None:
    program, (path, size) = convert(), case
    static, whole = ours(path, size)
    live = ours(path, size, refresh=1)[1]
    forward = ours(path, size, forward=1.0)[1]
    carved, read, *taken = least(
        magick(program, path, "-liquid-rescale", f"{size[0]}x{size[1]}!"),
        magick(program, path),
        static,
        whole,
        live,
        forward,
    )
    peer = carved - read
    names = ("static", "static with its energy", "live gradient", "forward")
    print(f"\n{path.name} to {size[0]}x{size[1]}: liblqr {1e3 * peer:.0f} ms")
    for name, seconds in zip(names, taken, strict=True):
        print(f"  {name}: {1e3 * seconds:.0f} ms, liblqr takes {peer / seconds:.1f} times as long")
    assert peer >= 6 * taken[0]
    assert peer >= taken[2]


def test_a_whole_process_beside_imagemagick(case: tuple[Path, tuple[int, int]]) -> None:
    program, (path, size) = convert(), case
    out = path.with_name("made.png")
    words = [sys.executable, "-c", CARVE, str(path), str(out), *map(str, size)]
    carved, taken = least(
        magick(program, path, "-liquid-rescale", f"{size[0]}x{size[1]}!"),
        lambda: subprocess.run(words, env=ONE, check=True),
    )
    print(f"\n{size[0]}x{size[1]}: a process {taken:.2f} s, ImageMagick {carved:.2f} s")
    assert taken <= 2 * carved


CARVE = """
import sys
from semcodec_seam import SeamCarver
from semcodec import write_image
source, target, width, height = sys.argv[1:]
write_image(SeamCarver().resize(source, int(height), int(width)), target)
"""


def test_static_energy_beside_the_package_seam_carving(case: tuple[Path, tuple[int, int]]) -> None:
    package = pytest.importorskip("seam_carving", reason="pip install seam-carving")
    path, size = case
    static, _ = ours(path, size)
    picture = np.asarray(Image.open(path))
    start = time.perf_counter()
    package.resize(picture[:40, :40], (36, 38))  # it compiles at its first call
    package.resize(picture, size, energy_mode="backward")
    first = time.perf_counter() - start
    start = time.perf_counter()
    package.resize(picture, size, energy_mode="backward")
    theirs = min(first, time.perf_counter() - start)
    (taken,) = least(static)
    print(f"\n{size[0]}x{size[1]}: {1e3 * taken:.0f} ms, seam-carving {1e3 * theirs:.0f} ms")
    assert theirs >= 40 * taken


LARGE = """
import resource, time
import numpy as np
from semcodec_seam import SeamCarver
picture = np.empty((4000, 6000, 3), np.uint8)
x = np.arange(6000, dtype=np.float32)
rng = np.random.default_rng(1)
for y, row in enumerate(picture):
    for c, (a, b) in enumerate(((31, 47), (53, 29), (71, 37))):
        shades = 120 + 60 * np.sin(x / a + y / b) + 30 * np.sin(x * y / 9e5)
        row[:, c] = np.clip(shades + rng.integers(-9, 10, 6000), 0, 255)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
made = SeamCarver().resize(picture, target_width=4200)
seconds = time.perf_counter() - start
assert made.shape == (4000, 4200, 3)
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, before / 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is counted otherwise")
def test_24_megapixels_to_70_percent_of_the_width() -> None:
    run = subprocess.run(
        [sys.executable, "-c", LARGE], env=ONE, check=True, capture_output=True, text=True
    )
    seconds, peak, before = map(float, run.stdout.split())
    print(f"\n24 megapixels: {seconds:.1f} s, {peak:.0f} MiB ({before:.0f} before it carved)")
    assert seconds <= 150
    assert peak <= 2048
