"""What the primitive DCT looks at: scan, neighbours, and the classes they are sorted into."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.adaptive import Ints
from semcodec.coding.jit import kernel

__all__ = [
    "CLASSES",
    "distance",
    "magnitude",
    "neighbours",
    "octave",
    "predict",
    "step",
    "strips",
    "zigzag",
    "zone",
]

CLASSES = 20
"""Octaves that are told apart."""

_STRIP = 1 << 14
"""Blocks that a strip aims at: long enough to cost nothing, short enough to tell progress by."""


@cache
def zigzag(side: int) -> Ints:
    """Give the scan of a block: int32 (side * side,), raster positions by diagonals."""

    def place(position: int) -> tuple[int, int]:
        row, column = divmod(position, side)
        return row + column, row if (row + column) % 2 else column

    scan = np.array(sorted(range(side * side), key=place), dtype=np.int32)
    scan.setflags(write=False)
    return scan


def strips(grid: NDArray[np.int64]) -> Iterator[tuple[float, NDArray[np.int64]]]:
    """Cut planes of blocks into strips of rows.

    Args:
        grid: int64 (planes, 2), rows and columns of every plane, at least 1 each.

    Yields:
        The share of all blocks that lies before the strip, and the strip, int64 (4,): its plane,
        the plane's first block, the first row and the one after the last.
    """
    total = int((grid[:, 0] * grid[:, 1]).sum())
    first = 0
    for plane, (rows, columns) in enumerate(grid.tolist()):
        height = max(1, _STRIP // columns)
        for top in range(0, rows, height):
            strip = np.array([plane, first, top, min(top + height, rows)], dtype=np.int64)
            yield (first + top * columns) / total, strip
        first += rows * columns


@kernel
def octave(value: Any) -> Any:
    """Give the number of bits of a magnitude, at most ``CLASSES - 1``."""
    bits = 0
    while value > 0 and bits < CLASSES - 1:
        value >>= 1
        bits += 1
    return bits


@kernel
def step(value: Any) -> Any:
    """Sort a sum of magnitudes into 9 classes: 0 .. 4, then from 5, 7, 10 and 15 on."""
    if value < 5:
        return value
    return 5 if value < 7 else 6 if value < 10 else 7 if value < 15 else 8


@kernel
def zone(diagonal: Any) -> Any:
    """Sort a diagonal of the block, as of side 8, into 6: 0-1, 2, 3, 4-5, 6-8 and from 9 on."""
    if diagonal < 4:
        return max(diagonal - 1, 0)
    return 3 if diagonal < 6 else 4 if diagonal < 9 else 5


@kernel
def distance(places: Any) -> Any:
    """Sort a number of places into 5: 0-1, 2-3, 4-8, 9-19 and from 20 on."""
    if places < 4:
        return places >> 1
    return 2 if places < 9 else 3 if places < 20 else 4


@kernel
def predict(values: Any, mask: Any, west: Any, north: Any, corner: Any) -> Any:
    """Predict a DC from those of the blocks around, by the edge they show (as LOCO-I does)."""
    has_west = west >= 0 and mask[west, 0]
    has_north = north >= 0 and mask[north, 0]
    if not (has_west and has_north):
        return values[west, 0] if has_west else values[north, 0] if has_north else 0
    w, n = np.int64(values[west, 0]), np.int64(values[north, 0])
    if not mask[corner, 0]:
        return (w + n) >> 1
    return min(max(w + n - values[corner, 0], min(w, n)), max(w, n))


@kernel
def magnitude(values: Any, block: Any, position: Any) -> Any:
    """Give the magnitude of a coefficient, 0 where there is no block."""
    return abs(np.int64(values[block, position])) if block >= 0 else 0


@kernel
def neighbours(plane: Any, y: Any, x: Any, first: Any, grid: Any) -> Any:
    """Give block indexes, -1 where there is none: here, west, north, north-west, north-east.

    And the block at the same place of the plane before, and that block again if both planes
    have the same grid.
    """
    rows, columns = grid[plane]
    here = first + y * columns + x
    west = here - 1 if x else -1
    north = here - columns if y else -1
    corner = north - 1 if x and y else -1
    east = north + 1 if y and x + 1 < columns else -1
    if plane == 0:
        return here, west, north, corner, east, -1, -1
    before = grid[plane - 1]
    row, column = y * before[0] // rows, x * before[1] // columns
    below = first - before[0] * before[1] + row * before[1] + column
    twin = below if before[0] == rows and before[1] == columns else -1
    return here, west, north, corner, east, below, twin
