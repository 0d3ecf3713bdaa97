"""Runs that were never run: folders with rows made up for a law, and small pictures."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

Rows = list[dict[str, Any]]
CODECS, IMAGES, RATES = ("one", "two"), ("a", "b", "c"), (0.1, 0.25, 0.5, 1.0)


def measured(value: float | None, *, higher: bool = True, unit: str = "dB") -> dict[str, Any]:
    return {
        "value": value,
        "version": "1",
        "unit": unit,
        "higher_is_better": higher,
        "error": "" if value is not None else "not a number",
    }


def row(cell: str, image: str, rate: float, **changes: Any) -> dict[str, Any]:
    """A row whose quality rises by 6 dB with each doubling of the rate."""
    base = {"a": 30.0, "b": 33.0, "c": 36.0}.get(image, 31.0)
    quality = base + 6 * float(np.log2(rate)) + 0.3 * rate
    size = round(rate * 48 * 64 / 8 * 1000)
    made = {
        "cell": cell,
        "image": image,
        "rate": {"target_bpp": rate, "scope": "image"},
        "seed": 0,
        "status": "ok",
        "error": "",
        "hint": "",
        "bytes": size,
        "bpp": rate,
        "sections": {"header": 9, "image": size - 9},
        "metrics": {
            "psnr": measured(quality),
            "mse": measured(10 ** (-quality / 10), higher=False, unit=""),
        },
        "encode_seconds": 0.5,
        "decode_seconds": 0.1,
        "versions": {"semcodec": "0.1.0"},
        "python": "3.11",
        "platform": "linux",
        "device": "cpu",
        "file": "",
        "decoded": f"decoded/{cell}/{image}/{rate:g}.png",
    }
    return {**made, **changes}


@pytest.fixture
def make_row() -> Callable[..., dict[str, Any]]:
    return row


@pytest.fixture
def rows() -> Rows:
    return [row(cell, image, rate) for cell in CODECS for image in IMAGES for rate in RATES]


@pytest.fixture
def write_run(tmp_path: Path) -> Callable[..., Path]:
    def write(rows: Iterable[Any], folder: str = "run", pictures: bool = False) -> Path:
        path = tmp_path / folder
        path.mkdir(exist_ok=True)
        lines = [line if isinstance(line, str) else json.dumps(line) for line in rows]
        (path / "rows.jsonl").write_text("".join(f"{line}\n" for line in lines))
        if pictures:
            draw(path, [line for line in rows if isinstance(line, dict)])
        return path

    return write


def draw(folder: Path, rows: Iterable[dict[str, Any]]) -> None:
    noise = np.random.default_rng(0)
    for line in rows:
        original = folder / "originals" / f"{line['image']}.png"
        decoded = folder / str(line["decoded"])
        for path in (original, decoded):
            path.parent.mkdir(parents=True, exist_ok=True)
            picture = noise.integers(0, 255, (48, 64, 3), dtype=np.uint8)
            if not path.exists():
                Image.fromarray(picture).save(path)
