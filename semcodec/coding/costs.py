"""What symbols are likely to cost: adaptive estimates for encoders that choose among symbols.

They only guide an encoder. No decoder depends on them, so they are free to improve.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.jit import kernel

__all__ = ["Costs", "learn", "new_costs", "price"]

Floats: TypeAlias = NDArray[np.float32]

CERTAIN = 255
"""Counts of a context are halved when they reach this, so that it keeps learning."""


class Costs(NamedTuple):
    """Counts of decisions, and the logarithms that turn them into bits.

    Attributes:
        counts: float32 (contexts, 2): how often 0 and 1 were seen, the prior included.
        bits: float32 (4097,): ``-log2(i / 4096)``, the first entry as of half a unit.
    """

    counts: Floats
    bits: Floats


@cache
def _bits() -> Floats:
    values = [-math.log2(max(i, 0.5) / 4096) for i in range(4097)]
    made = np.array(values, dtype=np.float32)
    made.setflags(write=False)
    return made


def new_costs(priors: NDArray[np.float64]) -> Costs:
    """Give estimates that start from priors.

    Args:
        priors: float64 (contexts, 2), positive: pretended counts of 0 and of 1.
    """
    return Costs(priors.astype(np.float32), _bits())


@kernel
def price(costs: Any, context: Any, bit: Any) -> Any:
    """Give the bits that a decision costs in a context."""
    counts, bits = costs
    share = counts[context, bit] / (counts[context, 0] + counts[context, 1])
    return bits[int(share * 4096)]


@kernel
def learn(costs: Any, context: Any, bit: Any) -> None:
    """Note a decision."""
    counts, _ = costs
    counts[context, bit] += np.float32(1)
    if counts[context, bit] > CERTAIN:
        counts[context, 0] *= np.float32(0.5)
        counts[context, 1] *= np.float32(0.5)
