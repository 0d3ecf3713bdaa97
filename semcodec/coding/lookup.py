"""What is made once of tables: where entries begin, so that one is found in a step or two."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.jit import kernel
from semcodec.contracts.coding import PRECISION, Tables

__all__ = ["Starts", "find", "once", "starts"]

Starts: TypeAlias = NDArray[np.uint16]
Made = TypeVar("Made")
FINEST = 10
MOST = 1 << 18
"""Most entries of a lookup, half a MiB, unless there are more tables than that."""


def once(make: Callable[[Tables], Made]) -> Callable[[Tables], Made]:
    """Keep what a function makes of tables for as long as they live."""
    known: dict[int, tuple[weakref.ref[Tables], Made]] = {}

    @wraps(make)
    def kept(tables: Tables) -> Made:
        key = id(tables)
        found = known.get(key)
        if found is not None and found[0]() is tables:
            return found[1]
        made = make(tables)
        known[key] = weakref.ref(tables, lambda _: known.pop(key, None)), made
        return made

    return kept


@once
def starts(tables: Tables) -> Starts:
    """Give the lookup of all tables.

    Returns:
        uint16 (tables, 2**k + 1): the entry that holds cumulative frequency ``b << (16 - k)``;
        the last column holds the last entry. k is 10, less where there are many tables.
    """
    bits = FINEST
    while bits and len(tables) << bits > MOST:
        bits -= 1
    made: Starts = np.empty((len(tables), (1 << bits) + 1), dtype=np.uint16)
    _fill(made, tables.cdf, tables.lengths, PRECISION - bits)
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
