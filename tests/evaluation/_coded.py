"""Codecs to compare: how each makes a whole file of a picture, and the picture of a file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import semcodec

__all__ = ["PEERS", "STEPS", "Point", "label", "ladder", "measure"]

QUALITIES = (3, 5, 8, 12, 18, 25, 32, 40, 50, 60, 70, 77, 83, 88, 92, 95)
PEERS: dict[str, tuple[str, dict[str, Any], tuple[int, ...]]] = {
    "jpeg-progressive": (
        "JPEG",
        {"optimize": True, "progressive": True, "subsampling": "4:2:0"},
        QUALITIES,
    ),
    "webp": ("WEBP", {"method": 6}, (0, *QUALITIES)),
    # Pillow's defaults on a machine of several cores. On one, aom is held to one thread and writes
    # files about 1 % larger; two or more give the same bytes.
    "avif": ("AVIF", {"max_threads": 2}, (0, 4, 8, 15, 22, 29, 36, 43, 50, 57, 64, 71, 78, 84, 89)),
}
STEPS = tuple(2.0 ** (k / 2) for k in range(14, 2, -1))
"""Steps from 128 to 2.8, two to a doubling."""


class Point(NamedTuple):
    """One file of one picture.

    Attributes:
        setting: quality or step.
        bytes: length of the whole file.
        psnr: of RGB, in dB.
    """

    setting: float
    bytes: int
    psnr: float


def label(codec: str) -> str:
    """Name of a codec in tables: of a spec file, the file's own without suffix."""
    return codec.rpartition("/")[2].removesuffix(".yaml")


def ladder(codec: str, steps: Sequence[float]) -> Sequence[float]:
    """Give the settings to try; ``steps`` are those of semcodec's pipelines."""
    return PEERS[codec][2] if codec in PEERS else steps


def measure(
    codec: str, pixels: NDArray[np.uint8], settings: Sequence[float], setting: str, detached: bool
) -> list[Point]:
    """Code a picture at every setting.

    Args:
        codec: a name of ``PEERS``, or a semcodec pipeline by name or path.
        pixels: uint8 (height, width, 3).
        settings: as :func:`ladder` gave them.
        setting: name of the setting that they are of, for semcodec's pipelines.
        detached: whether private codecs leave their lock out of the file.
    """
    points = []
    for value in settings:
        if codec in PEERS:
            data, decoded = _peer(codec, pixels, int(value))
        else:
            loaded = _loaded(codec)
            data = loaded.encode(pixels, settings={setting: value}, detached=detached)
            # What the file says: snapped. Settings of the encoder alone are not in it.
            value = float(loaded.settings(data).get(setting, value))
            decoded = loaded.decode(data)
        points.append(Point(value, len(data), psnr(pixels, decoded)))
    return points


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """PSNR in dB from the mean squared error over all samples of all channels, peak 255."""
    error = float(np.mean((one.astype(np.float64) - other) ** 2))
    return float("inf") if error == 0 else float(10 * np.log10(255**2 / error))


@cache
def _loaded(codec: str) -> semcodec.Codec:
    return semcodec.load(codec)


def _peer(codec: str, pixels: NDArray[np.uint8], quality: int) -> tuple[bytes, NDArray[np.uint8]]:
    name, options, _ = PEERS[codec]
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, name, quality=quality, **options)
    data = buffer.getvalue()
    return data, np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
