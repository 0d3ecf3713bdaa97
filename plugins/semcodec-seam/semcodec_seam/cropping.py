"""Crops that keep the most energy, exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Box", "best_crop"]

Box = tuple[int, int, int, int]
"""Top, left, bottom, right, the last two exclusive."""


def best_crop(energy: NDArray[np.float32], height: int, width: int) -> Box:
    """Find the window of a size whose energy sums to the most, of all there are.

    Of equal ones the one nearest to the middle wins. Sums are taken from an integral image
    (F. Crow, "Summed-area tables for texture mapping", SIGGRAPH 1984).

    Args:
        energy: float32 (rows, columns).
        height: rows of the window; more than there are count as all.
        width: columns, likewise.

    Raises:
        ValueError: a side below 1.
    """
    if min(height, width) < 1:
        raise ValueError(f"expected a window of at least 1x1, got {height}x{width}")
    rows, columns = energy.shape
    height, width = min(height, rows), min(width, columns)
    whole = np.zeros((rows + 1, columns + 1))
    np.cumsum(np.cumsum(energy, axis=0, dtype=np.float64), axis=1, out=whole[1:, 1:])
    sums = whole[height:, width:] - whole[:-height, width:]
    sums -= whole[height:, :-width] - whole[:-height, :-width]
    # What differs in the last bits only is equal.
    best = sums >= sums.max() - 1e-9 * max(1.0, float(whole[-1, -1]))
    top, left = np.nonzero(best)
    off = (2 * top + height - rows) ** 2 + (2 * left + width - columns) ** 2
    nearest = int(np.argmin(off))
    y, x = int(top[nearest]), int(left[nearest])
    return y, x, y + height, x + width
