"""Where the edges of a label map go: the contexts of primitive LABELS that look far.

An edge is a column whose label differs from the one to its left. An edge of a row is followed from
the row above: how far it stepped aside, and for how many rows it had stood still. Lines come as
nearly equal steps (when they are flat) or as steps of one after nearly equal runs (when they are
steep), so both tell where the edge of the next row is due; a template of pixels sees neither.

After the differential chain codes of contours: T. Kaneko and M. Okudaira, "Encoding of arbitrary
curves based on the chain code representation", IEEE Trans. Commun. 33(7), 1985.
"""

from __future__ import annotations

from typing import Any

from semcodec.coding.jit import kernel

__all__ = ["COURSES", "FAR", "GAPS", "course", "follow", "gap", "scan"]

FAR = 40
"""An edge farther away than this tells nothing about a place."""
LEAP = 16
"""An edge that is farther than this from any above it is a new one."""
GAPS, SPANS, STEPS = 10, 8, 11
STANDING = STEPS * STEPS
COURSES = 1 + 2 * GAPS * (STANDING + SPANS * SPANS * 3)
"""Contexts of ``course``, which are counted from 1, and context 0 for a place without an edge."""
STEP, TURN, RUN, BEFORE = range(4)


@kernel
def gap(distance: Any) -> Any:
    """Sort a distance in columns into 10: 0 .. 5, then from 6, 8, 12 and 20 on."""
    if distance < 6:
        return distance
    return 6 if distance < 8 else 7 if distance < 12 else 8 if distance < 20 else 9


@kernel
def _span(rows: Any) -> Any:
    if rows < 4:
        return rows
    return 4 if rows < 6 else 5 if rows < 9 else 6 if rows < 16 else 7


@kernel
def _step(columns: Any) -> Any:
    size = abs(columns)
    if size > 2:
        size = 3 if size < 5 else 4 if size < 9 else 5
    return size if columns >= 0 else STEPS - size


@kernel
def scan(row: Any, left: Any, right: Any) -> None:
    """Find the edges of a row.

    Args:
        row: integers (width,), labels.
        left: int64 (width,), written: the last edge at or before every column, -1 for none.
        right: int64 (width,), written: the first edge at or after it, -1 for none.
    """
    last = -1
    for x in range(len(row)):
        if x and row[x] != row[x - 1]:
            last = x
        left[x] = last
    last = -1
    for x in range(len(row) - 1, -1, -1):
        if x and row[x] != row[x - 1]:
            last = x
        right[x] = last


@kernel
def follow(row: Any, left: Any, right: Any, above: Any, here: Any) -> None:
    """Follow the edges of the row above into a row.

    Args:
        row: integers (width,), labels.
        left: of :func:`scan` for the row above.
        right: likewise.
        above: int64 (width, 4): step, turn, run and before of the edges of the row above.
        here: int64 (width, 4), written for the edges of this row.
    """
    for x in range(1, len(row)):
        if row[x] == row[x - 1]:
            continue
        from_left, from_right = left[x], right[x]
        origin = from_left
        if from_left < 0 or (from_right >= 0 and from_right - x < x - from_left):
            origin = from_right
        step = x - origin
        if origin < 0 or abs(step) > LEAP:
            here[x] = 0
        elif step == 0:
            moved = above[origin, STEP]
            here[x, STEP] = 0
            here[x, TURN] = moved or above[origin, TURN]
            here[x, RUN] = above[origin, RUN] + 1
            here[x, BEFORE] = above[origin, BEFORE]
        else:
            here[x, STEP] = step
            here[x, TURN] = above[origin, STEP]
            here[x, RUN] = 1
            here[x, BEFORE] = above[origin, RUN]


@kernel
def course(edge: Any, distance: Any, passed: Any) -> Any:
    """Give the context of a place by the edge of the row above that matters to it.

    Args:
        edge: int64 (4,): step, turn, run and before of that edge.
        distance: columns between the place and the edge.
        passed: 1 if the edge is at the place or to its left, and this row has not turned yet.
    """
    if edge[STEP]:
        shape = STEPS * _step(edge[STEP]) + _step(edge[TURN])
    else:
        side = 0 if edge[TURN] == 0 else 1 if edge[TURN] > 0 else 2
        shape = STANDING + 3 * (SPANS * _span(edge[RUN]) + _span(edge[BEFORE])) + side
    return 1 + 2 * (GAPS * shape + gap(distance)) + passed
