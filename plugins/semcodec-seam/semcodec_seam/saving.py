"""Pictures as files of at most so many bytes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.errors import ImageError, SettingError, TargetError
from semcodec.image import flatten, to_depth8, to_pil
from semcodec.image.writing import SUFFIXES

__all__ = ["FORMATS", "LOSSY", "encoded", "format_of", "within"]

FORMATS = ("jpeg", "webp", "avif", "png", "tiff")
"""What can be written."""

LOSSY = {"jpeg": (1, 95), "webp": (0, 100), "avif": (0, 100)}
"""Formats with a quality, and the least and the largest of it."""

_OPTIONS: dict[str, dict[str, Any]] = {
    "jpeg": {"optimize": True, "progressive": True},
    "webp": {"method": 6},
    "png": {"optimize": True},
    "tiff": {"compression": "tiff_adobe_deflate"},
}


def format_of(path: str | Path) -> str:
    """Tell the format by the suffix of a path.

    Raises:
        ImageError: it has another.
    """
    found = SUFFIXES.get(Path(path).suffix.lower())
    if found is None:
        raise ImageError(
            f"{path}: expected a suffix of a format, got {Path(path).suffix or 'none'}",
            hint=f"Known suffixes: {', '.join(SUFFIXES)}.",
        )
    return found


def encoded(picture: NDArray[Any], form: str, quality: int) -> bytes:
    """Encode a picture.

    Args:
        picture: uint8 or uint16 (height, width, 1 to 4).
        form: ``"jpeg"``, ``"webp"``, ``"avif"``, ``"png"`` or ``"tiff"``. JPEG lays alpha over
            white; 16 bits become 8 but for gray in PNG and TIFF.
        quality: of the first three, brought within what they know.

    Raises:
        ImageError: the picture is too large for the format.
    """
    if form == "jpeg":
        picture = flatten(picture)
    if picture.dtype != np.uint8 and (form in LOSSY or picture.shape[2] > 1):
        picture = to_depth8(picture)
    options = dict(_OPTIONS.get(form, {}))
    if form in LOSSY:
        low, high = LOSSY[form]
        options["quality"] = min(max(quality, low), high)
    buffer = io.BytesIO()
    try:
        to_pil(picture).save(buffer, form, **options)
    except Exception as error:  # each format's writer has kinds of its own
        size = f"{picture.shape[1]}x{picture.shape[0]}"
        raise ImageError(f"a picture of {size} cannot be written as {form}: {error}") from error
    return buffer.getvalue()


def within(
    picture: NDArray[Any], form: str, target_bytes: int, quality: int = 95
) -> tuple[bytes, int]:
    """Encode with the best quality, up to a bound, whose file does not exceed a size.

    Args:
        picture: as :func:`encoded` takes it.
        form: likewise.
        target_bytes: most bytes.
        quality: the best that is tried.

    Returns:
        The file, and its quality (of a format without one, that given).

    Raises:
        SettingError: a target below 1.
        TargetError: no quality is that small; it says how small they get.
    """
    if target_bytes < 1:
        raise SettingError(f"expected target_bytes of at least 1, got {target_bytes}")
    best = encoded(picture, form, quality)
    if len(best) <= target_bytes:
        return best, quality
    low = LOSSY[form][0] if form in LOSSY else quality
    least = encoded(picture, form, low)
    if len(least) > target_bytes:
        raise TargetError(
            f"expected at most {target_bytes} bytes, the smallest {form} of this picture has "
            f"{len(least)}",
            reached=len(least),
            hint="Give a smaller scale, or target_pixels.",
        )
    found, high = (least, low), quality
    # Sizes rise with the quality but for a byte here and there, so what is found is kept.
    while high - found[1] > 1:
        middle = (high + found[1]) // 2
        made = encoded(picture, form, middle)
        if len(made) <= target_bytes:
            found = made, middle
        else:
            high = middle
    return found
