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

__all__ = ["BITS", "FARTHEST", "residuals", "step_table"]

BITS = 8
"""Bits of a step after the point."""

FARTHEST = SCALES - 1
"""Shifts beyond it count as it: they move every index to an end of the grid."""

_LARGEST = 1 << 24


@lru_cache(maxsize=1)
def step_table() -> NDArray[np.int64]:
    """List the integer steps of the shifts from -:data:`FARTHEST` to :data:`FARTHEST`.

    By multiplication and division alone, which IEEE 754 defines to the last bit.
    """
    ladder = [1.0]
    for _ in range(FARTHEST):
        ladder.append(ladder[-1] * RATIO)
    up = np.array(ladder)
    real = np.concatenate([up[:0:-1], 1.0 / up])
    made: NDArray[np.int64] = np.floor(real * (1 << BITS) + 0.5).astype(np.int64)
    made.setflags(write=False)
    return made


def residuals(
    symbols: NDArray[np.integer[Any]], shift: NDArray[np.integer[Any]]
) -> NDArray[np.int64]:
    """Give residuals in steps of gain 1.

    Args:
        symbols: integers of any shape; beyond 2**24 they count as that.
        shift: k of each, broadcastable.
    """
    factor = step_table()[np.clip(shift, -FARTHEST, FARTHEST) + FARTHEST]
    size = np.clip(symbols.astype(np.int64), -_LARGEST, _LARGEST)
    made: NDArray[np.int64] = (size * factor + (1 << (BITS - 1))) >> BITS
    return made
