"""Crops that keep the most energy, exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Box", "best_crop"]

Box = tuple[int, int, int, int]
"""Top, left, bottom, right, the last two exclusive."""


def best_crop(
    energy: NDArray[np.float32],
    height: int,
    width: int,
    *,
    keep: NDArray[np.bool_] | None = None,
    remove: NDArray[np.bool_] | None = None,
) -> Box:
    """Find the window of a size whose energy sums to the most, of all there are.

    Of all windows those count that hold the most pixels to be kept, of these those that hold the
    fewest to be removed, and only then energy; of equal ones the nearest to the middle. Sums
    are taken from an integral image (F. Crow, "Summed-area tables for texture mapping", SIGGRAPH
    1984).

    Args:
        energy: float32 (rows, columns).
        height: rows of the window; more than there are count as all.
        width: columns, likewise.
        keep: bool (rows, columns), pixels that shall stay.
        remove: likewise, pixels that shall go; one that is in both shall stay.

    Raises:
        ValueError: a side below 1.
    """
    if min(height, width) < 1:
        raise ValueError(f"expected a window of at least 1x1, got {height}x{width}")
    rows, columns = energy.shape
    height, width = min(height, rows), min(width, columns)
    goes = None if remove is None else remove if keep is None else remove & ~keep
    best: NDArray[np.bool_] = np.ones((rows - height + 1, columns - width + 1), bool)
    for values, sign in ((keep, 1), (goes, -1), (energy, 1)):
        if values is not None:
            sums = np.where(best, sign * _sums(values, height, width), -np.inf)
            # What differs in the last bits only is equal.
            best &= sums >= sums.max() - 1e-9 * max(1.0, float(values.sum(dtype=np.float64)))
    top, left = np.nonzero(best)
    off = (2 * top + height - rows) ** 2 + (2 * left + width - columns) ** 2
    nearest = int(np.argmin(off))
    y, x = int(top[nearest]), int(left[nearest])
    return y, x, y + height, x + width


def _sums(values: NDArray[Any], height: int, width: int) -> NDArray[np.float64]:
    whole = np.zeros((values.shape[0] + 1, values.shape[1] + 1))
    np.cumsum(np.cumsum(values, axis=0, dtype=np.float64), axis=1, out=whole[1:, 1:])
    sums = whole[height:, width:] - whole[:-height, width:]
    made: NDArray[np.float64] = sums - (whole[height:, :-width] - whole[:-height, :-width])
    return made
