"""Residuals in steps of gain 1, as integers: what a context sees whatever the gain was.

A symbol q of gain ``RATIO**k`` stands for the residual ``q RATIO**-k``. Here that is
``floor((q s + 2**7) / 2**8)`` with the integer ``s = round(2**8 RATIO**-k)``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.tables import RATIO, SCALES

__all__ = ["BITS", "FARTHEST", "limited", "residuals", "step_of", "step_table"]

BITS = 8
"""Bits of a step after the point; part of the format. Steps of k up to 26 are within 5 percent of
``RATIO**-k``; from 51 on they are 0, and a context sees nothing."""

FARTHEST = SCALES - 1
"""Shifts beyond it count as it: they move every index to an end of the grid."""


@lru_cache(maxsize=1)
def step_table() -> NDArray[np.int64]:
    """List the integer steps of the shifts from -:data:`FARTHEST` to :data:`FARTHEST`.

    By multiplication and division alone, which IEEE 754 defines to the last bit.

    Returns:
        int64 (127,), descending, below 2**20.
    """
    ladder = [1.0]
    for _ in range(FARTHEST):
        ladder.append(ladder[-1] * RATIO)
    up = np.array(ladder)
    real = np.concatenate([up[:0:-1], 1.0 / up])
    made: NDArray[np.int64] = np.floor(real * (1 << BITS) + 0.5).astype(np.int64)
    made.setflags(write=False)
    return made


def limited(shift: NDArray[np.integer[Any]]) -> NDArray[np.integer[Any]]:
    """Bring shifts, integers of any size, to those that have a step."""
    made: NDArray[np.integer[Any]] = np.clip(shift, -FARTHEST, FARTHEST)
    return made


def step_of(shift: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Give the integer step of each shift; see :func:`limited`."""
    made: NDArray[np.int64] = step_table()[limited(shift) + FARTHEST]
    return made


def residuals(symbols: NDArray[np.int32], steps: NDArray[np.int64]) -> NDArray[np.integer[Any]]:
    """Give residuals in steps of gain 1.

    Args:
        symbols: int32 of any shape; times a step they are below 2**51.
        steps: of each, broadcastable; as :func:`step_of` gives them.

    Returns:
        int64 or int32 of the symbols' shape.
    """
    # Products below 2**31 in half the memory, which is nearly always.
    most = int(steps.max(initial=0)) * max(
        int(symbols.max(initial=0)), -int(symbols.min(initial=0))
    )
    dtype = np.int32 if most < 2**30 else np.int64
    made = symbols.astype(dtype)
    made *= steps.astype(dtype)
    made += 1 << (BITS - 1)
    made >>= BITS
    return made
