"""Colour of the block transform: RGB to YCbCr in floats, and back in exact integers.

The way there is the encoder's own business. The way back is normative
(``docs/format-transforms.md``): sums of integers that fit 32 bits, each rounded once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["FRACTION", "double", "gray_from_samples", "halve", "rgb_from_samples", "ycc_from_rgb"]

FRACTION = 4
"""Fractional bits of a decoded sample: luma and chroma planes hold 0 .. 255 * 2**4."""

# ITU-T T.871 (JFIF), "Conversion to and from RGB": BT.601 weights, full range, chroma about 0.
_FORWARD = np.array(
    [
        [0.299, -0.299 / 1.772, 0.701 / 1.402],
        [0.587, -0.587 / 1.772, -0.587 / 1.402],
        [0.114, 0.886 / 1.772, -0.114 / 1.402],
    ],
    dtype=np.float32,
)

# And back: 1.402, 0.344136, 0.714136 and 1.772 times 2**13, rounded. With 13 bits
# every sum below stays under 2**31.
_BITS = 13
_CR_TO_R, _CB_TO_G, _CR_TO_G, _CB_TO_B = 11485, -2819, -5850, 14516

_CHROMA_FRACTION = 2 * FRACTION
_ZERO = 128 << _CHROMA_FRACTION


def ycc_from_rgb(rgb: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
    """Split RGB into Y, Cb and Cr, all centred on 0.

    Args:
        rgb: uint8 (rows, columns, 3).

    Returns:
        Three float32 planes (rows, columns) in [-128, 128].
    """
    ycc = rgb.reshape(-1, 3).astype(np.float32) @ _FORWARD
    ycc[:, 0] -= 128
    planes = ycc.reshape(rgb.shape)
    return planes[..., 0], planes[..., 1], planes[..., 2]


def halve(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Average boxes of 2 by 2; an odd last row or column counts twice.

    Args:
        plane: float32 (rows, columns).

    Returns:
        float32 (ceil(rows / 2), ceil(columns / 2)).
    """
    rows, columns = plane.shape
    even = np.pad(plane, ((0, rows % 2), (0, columns % 2)), mode="edge")
    tall = even[0::2] + even[1::2]
    small: NDArray[np.float32] = (tall[:, 0::2] + tall[:, 1::2]) * np.float32(0.25)
    return small


def double(plane: NDArray[np.int16], top: int, rows: int, columns: int) -> NDArray[np.int32]:
    """Interpolate rows of a plane at twice its size, by the triangle filter (3, 1) / 4.

    Samples sit in the middle of their 2 by 2 box (T.871); beyond the border the nearest
    sample repeats. Nothing is rounded: results carry 4 more fractional bits.

    Args:
        plane: int16 (ceil(height / 2), ceil(columns / 2)) in [0, 4080].
        top: the first row of the result in the picture.
        rows: how many rows to make.
        columns: width of the picture.

    Returns:
        int32 (rows, columns) in [0, 65280].
    """
    at = np.arange(top, top + rows)
    near = at >> 1
    far = np.clip(near + 2 * (at & 1) - 1, 0, len(plane) - 1)
    # 4 * 4080 still fits 16 bits.
    tall = 3 * plane[near] + plane[far]
    wide = np.pad(tall, ((0, 0), (1, 1)), mode="edge").astype(np.int32)
    centre = 3 * wide[:, 1:-1]
    out = np.empty((rows, 2 * plane.shape[1]), dtype=np.int32)
    np.add(centre, wide[:, :-2], out=out[:, 0::2])
    np.add(centre, wide[:, 2:], out=out[:, 1::2])
    return out[:, :columns]


def gray_from_samples(y: NDArray[np.int16]) -> NDArray[np.uint8]:
    """Round luma samples to whole levels, halves up.

    Args:
        y: int16 (rows, columns) in [0, 4080].

    Returns:
        uint8 (rows, columns, 1).
    """
    return ((y + (1 << (FRACTION - 1))) >> FRACTION).astype(np.uint8)[..., None]


def rgb_from_samples(
    y: NDArray[np.int16], cb: NDArray[np.int32], cr: NDArray[np.int32], out: NDArray[np.uint8]
) -> None:
    """Turn samples into RGB levels: exact sums, rounded once, halves up, clamped to [0, 255].

    Args:
        y: int16 (rows, columns) in [0, 4080].
        cb: int32 (rows, columns) in [0, 65280], 4 more fractional bits than luma.
        cr: likewise.
        out: uint8 (rows, columns, 3), written.
    """
    shift = _CHROMA_FRACTION + _BITS
    luma = y.astype(np.int32)
    luma <<= shift - FRACTION
    luma += 1 << (shift - 1)
    blue, red = cb - _ZERO, cr - _ZERO
    _store(luma + _CR_TO_R * red, shift, out[..., 0])
    _store(luma + _CB_TO_G * blue + _CR_TO_G * red, shift, out[..., 1])
    _store(luma + _CB_TO_B * blue, shift, out[..., 2])


def _store(total: NDArray[np.int32], shift: int, out: NDArray[Any]) -> None:
    total >>= shift
    np.clip(total, 0, 255, out=out, casting="unsafe")
