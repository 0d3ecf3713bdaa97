"""Coding sessions of rANS: tables in its lanes, adaptive passes beside them in a range coder."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.coding import rans, rans_reader
from semcodec.coding.arguments import HINT, decoded_row, index_row, symbol_row
from semcodec.coding.lookup import starts
from semcodec.coding.parts import join, split
from semcodec.coding.sessions import RangeDecoder, RangeEncoder
from semcodec.contracts.coding import AdaptivePass, DecodeSession, EncodeSession, Tables
from semcodec.contracts.values import Symbols
from semcodec.errors import ContainerError

__all__ = ["RansDecoder", "RansEncoder"]

Ints: TypeAlias = NDArray[np.int32]
NEVER = 1 << 40


def _codes_any(symbols: Symbols) -> bool:
    return symbols.size > 0 and (symbols.mask is None or bool(symbols.mask.any()))


class RansEncoder(EncodeSession):
    """Gathers symbols, and writes them from the last to the first when it is finished."""

    def __init__(self, lanes: int) -> None:
        self._lanes = lanes
        self._steps: list[rans.Steps] = []
        self._adaptive = RangeEncoder()
        self._tables_first: bool | None = None
        self._open = True

    def code(self, symbols: Ints, indexes: Ints, tables: Tables) -> None:
        """See :meth:`EncodeSession.code`.

        Raises:
            ValueError: symbols beyond +-2**30, indexes without a table, or unequal lengths.
        """
        self._check_open()
        rows = index_row(indexes, tables)
        values = symbol_row(symbols, rows.size)
        if rows.size and self._tables_first is None:
            self._tables_first = True
        self._steps.append(rans.steps(tables.cdf, tables.lengths, tables.offsets, rows, values))

    def adapt(self, values: Ints, symbols: Symbols, adaptive: AdaptivePass) -> None:
        """See :meth:`EncodeSession.adapt`.

        Raises:
            ValueError: the primitive is unknown, cannot code such symbols, or the values are not
                as described.
        """
        self._check_open()
        self._adaptive.progress = self.progress
        self._adaptive.adapt(values, symbols, adaptive)
        if _codes_any(symbols) and self._tables_first is None:
            self._tables_first = False

    def finish(self) -> bytes:
        """See :meth:`EncodeSession.finish`."""
        self._check_open()
        self._open = False
        made = (
            self._steps.pop()
            if len(self._steps) == 1
            else np.concatenate([np.empty(0, dtype=np.uint32), *self._steps])
        )
        tables = rans.close(*rans.code_steps(made, self._lanes))
        return join(tables, self._adaptive.finish(), tables_first=bool(self._tables_first))

    def _check_open(self) -> None:
        if not self._open:
            raise ValueError("expected an open session, got one that is finished")


class RansDecoder(DecodeSession):
    """Reads what a :class:`RansEncoder` with as many lanes wrote."""

    def __init__(self, data: bytes, lanes: int) -> None:
        self._data: bytes | None = bytes(data)
        self._lanes = lanes
        self._state, self._words = rans_reader.open_words(b"", lanes)
        self._adaptive = RangeDecoder(b"")

    def code(self, indexes: Ints, tables: Tables, end: int | None = None) -> Ints:
        """See :meth:`DecodeSession.code`.

        Raises:
            ContainerError: the data cannot be right, or led to an index without a table.
        """
        rows = decoded_row(indexes, tables)
        if rows.size:
            self._part(tables_first=True)
        self._check_data()
        values = np.zeros(rows.size, dtype=np.int32)
        count = rans_reader.read(
            self._state,
            self._words,
            starts(tables),
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
        if _codes_any(symbols):
            self._part(tables_first=False)
        self._adaptive.progress = self.progress
        return self._adaptive.adapt(symbols, adaptive)

    def finish(self) -> None:
        """Check that the data ends where an encoder would have ended it.

        Raises:
            ContainerError: it does not.
        """
        self._check_data()
        if self._data or not rans_reader.closed(self._state):
            raise ContainerError(
                "coded data: expected an end after the last symbol, got more or other words",
                hint=HINT,
            )
        self._adaptive.finish()

    def _part(self, *, tables_first: bool) -> None:
        """Open both parts at the first pass that codes anything: its family tells the form."""
        if self._data is None:
            return
        tables, adaptive = split(self._data, tables_first=tables_first)
        self._data = None
        self._state, self._words = rans_reader.open_words(tables, self._lanes)
        self._adaptive = RangeDecoder(adaptive)

    def _check_data(self) -> None:
        status = self._state[rans_reader.STATUS]
        if status == rans_reader.EXHAUSTED:
            raise ContainerError(
                "coded data: expected more words of the lanes than there are", hint=HINT
            )
        if status != rans_reader.FINE:
            raise ContainerError("coded data: got a value that no encoder writes", hint=HINT)
