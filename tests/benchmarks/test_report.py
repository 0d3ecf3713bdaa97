"""What the page of a run of Kodak's size weighs, and how long it takes to write and to open."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec.image import write_bytes
from semcodec.image.png import quick_png
from semcodec.report import write_report

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
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
def test_a_page_of_kodaks_size_is_written_in_20_seconds(folder: Path) -> None:
    began = time.monotonic()
    page = write_report(folder)
    seconds = time.monotonic() - began
    print(f"page: {page.stat().st_size / 1e6:.1f} MB, written in {seconds:.1f} s")
    assert page.stat().st_size < 25_000_000
    assert seconds < 20


def browse(address: str, home: Path) -> tuple[float, str]:
    """Open a page in a browser that is started for it; give the seconds and what stands there."""
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000")
    began = time.monotonic()
    done = subprocess.run(
        [BROWSER, *options, f"--user-data-dir={home}", "--dump-dom", address],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return time.monotonic() - began, done.stdout


@pytest.mark.benchmark
@pytest.mark.skipif(not BROWSER, reason="no headless Chromium is installed")
def test_a_page_of_kodaks_size_opens_in_2_seconds(folder: Path, tmp_path: Path) -> None:
    """Beyond what the browser takes to start and open an empty page."""
    page = write_report(folder)
    home = tmp_path / "profile"
    browse("about:blank", home)
    empty = min(browse("about:blank", home)[0] for _ in range(3))
    seconds, text = min((browse(page.as_uri(), home) for _ in range(3)), key=lambda one: one[0])
    print(f"page: opens in {seconds - empty:.2f} s, the browser alone in {empty:.2f} s")
    assert 'data-gallery="shown"' in text
    assert seconds - empty < 2
