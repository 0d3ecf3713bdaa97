"""Seams by dynamic programming, many from one field, in machine code.

A row of a plane begins at ``start[row]`` in its array: a pixel leaves by moving the shorter side of
its row over it. Indexes are unsigned throughout, since numba asks of signed ones whether they count
from the end, which keeps a loop from being done eight columns at a time; and what is compared is
read from arrays, since numba adds in 64 bits.

S. Avidan and A. Shamir, "Seam carving for content-aware image resizing", ACM TOG 26(3), 2007
(backward energy); M. Rubinstein, A. Shamir and S. Avidan, "Improved seam carving for video
retargeting", ACM TOG 27(3), 2008, section 5 (forward energy).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from semcodec.coding.jit import kernel

__all__ = ["ROWS", "backward", "forward", "live", "originals", "slopes"]

ROWS = 6
"""Rows of sums to work in."""
ZERO, ONE, TWO = np.uint64(0), np.uint64(1), np.uint64(2)


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
        _search(field, start, w, rows, ways, spare, seams, s, even, limits, reach, s > ZERO)
    if seams.shape[0] > 0:
        last = np.uint64(seams.shape[0] - 1)
        w = np.uint64(width) - last
        for y in range(np.uint64(field.shape[0])):
            start[y] = _take(field, spare, y, start[y], np.uint64(seams[last, y]), w)


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
    """Find seams as :func:`backward` does, where energy is the slope of what is left.

    Args:
        field: int16 (height, columns), as :func:`slopes` makes it; kept up beside every seam.
        gray: int16 of the same shape, in [0, 4080]; taken out alike, from the same start.
    """
    for s in range(np.uint64(seams.shape[0])):
        even = (np.uint64(first) + s) % TWO == ZERO
        w = np.uint64(width) - s
        _search(field, start, w, rows, ways, spare, seams, s, even, limits, 1, False)
        _take_both(field, gray, start, spare, seams, s, w)
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


@kernel
def _search(
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
    _fence(above, here, w, pad, far)
    if taking:
        gone = np.uint64(seams[s - ONE, ZERO])
        start[ZERO] = _take(field, spare, ZERO, start[ZERO], gone, w + ONE)
    for x in range(w):
        above[x + pad] = field[ZERO, start[ZERO] + x]
    for y in range(ONE, height):
        if taking:
            gone = np.uint64(seams[s - ONE, y])
            start[y] = _take(field, spare, y, start[y], gone, w + ONE)
        if reach == 1:
            side = above if rigidity == 0 else _raised(above, rows[2], w, rigidity)
            if even:
                _left(above, side, here, field, ways, y, start[y], w)
            else:
                _right(above, side, here, field, ways, y, start[y], w)
        else:
            _wide(above, here, rows[2], ways, y, w, reach, rigidity, even)
            _add(here, field, y, start[y], w, pad)
        above, here = here, above
    _follow(above, ways, seams, s, height, w, pad, even)


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
    """Find seams that leave the least new edges, as :func:`backward` finds those of least energy.

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
        _fence(above, here, w, ONE, far)
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
            _add(here, field, y, start[y], w, ONE)
            above, here = here, above
        _follow(above, ways, seams, s, height, w, ONE, even)
        _take_both(field, gray, start, spare, seams, s, w)


@kernel
def _fence(above: Any, here: Any, w: Any, pad: Any, far: Any) -> None:
    for x in range(pad):
        above[x] = far
        here[x] = far
        above[pad + w + x] = far
        here[pad + w + x] = far


@kernel
def _raised(above: Any, side: Any, w: Any, by: Any) -> Any:
    for x in range(w + TWO):
        side[x] = above[x] + by
    return side


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


@kernel
def _add(here: Any, field: Any, y: Any, o: Any, w: Any, pad: Any) -> None:
    for x in range(w):
        here[x + pad] += field[y, o + x]


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


@kernel
def _follow(
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


@kernel
def _take_both(field: Any, gray: Any, start: Any, spare: Any, seams: Any, s: Any, w: Any) -> None:
    """Take a seam out of a field and of the picture that it goes with."""
    for y in range(np.uint64(field.shape[0])):
        gone = np.uint64(seams[s, y])
        _take(gray, spare, y, start[y], gone, w)
        start[y] = _take(field, spare, y, start[y], gone, w)


@kernel
def _take(plane: Any, spare: Any, y: Any, o: Any, x: Any, w: Any) -> Any:
    """Take entry x out of a row of w; give where the row begins then."""
    if TWO * x < w:
        for j in range(x):
            spare[j] = plane[y, o + j]
        for j in range(x):
            plane[y, o + ONE + j] = spare[j]
        return o + ONE
    rest = w - ONE - x
    for j in range(rest):
        spare[j] = plane[y, o + x + ONE + j]
    for j in range(rest):
        plane[y, o + x + j] = spare[j]
    return o


@kernel
def originals(seams: Any, first: Any, order: Any, tree: Any) -> None:
    """Say of every pixel when it goes.

    The tree counts what is left: node n has the sons 2n and 2n + 1, and what it holds is how many
    columns are left below the first of them. A column that goes is found from the root, node 1,
    and what is counted on the way is one less from then on.

    Args:
        seams: int32 (count, height), columns counted in what was left.
        first: number of the first seam.
        order: integers (height, columns): gets ``first + 1``, ``first + 2``, ... where seams lead;
            0 where none did.
        tree: int32 (2 leaves,), leaves a power of two not below the columns; to work in.
    """
    leaves = len(tree) // 2
    for y in range(order.shape[0]):
        for x in range(leaves):
            tree[leaves + x] = np.int32(x < order.shape[1] and order[y, x] == 0)
        for node in range(leaves - 1, 0, -1):
            tree[node] = tree[2 * node] + tree[2 * node + 1]
        # From sums to what is below the first son, top down.
        for node in range(1, leaves):
            tree[node] = tree[2 * node]
        for s in range(seams.shape[0]):
            place = seams[s, y]
            at: Any = 1
            while at < leaves:
                beyond = np.int32(place >= tree[at])
                place -= beyond * tree[at]
                tree[at] -= 1 - beyond
                at = 2 * at + beyond
            order[y, at - leaves] = first + s + 1
