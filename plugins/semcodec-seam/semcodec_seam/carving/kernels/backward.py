"""Seams of least energy."""

from __future__ import annotations

from typing import Any

import numpy as np

from semcodec.coding.jit import kernel
from semcodec_seam.carving.kernels.rows import ONE, TWO, ZERO, add, fence, follow, raised
from semcodec_seam.carving.kernels.taking import take

__all__ = ["backward", "search"]


@kernel
def backward(
    field: Any,
    start: Any,
    width: Any,
    rows: Any,
    ways: Any,
    spare: Any,
    seams: Any,
    first: Any,
    limits: Any,
    reach: Any,
) -> None:
    """Find seams of least energy, one after another, and take each out of the field.

    Args:
        field: numbers (height, columns), the energy; what is left of it stays in place.
        start: uint64 (height,), where rows begin; updated.
        width: columns that are left.
        rows: (ROWS, columns + 2 reach) of a dtype that holds the sum of any seam, to work in.
        ways: int8 (height, columns), likewise.
        spare: (columns,) of the field's dtype, likewise.
        seams: int32 (count, height), gets the column of each seam in each row, counted in what was
            left before it.
        first: number of the first seam: of equal ones even seams take the left, odd ones the right.
        limits: of the rows' dtype: more than any sum, and what a step to the side costs besides,
            for each column.
        reach: how many columns such a step may go, at least 1.
    """
    for s in range(np.uint64(seams.shape[0])):
        even = (np.uint64(first) + s) % TWO == ZERO
        w = np.uint64(width) - s
        search(field, start, w, rows, ways, spare, seams, s, even, limits, reach, s > ZERO)
    if seams.shape[0] > 0:
        last = np.uint64(seams.shape[0] - 1)
        w = np.uint64(width) - last
        for y in range(np.uint64(field.shape[0])):
            start[y] = take(field, spare, y, start[y], np.uint64(seams[last, y]), w)


@kernel
def search(
    field: Any,
    start: Any,
    w: Any,
    rows: Any,
    ways: Any,
    spare: Any,
    seams: Any,
    s: Any,
    even: Any,
    limits: Any,
    reach: Any,
    taking: Any,
) -> None:
    """Find the seam of least energy and note where it leads.

    With ``taking`` the seam before leaves on the way, while its row is in the cache anyway.
    """
    far, rigidity = limits[0], limits[1]
    height, pad = np.uint64(field.shape[0]), np.uint64(reach)
    above, here = rows[0], rows[1]
    fence(above, here, w, pad, far)
    if taking:
        gone = np.uint64(seams[s - ONE, ZERO])
        start[ZERO] = take(field, spare, ZERO, start[ZERO], gone, w + ONE)
    for x in range(w):
        above[x + pad] = field[ZERO, start[ZERO] + x]
    for y in range(ONE, height):
        if taking:
            gone = np.uint64(seams[s - ONE, y])
            start[y] = take(field, spare, y, start[y], gone, w + ONE)
        if reach == 1:
            side = above if rigidity == 0 else raised(above, rows[2], w, rigidity)
            if even:
                _left(above, side, here, field, ways, y, start[y], w)
            else:
                _right(above, side, here, field, ways, y, start[y], w)
        else:
            _wide(above, here, rows[2], ways, y, w, reach, rigidity, even)
            add(here, field, y, start[y], w, pad)
        above, here = here, above
    follow(above, ways, seams, s, height, w, pad, even)


@kernel
def _left(above: Any, side: Any, here: Any, field: Any, ways: Any, y: Any, o: Any, w: Any) -> None:
    for x in range(w):
        best, way = above[x + ONE], np.int8(0)
        if side[x] < best:
            best, way = side[x], np.int8(-1)
        if side[x + TWO] < best:
            best, way = side[x + TWO], np.int8(1)
        here[x + ONE] = best + field[y, o + x]
        ways[y, x] = way


@kernel
def _right(above: Any, side: Any, here: Any, field: Any, ways: Any, y: Any, o: Any, w: Any) -> None:
    for x in range(w):
        best, way = above[x + ONE], np.int8(0)
        if side[x + TWO] < best:
            best, way = side[x + TWO], np.int8(1)
        if side[x] < best:
            best, way = side[x], np.int8(-1)
        here[x + ONE] = best + field[y, o + x]
        ways[y, x] = way


@kernel
def _wide(
    above: Any,
    here: Any,
    side: Any,
    ways: Any,
    y: Any,
    w: Any,
    reach: Any,
    rigidity: Any,
    even: Any,
) -> None:
    pad = np.uint64(reach)
    for x in range(w):
        here[x + pad] = above[x + pad]
        ways[y, x] = 0
    for far in range(1, reach + 1):
        for turn in range(2):
            way = np.int8(-far if (turn == 0) == even else far)
            shift, more = np.uint64(reach + way), rigidity * far
            for x in range(w):
                side[x] = above[x + shift] + more
            _better(side, here, ways, y, w, pad, way)


@kernel
def _better(side: Any, here: Any, ways: Any, y: Any, w: Any, pad: Any, way: Any) -> None:
    for x in range(w):
        best, chosen = here[x + pad], ways[y, x]
        if side[x] < best:
            best, chosen = side[x], way
        here[x + pad] = best
        ways[y, x] = chosen
