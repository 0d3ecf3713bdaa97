"""Coding sessions of the range coder."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.coding import rangecoder
from semcodec.coding.arguments import HINT, coded_values, decoded_row, index_row, symbol_row
from semcodec.coding.dispatch import code_adaptive
from semcodec.coding.static import code_symbols
from semcodec.contracts.coding import AdaptivePass, DecodeSession, EncodeSession, Tables
from semcodec.contracts.values import Symbols
from semcodec.errors import ContainerError

__all__ = ["RangeDecoder", "RangeEncoder"]

Ints: TypeAlias = NDArray[np.int32]
NEVER = 1 << 40


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
        rows = index_row(indexes, tables)
        values = symbol_row(symbols, rows.size)
        self._buffer, _ = code_symbols(
            self._state,
            self._buffer,
            tables.cdf,
            tables.lengths,
            tables.offsets,
            rows,
            values,
            NEVER,
        )

    def adapt(self, values: Ints, symbols: Symbols, adaptive: AdaptivePass) -> None:
        """See :meth:`EncodeSession.adapt`.

        Raises:
            ValueError: the primitive is unknown, cannot code such symbols, or the values are not
                as described.
        """
        self._check_open()
        array = coded_values(values, symbols)
        self._buffer, _ = code_adaptive(
            self._state, self._buffer, array, symbols, adaptive, self.progress
        )

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
        rows = decoded_row(indexes, tables)
        values = np.zeros(rows.size, dtype=np.int32)
        _, count = code_symbols(
            self._state,
            self._buffer,
            tables.cdf,
            tables.lengths,
            tables.offsets,
            rows,
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
        _, values = code_adaptive(self._state, self._buffer, None, symbols, adaptive, self.progress)
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
