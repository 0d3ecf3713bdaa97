"""Integer tables on a grid of scales, the same on every machine.

Cumulative probabilities are rounded from double precision. The tests show that none lies near a
tie, so that no platform's ``exp`` or ``erfc`` can round one differently, and pin the result.

The grid is that of J. Ballé et al., "Variational image compression with a scale hyperprior",
ICLR 2018, appendix 6.2: 64 scales from 0.11 to about 256, evenly spaced in the logarithm.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from itertools import pairwise

import numpy as np

from semcodec.contracts.coding import PRECISION, Tables

__all__ = [
    "RATIO",
    "SCALES",
    "gaussian_tables",
    "laplace_tables",
    "scale_grid",
    "scale_index",
    "scale_tables",
]

SCALES = 64
RATIO = 1.131
"""Of neighbouring scales: a gain of ``RATIO**k`` moves a table index by k."""
SMALLEST = 0.11
TAIL = 2.0**-14
"""Most probability that a table leaves to its escape."""


@cache
def scale_grid() -> tuple[float, ...]:
    """Give the scales, ascending."""
    grid = [SMALLEST]
    while len(grid) < SCALES:
        grid.append(grid[-1] * RATIO)
    return tuple(grid)


def scale_index(scale: float) -> int:
    """Give the index of the grid's scale that is nearest in ratio."""
    grid = scale_grid()
    return sum(scale * scale > a * b for a, b in pairwise(grid))


@cache
def gaussian_tables() -> Tables:
    """Give the tables of normal variables rounded to integers; a scale is a standard deviation."""
    return scale_tables(lambda x, scale: 0.5 * math.erfc(x / (scale * math.sqrt(2))))


@cache
def laplace_tables() -> Tables:
    """Give the tables of Laplace variables rounded to integers; a scale is a mean magnitude."""
    return scale_tables(lambda x, scale: 0.5 * math.exp(-x / scale))


def cumulative(tail: Callable[[float, float], float], scale: float) -> list[float]:
    """List the cumulative frequencies of one table, not yet rounded.

    Args:
        tail: the probability above ``x >= 0``, of ``x`` and the scale.
        scale: the scale.

    Returns:
        One entry for each symbol -reach .. reach and one for the escape: what lies below it, of
        2**16 less one for every entry.
    """
    tails = [tail(0.5, scale), tail(1.5, scale)]
    while 2 * tails[-1] >= TAIL:
        tails.append(tail(len(tails) + 0.5, scale))
    below = [t - tails[-1] for t in reversed(tails)]
    below += [1 - t - tails[-1] for t in tails]
    spare = (1 << PRECISION) - len(below)
    return [spare * share for share in below]


def scale_tables(tail: Callable[[float, float], float]) -> Tables:
    """Give a table for each scale of the grid, of a symmetric variable rounded to integers.

    Args:
        tail: the probability above ``x >= 0``, of ``x`` and the scale.
    """
    rows = [
        [round(share) + place for place, share in enumerate(cumulative(tail, scale))]
        for scale in scale_grid()
    ]
    lengths = [len(row) for row in rows]
    cdf = np.full((len(rows), max(lengths) + 1), 1 << PRECISION, dtype=np.int32)
    for row, entries in zip(cdf, rows, strict=True):
        row[: len(entries)] = entries
    return Tables(cdf, np.array(lengths), np.array([1 - length // 2 for length in lengths]))
