"""Coding sessions of the range coder."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.coding import rangecoder
from semcodec.coding.dispatch import code_adaptive
from semcodec.coding.static import BOUND, code_symbols
from semcodec.contracts.coding import AdaptivePass, DecodeSession, EncodeSession, Tables
from semcodec.contracts.values import Symbols
from semcodec.errors import ContainerError

__all__ = ["RangeDecoder", "RangeEncoder"]

Ints: TypeAlias = NDArray[np.int32]
NEVER = 1 << 40
HINT = "The file is damaged or was cut short: get it again from where it came."


def _row(name: str, values: Any) -> NDArray[np.int64]:
    array = np.asarray(values)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise ValueError(f"expected {name} in one dimension, got {array.dtype} {array.shape}")
    return array.astype(np.int64)


def _outside(indexes: NDArray[np.int64], tables: Tables) -> str:
    if not indexes.size or (indexes.min() >= 0 and indexes.max() < len(tables)):
        return ""
    return (
        f"expected table indexes from 0 to {len(tables) - 1}, "
        f"got {indexes.min()} to {indexes.max()}"
    )


class RangeEncoder(EncodeSession):
    """Writes symbols with the range coder."""

    def __init__(self) -> None:
        self._state, self._buffer = rangecoder.open_writer()
        self._open = True

    def code(self, symbols: Ints, indexes: Ints, tables: Tables) -> None:
        """See :meth:`EncodeSession.code`.

        Raises:
            ValueError: symbols beyond +-2**30, indexes without a table, or unequal lengths.
        """
        self._check_open()
        values, rows = _row("integer symbols", symbols), _row("integer indexes", indexes)
        if values.shape != rows.shape:
            raise ValueError(f"expected an index for each of {values.size}, got {rows.size}")
        if values.size and (values.min() < -BOUND or values.max() > BOUND):
            raise ValueError(
                f"expected symbols within +-2**30, got {values.min()} to {values.max()}"
            )
        reason = _outside(rows, tables)
        if reason:
            raise ValueError(reason)
        self._buffer, _ = code_symbols(
            self._state,
            self._buffer,
            tables.cdf,
            tables.lengths,
            tables.offsets,
            rows.astype(np.int32),
            values.astype(np.int32),
            NEVER,
        )

    def adapt(self, values: Ints, symbols: Symbols, adaptive: AdaptivePass) -> None:
        """See :meth:`EncodeSession.adapt`.

        Raises:
            ValueError: the primitive is unknown, cannot code such symbols, or the values are not
                as described.
        """
        self._check_open()
        array = np.asarray(values)
        mask = symbols.mask
        reason = symbols.check(array)
        # Only what is coded must be in range: ask again without the rest, which costs a copy.
        if reason and mask is not None and array.shape == mask.shape and array.dtype == np.int32:
            array = np.where(mask, array, np.int32(symbols.low))
            reason = symbols.check(array)
        if reason:
            raise ValueError(reason)
        self._buffer, _ = code_adaptive(self._state, self._buffer, array, symbols, adaptive)

    def finish(self) -> bytes:
        """See :meth:`EncodeSession.finish`; gives the shortest bytes that decode."""
        self._check_open()
        self._open = False
        return rangecoder.close(self._state, self._buffer)

    def _check_open(self) -> None:
        if not self._open:
            raise ValueError("expected an open session, got one that is finished")


class RangeDecoder(DecodeSession):
    """Reads what a :class:`RangeEncoder` wrote."""

    def __init__(self, data: bytes) -> None:
        self._state, self._buffer = rangecoder.open_reader(bytes(data))

    def code(self, indexes: Ints, tables: Tables, end: int | None = None) -> Ints:
        """See :meth:`DecodeSession.code`.

        Raises:
            ContainerError: the data cannot be right, or led to an index without a table.
        """
        self._check_data()
        rows = _row("integer indexes", indexes)
        reason = _outside(rows, tables)
        if reason:
            raise ContainerError(f"coded data: {reason}", hint=HINT)
        values = np.zeros(rows.size, dtype=np.int32)
        _, count = code_symbols(
            self._state,
            self._buffer,
            tables.cdf,
            tables.lengths,
            tables.offsets,
            rows.astype(np.int32),
            values,
            NEVER if end is None else end,
        )
        self._check_data()
        return values[:count]

    def adapt(self, symbols: Symbols, adaptive: AdaptivePass) -> Ints:
        """See :meth:`DecodeSession.adapt`.

        Raises:
            ContainerError: the data cannot be right.
            ValueError: the primitive is unknown or cannot code such symbols.
        """
        self._check_data()
        _, values = code_adaptive(self._state, self._buffer, None, symbols, adaptive)
        self._check_data()
        return values

    def finish(self) -> None:
        """Check that the data ends where an encoder would have ended it.

        Raises:
            ContainerError: it does not.
        """
        self._check_data()
        if not rangecoder.used_up(self._state, self._buffer):
            raise ContainerError(
                f"coded data: expected an end after the last symbol, got other bytes "
                f"among the {len(self._buffer)}",
                hint=HINT,
            )

    def _check_data(self) -> None:
        status = self._state[rangecoder.STATUS]
        if status == rangecoder.EXHAUSTED:
            raise ContainerError(
                f"coded data: expected more than the {len(self._buffer)} bytes there are",
                hint=HINT,
            )
        if status != rangecoder.FINE:
            raise ContainerError("coded data: got a value that no encoder writes", hint=HINT)
