"""Pictures as networks for photographs take them, and what they give back at the picture's size."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.image import flatten, to_depth8

__all__ = ["enlarge", "photograph", "widened"]

Bytes = NDArray[np.uint8]

_BAND = 2**22
"""Pixels that are converted at once, so that a large picture is never held twice."""

_NARROWEST = 16
"""Longest side over shortest that networks are given: they scale the sides to a fixed length, and
at some hundreds to one the shorter becomes nothing."""


def photograph(image: NDArray[Any], size: int) -> Bytes:
    """Give a picture as 8-bit RGB, seen over white, with at most ``size`` pixels along a side.

    Args:
        image: uint8 or uint16 (height, width, 1 to 4).
        size: most pixels along a side; a smaller picture keeps its size.

    Returns:
        uint8 (rows, columns, 3). The memory beside the picture does not grow with it.
    """
    from PIL import Image as Pillow

    height, width = image.shape[:2]
    longest = max(height, width)
    if longest <= size:
        return _rgb(image)
    # Whole cells first, in bands, then the odd rest of the factor over what is left.
    cell = longest // size
    rows = cell * max(1, _BAND // (width * cell))
    parts = [
        np.asarray(Pillow.fromarray(_rgb(image[top : top + rows])).reduce(cell))
        for top in range(0, height, rows)
    ]
    reduced = Pillow.fromarray(np.concatenate(parts))
    smaller = tuple(max(1, round(side * size / longest)) for side in (width, height))
    whole = (0.0, 0.0, width / cell, height / cell)
    return np.array(reduced.resize(smaller, Pillow.Resampling.BILINEAR, box=whole))


def _rgb(image: NDArray[Any]) -> Bytes:
    seen = flatten(to_depth8(image))
    return np.ascontiguousarray(np.broadcast_to(seen, (*seen.shape[:2], 3)))


def widened(picture: Bytes) -> tuple[Bytes, tuple[int, int]]:
    """Repeat the rows or the columns of a very narrow picture until a network can take it.

    Returns:
        The picture, and how often each row and each column stands in it.
    """
    height, width = picture.shape[:2]
    least = -(-max(height, width) // _NARROWEST)
    times = -(-least // height), -(-least // width)
    for axis, count in enumerate(times):
        picture = picture.repeat(count, axis) if count > 1 else picture
    return picture, times


def enlarge(small: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    """Resize a map or a mask to the nearest: its values stay its values.

    Args:
        small: any dtype (rows, columns).
        height: rows of the result.
        width: columns of the result.
    """
    if small.shape == (height, width):
        return small
    rows, columns = (
        ((2 * np.arange(new) + 1) * old) // (2 * new)
        for new, old in zip((height, width), small.shape, strict=True)
    )
    return np.ascontiguousarray(small[rows[:, None], columns])
