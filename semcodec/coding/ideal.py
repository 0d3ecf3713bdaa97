"""What an ideal coder would spend on symbols under integer tables."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.lookup import once
from semcodec.contracts.coding import PRECISION, Tables

__all__ = ["bits"]


def bits(
    tables: Tables, indexes: NDArray[np.integer[Any]], symbols: NDArray[np.integer[Any]]
) -> NDArray[np.float64]:
    """Give the ideal length of each symbol under its integer table, escapes included.

    Args:
        tables: the tables.
        indexes: the table of each symbol, broadcastable to the symbols.
        symbols: integers of any shape.

    Returns:
        float64 of their shape: ``-log2`` of the probability, and for a symbol outside its table
        the bits of its side and of its Exp-Golomb code (``docs/format-coding.md``).
    """
    index = np.broadcast_to(indexes, symbols.shape)
    offset, inside = tables.offsets[index].astype(np.int64), tables.lengths[index] - 1
    place = symbols.astype(np.int64) - offset
    outside = (place < 0) | (place >= inside)
    entry = np.where(outside, inside, place)
    made: NDArray[np.float64] = _lengths(tables)[index, entry]
    if outside.any():
        beyond = np.where(place < 0, -1 - place, place - inside)
        golomb = 2 * np.floor(np.log2(np.maximum(beyond, 0) + 1.0)) + 2
        made = made + np.where(outside, golomb, 0.0)
    return made


@once
def _lengths(tables: Tables) -> NDArray[np.float64]:
    """List the bits of every entry, (tables, width); those beyond a table's last are of none."""
    shares = np.maximum(np.diff(tables.cdf, axis=1), 1)
    return PRECISION - np.log2(shares.astype(np.float64))
