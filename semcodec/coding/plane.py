"""Primitive PLANE: maps of few levels, such as saliency levels and labels.

Each value is asked for among its decoded neighbours first (is it the western one? the northern
one? ...), and named by a tree only where it is none of them. How the neighbours agree with each
other tells how likely that is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from semcodec.coding.adaptive import Model, decide, new_model, tree
from semcodec.coding.jit import kernel
from semcodec.coding.rangecoder import FINE, STATUS, reserve

__all__ = ["code_planes", "plane_model"]

SMALL, LARGE = 16, 64
TREES = 4 * (SMALL + LARGE)
MIXERS = 4 + 9
WEIGHTS = (20000, 20000, 20000)


def plane_model(levels: int) -> Model:
    """Give the initial model of a pass over maps of ``levels`` levels, 1 to 256."""
    size = 1 << (levels - 1).bit_length()
    contexts = TREES + 4 * SMALL * levels + size * (1 + 2 * levels)
    return new_model(contexts, MIXERS, WEIGHTS)


@kernel
def code_planes(coder: Any, buffer: Any, model: Any, values: Any, mask: Any, levels: Any) -> Any:
    """Code int32 (planes, height, width) in [0, levels), where the bool mask of that shape holds.

    Returns:
        The buffer, which may have grown.
    """
    planes, height, width = values.shape
    size = 1
    while size < levels:
        size <<= 1
    trees = TREES + 4 * SMALL * levels
    near = np.empty(4, dtype=np.int64)
    recent = 0
    for plane in range(planes):
        known = np.full((height + 2, width + 3), -1, dtype=np.int64)
        for y in range(height):
            for x in range(width):
                if not mask[plane, y, x]:
                    continue
                buffer = reserve(coder, buffer)
                w = known[y + 2, x + 1] if known[y + 2, x + 1] >= 0 else recent
                n = known[y + 1, x + 2] if known[y + 1, x + 2] >= 0 else w
                nw = known[y + 1, x + 1] if known[y + 1, x + 1] >= 0 else n
                ne = known[y + 1, x + 3] if known[y + 1, x + 3] >= 0 else n
                ww = known[y + 2, x] if known[y + 2, x] >= 0 else w
                nn = known[y, x + 2] if known[y, x + 2] >= 0 else n
                near[0], near[1], near[2], near[3] = w, n, nw, ne
                small = int(w == n) | int(n == nw) << 1 | int(n == ne) << 2 | int(w == nw) << 3
                large = small | int(w == ww) << 4 | int(n == nn) << 5
                value = values[plane, y, x]
                found = -1
                rejected = 0
                for stage in range(4):
                    guess = near[stage]
                    fresh = True
                    for earlier in range(stage):
                        fresh = fresh and near[earlier] != guess
                    if not fresh:
                        continue
                    if rejected == levels - 1 or decide(
                        coder,
                        buffer,
                        model,
                        stage * SMALL + small,
                        4 * SMALL + stage * LARGE + large,
                        TREES + (4 * w + stage) * SMALL + small,
                        stage,
                        int(value == guess),
                    ):
                        found = guess
                        break
                    rejected += 1
                if found < 0:
                    found = tree(
                        coder,
                        buffer,
                        model,
                        trees,
                        trees + size * (1 + w),
                        trees + size * (1 + levels + n),
                        4,
                        levels,
                        value,
                    )
                values[plane, y, x] = found
                known[y + 2, x + 2] = found
                recent = found
            if coder[STATUS] != FINE:
                return buffer
    return buffer
