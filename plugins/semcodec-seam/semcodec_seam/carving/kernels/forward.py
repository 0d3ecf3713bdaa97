"""Seams that leave the least new edges."""

from __future__ import annotations

from typing import Any

import numpy as np

from semcodec.coding.jit import kernel
from semcodec_seam.carving.kernels.rows import ONE, TWO, ZERO, add, fence, follow
from semcodec_seam.carving.kernels.taking import take_both

__all__ = ["forward"]


@kernel
def forward(
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
    """Find seams that leave the least new edges.

    Arguments that are not named are those of
    :func:`~semcodec_seam.carving.kernels.backward.backward`.

    The cost of coming from the left is ``|r - l| + |u - l|``, from above ``|r - l|``, from the
    right ``|r - l| + |u - r|``, with l, r, u the neighbours beside and above; the field is added.

    Args:
        field: floats (height, columns) whose values are whole, like all others here.
        gray: the same of the picture; taken out alike, from the same start.
    """
    far, rigidity = limits[0], limits[1]
    height = np.uint64(field.shape[0])
    for s in range(np.uint64(seams.shape[0])):
        even = (np.uint64(first) + s) % TWO == ZERO
        w = np.uint64(width) - s
        above, here = rows[0], rows[1]
        fence(above, here, w, ONE, far)
        o = start[ZERO]
        for x in range(w):
            left = gray[ZERO, o + x - ONE] if x > ZERO else gray[ZERO, o]
            right = gray[ZERO, o + x + ONE] if x + ONE < w else gray[ZERO, o + x]
            above[x + ONE] = field[ZERO, o + x] + abs(right - left)
        for y in range(ONE, height):
            _edges(above, gray, rows, y, start[y - ONE], start[y], w, rigidity)
            if even:
                _least(rows[3], rows[2], rows[4], here, ways, y, w, np.int8(-1))
            else:
                _least(rows[3], rows[4], rows[2], here, ways, y, w, np.int8(1))
            add(here, field, y, start[y], w, ONE)
            above, here = here, above
        follow(above, ways, seams, s, height, w, ONE, even)
        take_both(field, gray, start, spare, seams, s, w)


@kernel
def _edges(above: Any, gray: Any, rows: Any, y: Any, p: Any, o: Any, w: Any, rigidity: Any) -> None:
    """Give the sums of coming from the left, from above and from the right as rows 2, 3, 4."""
    left, mid, right, joined = rows[2], rows[3], rows[4], rows[5]
    up = y - ONE
    joined[ZERO] = gray[y, o]
    joined[w + ONE] = gray[y, o + w - ONE]
    for x in range(w):
        joined[x + ONE] = gray[y, o + x]
    for x in range(w):
        one, other, over = joined[x], joined[x + TWO], gray[up, p + x]
        edge = abs(other - one)
        mid[x] = above[x + ONE] + edge
        left[x] = above[x] + edge + abs(over - one) + rigidity
        right[x] = above[x + TWO] + edge + abs(over - other) + rigidity


@kernel
def _least(
    mid: Any, one: Any, other: Any, here: Any, ways: Any, y: Any, w: Any, way_one: Any
) -> None:
    for x in range(w):
        best, way = mid[x], np.int8(0)
        if one[x] < best:
            best, way = one[x], way_one
        if other[x] < best:
            best, way = other[x], np.int8(-way_one)
        here[x + ONE] = best
        ways[y, x] = way
