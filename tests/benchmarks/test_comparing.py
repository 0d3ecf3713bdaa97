"""What the harness adds to the work of codecs and metrics, and what a second worker is worth."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from PIL import Image

import semcodec
from semcodec.image import read_image

ROOT = Path(semcodec.__file__).parents[1]
FEW, MANY = 2, 10
LOOP = textwrap.dedent("""
    import sys
    from semcodec import load, read_image
    from semcodec.components.metrics import Psnr
    from semcodec.engine.memo import Memo
    picture, rates = read_image(sys.argv[1]), sys.argv[2].split(",")
    codec, other = load("flat-dct"), load("flat-dct")
    memo = Memo(search=True)
    from semcodec.compare.model import Rate
    from semcodec.compare.search import find, setting_value
    sizes = {}
    def size(index):
        if index not in sizes:
            settings = setting_value(codec, index)
            sizes[index] = len(codec.encode(picture, settings=settings, memo=memo))
        return sizes[index]
    for rate in map(float, rates):
        most = rate * picture.shape[0] * picture.shape[1] / 8
        index = find(codec, Rate(kind="target_bpp", value=rate), most, size).index
        data = codec.encode(picture, settings=setting_value(codec, index))
        Psnr().compute(picture, other.decode(data))
""")


def processor_seconds(*command: str) -> float:
    """User and system time of a command and all that it starts: other work does not count."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, *command],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        check=True,
        capture_output=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def rates(count: int) -> str:
    return ",".join(f"{0.2 + 0.1 * n:.1f}" for n in range(count))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    cat = Image.fromarray(read_image(ROOT / "docs" / "pictures" / "chelsea.png"))
    (tmp_path / "photos").mkdir()
    cat.resize((768, 512)).save(tmp_path / "photos" / "cat.png")
    return tmp_path / "photos" / "cat.png"


@pytest.mark.benchmark
def test_the_harness_adds_at_most_3_percent(photo: Path, tmp_path: Path) -> None:
    """Per row: files, hashes, processes. The starts of processes cancel out."""

    def compare(count: int) -> float:
        command = ["-m", "semcodec", "compare", "flat-dct", "--data", str(photo.parent)]
        return processor_seconds(
            *command, "--target-bpp", rates(count), "-o", f"{tmp_path}/{count}", "--no-page"
        )

    def loop(count: int) -> float:
        return processor_seconds("-c", LOOP, str(photo), rates(count))

    compare(1)  # compiled code reaches the disk
    harness = compare(MANY) - compare(FEW)
    bare = loop(MANY) - loop(FEW)
    share = (harness - bare) / harness
    print(f"harness: {share:.1%} of {harness / (MANY - FEW):.3f} s a row")
    assert share <= 0.03


@pytest.mark.benchmark
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="needs two processors")
def test_two_workers_are_worth_at_least_1_7(photo: Path, tmp_path: Path) -> None:
    for name in "bcdefghijklmnop":
        (photo.parent / f"{name}.png").write_bytes(photo.read_bytes())
    times = []
    for workers in (1, 2):
        command = ["-m", "semcodec", "compare", "flat-dct", "--data", str(photo.parent)]
        began = time.monotonic()
        options = ["--target-bpp", rates(4), "--workers", str(workers), "--no-page"]
        processor_seconds(*command, *options, "-o", f"{tmp_path}/{workers}")
        times.append(time.monotonic() - began)
    print(f"two workers: {times[0] / times[1]:.2f} times one ({times[0]:.1f} s, {times[1]:.1f} s)")
    assert times[0] / times[1] >= 1.7
