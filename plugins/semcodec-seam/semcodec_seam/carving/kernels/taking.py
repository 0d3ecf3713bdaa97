"""Seams out of their rows, and places in the picture that was."""

from __future__ import annotations

from typing import Any

import numpy as np

from semcodec.coding.jit import kernel
from semcodec_seam.carving.kernels.rows import ONE, TWO

__all__ = ["originals", "take", "take_both"]


@kernel
def take(plane: Any, spare: Any, y: Any, o: Any, x: Any, w: Any) -> Any:
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
def take_both(field: Any, gray: Any, start: Any, spare: Any, seams: Any, s: Any, w: Any) -> None:
    """Take a seam out of a field and of the picture that it goes with."""
    for y in range(np.uint64(field.shape[0])):
        gone = np.uint64(seams[s, y])
        take(gray, spare, y, start[y], gone, w)
        start[y] = take(field, spare, y, start[y], gone, w)


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
