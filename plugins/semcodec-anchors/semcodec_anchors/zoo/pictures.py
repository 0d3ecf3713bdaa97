"""Pictures as the networks take and give them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.values import Image

__all__ = ["levels", "padded", "planes", "refusal"]

_MULTIPLE = 64  # six halvings, what compressai.utils.eval_model pads to
_MOST_PIXELS = 2**24  # 192 channels of float32 at half the sides are already 3 GB
_SIDE = 16384
_LEVELS = np.float32(255)


def refusal(shape: Image) -> str:
    """Say why a picture is not taken: 16 bits, alpha, or too large; empty where it is."""
    if shape.depth != 8:
        return (
            f"CompressAI codes 8 bits a sample, the picture has {shape.depth}: "
            "reduce it (semcodec.image.to_depth8)"
        )
    if shape.channels not in (1, 3):
        return (
            "CompressAI codes gray or RGB, the picture has alpha: "
            "lay it over a colour (semcodec.image.flatten)"
        )
    if max(shape.height, shape.width) > _SIDE or shape.pixels > _MOST_PIXELS:
        return (
            f"the networks take sides up to {_SIDE} and {_MOST_PIXELS} pixels here, "
            f"the picture is {shape.width}x{shape.height}"
        )
    return ""


def padded(shape: Image) -> tuple[int, int]:
    """Give rows and columns of the padded picture, multiples of 64."""
    top, bottom, left, right = _padding(shape)
    return shape.height + top + bottom, shape.width + left + right


def planes(value: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Turn a picture into what the analysis takes.

    Gray becomes RGB of three equal channels. The picture is padded with black on all sides to
    multiples of 64, as ``compressai.utils.eval_model`` does.

    Args:
        value: uint8 (height, width, 1 or 3).

    Returns:
        float32 (1, 3, rows, columns) in [0, 1].
    """
    top, bottom, left, right = _padding(Image.of(value))
    rgb = np.broadcast_to(value, (*value.shape[:2], 3)).astype(np.float32) / _LEVELS
    whole = np.pad(rgb, ((top, bottom), (left, right), (0, 0)))
    return np.ascontiguousarray(whole.transpose(2, 0, 1)[None])


def levels(value: NDArray[np.float32], shape: Image) -> NDArray[np.uint8]:
    """Turn what the synthesis gives into the picture.

    Args:
        value: float32 (3, rows, columns), nominally in [0, 1]; anything else is cut off there.
        shape: the picture, 8 bits, gray or RGB; gray is the mean of the three channels.

    Returns:
        uint8 (height, width, channels).
    """
    top, _, left, _ = _padding(shape)
    pixels = value.transpose(1, 2, 0)[top : top + shape.height, left : left + shape.width]
    # What random weights make of far-out symbols need not be a number.
    inside: Any = np.clip(np.nan_to_num(pixels), 0, 1)
    made: NDArray[np.uint8] = np.rint(inside * _LEVELS).astype(np.uint8)
    if shape.channels == 1:
        total = made.sum(axis=2, keepdims=True, dtype=np.int32)
        made = ((2 * total + 3) // 6).astype(np.uint8)
    return np.ascontiguousarray(made)


@lru_cache(maxsize=64)
def _padding(shape: Image) -> tuple[int, int, int, int]:
    """Rows above and below, columns left and right (``compressai.ops.compute_padding``)."""
    rows, columns = -shape.height % _MULTIPLE, -shape.width % _MULTIPLE
    return rows // 2, rows - rows // 2, columns // 2, columns - columns // 2
