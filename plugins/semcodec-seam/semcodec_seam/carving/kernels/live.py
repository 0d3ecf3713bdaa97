"""Seams of least energy, where energy is the slope of what is left."""

from __future__ import annotations

from typing import Any

import numpy as np

from semcodec.coding.jit import kernel
from semcodec_seam.carving.kernels.backward import search
from semcodec_seam.carving.kernels.rows import TWO, ZERO
from semcodec_seam.carving.kernels.taking import take_both

__all__ = ["live", "slopes"]


@kernel
def live(
    field: Any,
    gray: Any,
    start: Any,
    width: Any,
    rows: Any,
    ways: Any,
    spare: Any,
    seams: Any,
    first: Any,
    limits: Any,
) -> None:
    """Find seams of least energy, where energy is the slope of what is left.

    Arguments that are not named are those of
    :func:`~semcodec_seam.carving.kernels.backward.backward`.

    Args:
        field: int16 (height, columns), as :func:`slopes` makes it; kept up beside every seam.
        gray: int16 of the same shape, in [0, 4080]; taken out alike, from the same start.
    """
    for s in range(np.uint64(seams.shape[0])):
        even = (np.uint64(first) + s) % TWO == ZERO
        w = np.uint64(width) - s
        search(field, start, w, rows, ways, spare, seams, s, even, limits, 1, False)
        take_both(field, gray, start, spare, seams, s, w)
        left = np.int64(w) - 1
        for y in range(field.shape[0]):
            low: Any = np.int64(seams[s, y])
            high: Any = low
            if y > 0:
                low, high = min(low, seams[s, y - 1]), max(high, seams[s, y - 1])
            if y + 1 < field.shape[0]:
                low, high = min(low, seams[s, y + 1]), max(high, seams[s, y + 1])
            for x in range(max(low - 1, 0), min(high + 1, left)):
                field[y, np.int64(start[y]) + x] = _slope(gray, start, y, x, left)


@kernel
def slopes(field: Any, gray: Any, start: Any, width: Any) -> None:
    """Fill a field with Sobel's ``sqrt(gx² + gy²)``, rounded; borders are mirrored."""
    for y in range(field.shape[0]):
        for x in range(width):
            field[y, np.int64(start[y]) + x] = _slope(gray, start, y, x, width)


@kernel
def _slope(gray: Any, start: Any, y: Any, x: Any, width: Any) -> Any:
    up, down = max(y - 1, 0), min(y + 1, gray.shape[0] - 1)
    left, right = max(x - 1, 0), min(x + 1, width - 1)
    a, b, c = np.int64(start[up]), np.int64(start[y]), np.int64(start[down])
    across = gray[up, a + right] + 2 * gray[y, b + right] + gray[down, c + right]
    across -= gray[up, a + left] + 2 * gray[y, b + left] + gray[down, c + left]
    along = gray[down, c + left] + 2 * gray[down, c + x] + gray[down, c + right]
    along -= gray[up, a + left] + 2 * gray[up, a + x] + gray[up, a + right]
    return np.int16(np.sqrt(np.float64(across * across + along * along)) + 0.5)
