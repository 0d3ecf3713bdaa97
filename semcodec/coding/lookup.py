"""Where a table's entries begin, so that a decoder finds one in a step or two."""

from __future__ import annotations

import weakref
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.jit import kernel
from semcodec.contracts.coding import PRECISION, Tables

__all__ = ["Starts", "find", "starts"]

Starts: TypeAlias = NDArray[np.uint16]
FINEST = 10
MOST = 1 << 18
"""Most entries of a lookup, half a MiB, unless there are more tables than that."""

_known: dict[int, tuple[weakref.ref[Tables], Starts]] = {}


def starts(tables: Tables) -> Starts:
    """Give the lookup of all tables; it is made once and lives as long as they do.

    Returns:
        uint16 (tables, 2**k + 1): the entry that holds cumulative frequency ``b << (16 - k)``;
        the last column holds the last entry. k is 10, less where there are many tables.
    """
    found = _known.get(id(tables))
    if found is not None and found[0]() is tables:
        return found[1]
    bits = FINEST
    while bits and len(tables) << bits > MOST:
        bits -= 1
    made: Starts = np.empty((len(tables), (1 << bits) + 1), dtype=np.uint16)
    _fill(made, tables.cdf, tables.lengths, PRECISION - bits)
    key = id(tables)
    _known[key] = weakref.ref(tables, lambda _: _known.pop(key, None)), made
    return made


@kernel
def _fill(made: Any, cdf: Any, lengths: Any, shift: Any) -> None:
    for row in range(len(lengths)):
        entry = 0
        for bucket in range(made.shape[1] - 1):
            while cdf[row, entry + 1] <= bucket << shift:
                entry += 1
            made[row, bucket] = entry
        made[row, made.shape[1] - 1] = lengths[row] - 1


@kernel
def find(made: Any, cdf: Any, row: Any, part: Any, shift: Any) -> Any:
    """Give the entry of a table that holds ``part``, 0 to 65535; ``shift`` is 16 - k."""
    bucket = part >> shift
    entry = np.int64(made[row, bucket])
    above = np.int64(made[row, bucket + 1]) + 1
    while above - entry > 1:
        middle = (entry + above) >> 1
        if cdf[row, middle] <= part:
            entry = middle
        else:
            above = middle
    return entry
