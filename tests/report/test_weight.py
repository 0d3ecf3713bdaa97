"""What the page of a run of Kodak's size weighs, and how long it takes to write and to open."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from semcodec.image import write_bytes
from semcodec.image.png import quick_png
from semcodec.report import write_report

PICTURES, WIDTH, HEIGHT = 24, 768, 512
CODECS, QUALITIES = ("one", "two", "three", "four", "five"), (12, 30, 55, 80)


def photograph(seed: int) -> Image.Image:
    """Shapes with edges, a spectrum that falls as that of photographs does, and grain.

    As WebP of quality 92 it takes 1.5 to 2 bits a pixel, about the mean of Kodak's.
    """
    noise = np.random.default_rng(seed)
    y, x = np.meshgrid(np.fft.fftfreq(HEIGHT), np.fft.rfftfreq(WIDTH), indexing="ij")
    fall = 1 / np.maximum(np.hypot(y, x), 1 / WIDTH) ** 1.4
    phase = np.exp(2j * np.pi * noise.random(fall.shape))
    texture = np.fft.irfft2(fall * phase, (HEIGHT, WIDTH))
    picture = np.repeat(128 + 34 * (texture / texture.std())[..., None], 3, axis=2)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    for _ in range(12):
        centre, radius = noise.random(2) * (HEIGHT, WIDTH), 20 + 90 * noise.random()
        inside = np.hypot(rows - centre[0], columns - centre[1]) < radius
        picture[inside] = 0.6 * picture[inside] + noise.random(3) * 100
    picture += noise.normal(0, 2.5, picture.shape)
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 24 pictures by 5 codecs at 4 rates; what was decoded are JPEG files indeed."""
    made = tmp_path_factory.mktemp("run")
    lines = []
    for number in range(PICTURES):
        original, name = photograph(number), f"p{number:02}"
        keep(made / "originals" / f"{name}.png", original)
        for place, codec in enumerate(CODECS):
            for quality in QUALITIES:
                coded = io.BytesIO()
                original.save(coded, "JPEG", quality=quality - 2 * place, subsampling=place % 3)
                decoded = Image.open(coded)
                path = f"decoded/{codec}/{name}/{quality}.png"
                keep(made / path, decoded)
                size = len(coded.getvalue())
                error = np.square(np.asarray(original, float) - np.asarray(decoded)).mean()
                psnr = 10 * np.log10(255**2 / error)
                lines.append(
                    {
                        "cell": codec,
                        "image": name,
                        "rate": {"setting": {"quality": quality}},
                        "status": "ok",
                        "bytes": size,
                        "bpp": 8 * size / (WIDTH * HEIGHT),
                        "sections": {"header": 600, "image": size - 600},
                        "metrics": {
                            metric: {"value": psnr, "unit": "dB", "higher_is_better": True}
                            for metric in ("psnr", "psnr-y", "psnr-u")
                        },
                        "decoded": path,
                    }
                )
    (made / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return made


def keep(path: Path, picture: Image.Image) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(quick_png(np.asarray(picture)), path)


@pytest.mark.benchmark
def test_a_page_of_kodaks_size_is_light_and_soon_written(folder: Path) -> None:
    """In processor time, which other work does not add to; threads share it."""
    began, worked = time.monotonic(), time.process_time()
    page = write_report(folder)
    seconds, work = time.monotonic() - began, time.process_time() - worked
    size = page.stat().st_size
    print(f"page: {size / 1e6:.1f} MB, written in {seconds:.1f} s, {work:.1f} s of processor time")
    assert size < 25_000_000
    assert work < 20


@pytest.mark.benchmark
def test_a_page_of_kodaks_size_opens_in_2_seconds(folder: Path, chromium: Any) -> None:
    """Until its script has drawn the curves and the two pictures."""
    page = write_report(folder)
    seconds = min(chromium.open(page) for _ in range(3))
    print(f"page: opens in {seconds:.2f} s")
    assert seconds < 2
