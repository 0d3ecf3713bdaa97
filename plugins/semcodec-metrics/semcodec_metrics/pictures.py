"""Pairs of pictures as the metrics need them: checked, without alpha, in floats."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.errors import ImageError
from semcodec.image import flatten

__all__ = ["check", "correlation", "luma", "pair", "peak", "rgb", "unit_rgb"]

_LUMA = (0.2126, 0.7152, 0.0722)


def check(reference: NDArray[Any], decoded: NDArray[Any], who: str, least: int = 1) -> None:
    """Refuse what is no pair of pictures, or too small.

    Args:
        reference: uint8 or uint16 (height, width, 1 to 4).
        decoded: of the same shape and dtype.
        who: the metric, for the message.
        least: pixels that the shorter side must have.

    Raises:
        ImageError: they differ in shape or dtype, are no pictures, or are too small.
    """
    if (reference.shape, reference.dtype) != (decoded.shape, decoded.dtype):
        raise ImageError(
            f"{who}: expected a picture of shape {reference.shape} and dtype {reference.dtype} "
            f"like the reference, got {decoded.shape} and {decoded.dtype}",
            hint="Bring both to one size, channels and depth before comparing them.",
        )
    fits = reference.ndim == 3 and reference.size and 1 <= reference.shape[2] <= 4
    if not fits or reference.dtype not in (np.uint8, np.uint16):
        raise ImageError(
            f"{who}: expected pictures of uint8 or uint16 samples with 1 to 4 channels, "
            f"got {reference.dtype} of shape {reference.shape}",
            hint="Convert both with semcodec.read_image.",
        )
    height, width = reference.shape[:2]
    if min(height, width) < least:
        raise ImageError(
            f"{who}: expected a picture of at least {least}x{least} pixels, got {width}x{height}",
            hint="Measure larger pictures, or one that takes small ones, such as psnr.",
        )


def pair(
    reference: NDArray[Any], decoded: NDArray[Any], who: str, least: int = 1
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Check a pair and lay both over white where they have alpha.

    Args:
        reference: uint8 or uint16 (height, width, 1 to 4).
        decoded: of the same shape and dtype.
        who: the metric, for messages.
        least: pixels that the shorter side must have.

    Returns:
        Both in the same dtype with 1 or 3 channels.

    Raises:
        ImageError: as :func:`check`.
    """
    check(reference, decoded, who, least)
    return flatten(reference), flatten(decoded)


def peak(picture: NDArray[Any]) -> int:
    """Give the largest sample of a picture's depth, 255 or 65535."""
    return int(np.iinfo(picture.dtype).max)


def rgb(picture: NDArray[Any]) -> NDArray[Any]:
    """Repeat a gray picture's channel three times; three channels come back as they are."""
    return picture if picture.shape[2] == 3 else np.repeat(picture, 3, axis=2)


def unit_rgb(picture: NDArray[Any]) -> NDArray[np.float64]:
    """Turn a picture without alpha into float64 RGB in [0, 1]."""
    return rgb(picture) / np.float64(peak(picture))


def luma(picture: NDArray[Any]) -> NDArray[np.float64]:
    """Give the luma of BT.709, ``0.2126 R + 0.7152 G + 0.0722 B`` of the sRGB values as they are.

    Args:
        picture: uint8 or uint16 (height, width, 1 or 3).

    Returns:
        float64 (height, width) in [0, 255] or [0, 65535], full range, not rounded.
    """
    if picture.shape[2] == 1:
        return picture[:, :, 0].astype(np.float64)
    weighted: NDArray[np.float64] = picture @ np.array(_LUMA)
    return weighted


def correlation(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    """Correlate two arrays (Pearson), in [-1, 1].

    Where one is constant the coefficient does not exist: two constant arrays count as 1, a
    constant one and another as 0.
    """
    a, b = left - left.mean(), right - right.mean()
    scale = float(np.sqrt(np.vdot(a, a) * np.vdot(b, b)))
    if scale < 1e-12 * max(left.size, 1):
        return float(np.allclose(a, 0, atol=1e-9) and np.allclose(b, 0, atol=1e-9))
    return min(max(float(np.vdot(a, b)) / scale, -1.0), 1.0)
