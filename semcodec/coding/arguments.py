"""What coding sessions check of their arguments, whichever the coder."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.coding import Tables
from semcodec.contracts.values import Symbols
from semcodec.errors import ContainerError

__all__ = ["BOUND", "HINT", "coded_values", "decoded_row", "index_row", "symbol_row"]

Ints: TypeAlias = NDArray[np.int32]
BOUND = 1 << 30
"""Largest magnitude of a symbol."""
HINT = "The file is damaged or was cut short: get it again from where it came."


def _row(name: str, values: Any) -> NDArray[Any]:
    array = np.asarray(values)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise ValueError(f"expected {name} in one dimension, got {array.dtype} {array.shape}")
    return array


def _compiled(array: NDArray[Any]) -> Ints:
    """Copy what is read-only too: to a compiled function that is another type."""
    return np.require(array, np.int32, ["C", "W"])


def index_row(indexes: Any, tables: Tables) -> Ints:
    """Give table indexes as contiguous int32.

    Raises:
        ValueError: they are no integers in one dimension, or one has no table.
    """
    array = _row("integer indexes", indexes)
    if array.size and not (array.min() >= 0 and array.max() < len(tables)):
        raise ValueError(
            f"expected table indexes from 0 to {len(tables) - 1}, "
            f"got {array.min()} to {array.max()}"
        )
    return _compiled(array)


def decoded_row(indexes: Any, tables: Tables) -> Ints:
    """Give the indexes that a decoder came to as contiguous int32.

    Raises:
        ContainerError: one has no table.
        ValueError: they are no integers in one dimension.
    """
    array = _row("integer indexes", indexes)
    try:
        return index_row(array, tables)
    except ValueError as error:
        raise ContainerError(f"coded data: {error}", hint=HINT) from None


def symbol_row(symbols: Any, count: int) -> Ints:
    """Give the symbols of a table pass as contiguous int32.

    Raises:
        ValueError: they are no integers in one dimension, not ``count`` of them, or beyond
            +-2**30.
    """
    array = _row("integer symbols", symbols)
    if array.size != count:
        raise ValueError(f"expected an index for each of {array.size}, got {count}")
    if array.size and (array.min() < -BOUND or array.max() > BOUND):
        raise ValueError(f"expected symbols within +-2**30, got {array.min()} to {array.max()}")
    return _compiled(array)


def coded_values(values: Any, symbols: Symbols) -> Ints:
    """Give the values of an adaptive pass; those masked out are of no account.

    Raises:
        ValueError: they are not as described.
    """
    array = np.asarray(values)
    mask = symbols.mask
    reason = symbols.check(array)
    # Only what is coded must be in range: ask again without the rest, which costs a copy.
    if reason and mask is not None and array.shape == mask.shape and array.dtype == np.int32:
        array = np.where(mask, array, np.int32(symbols.low))
        reason = symbols.check(array)
    if reason:
        raise ValueError(reason)
    return array
