"""Rows of sums, and the way back through them."""

from __future__ import annotations

from typing import Any

import numpy as np

from semcodec.coding.jit import kernel

__all__ = ["ONE", "ROWS", "TWO", "ZERO", "add", "fence", "follow", "raised"]

ROWS = 6
"""Rows of sums to work in."""
ZERO, ONE, TWO = np.uint64(0), np.uint64(1), np.uint64(2)


@kernel
def fence(above: Any, here: Any, w: Any, pad: Any, far: Any) -> None:
    """Put what no seam crosses on either side of two rows."""
    for x in range(pad):
        above[x] = far
        here[x] = far
        above[pad + w + x] = far
        here[pad + w + x] = far


@kernel
def raised(above: Any, side: Any, w: Any, by: Any) -> Any:
    """Give a row with the price of a step aside."""
    for x in range(w + TWO):
        side[x] = above[x] + by
    return side


@kernel
def add(here: Any, field: Any, y: Any, o: Any, w: Any, pad: Any) -> None:
    """Add a row of the field."""
    for x in range(w):
        here[x + pad] += field[y, o + x]


@kernel
def follow(
    last: Any, ways: Any, seams: Any, s: Any, height: Any, w: Any, pad: Any, even: Any
) -> None:
    """Walk back from the least sum of the last row."""
    x: Any = ZERO
    least = last[pad]
    for j in range(ONE, w):
        value = last[j + pad]
        if value < least or (value == least and not even):
            least = value
            x = j
    for back in range(height):
        y = height - ONE - back
        seams[s, y] = x
        if back + ONE < height:
            x = np.uint64(np.int64(x) + ways[y, x])
