"""Coding sessions without a model: symbols as they are."""

from __future__ import annotations

from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.arguments import HINT, coded_values, decoded_row, index_row, symbol_row
from semcodec.coding.fixed import Alphabet, Source, alphabet, pack, unpack
from semcodec.coding.primitives import problem
from semcodec.contracts.coding import AdaptivePass, DecodeSession, EncodeSession, Tables
from semcodec.contracts.values import Symbols
from semcodec.errors import ContainerError

__all__ = ["PlainDecoder", "PlainEncoder", "Stored"]

Ints: TypeAlias = NDArray[np.int32]


class Stored:
    """Bytes as they are, read from the front; a :class:`~semcodec.coding.fixed.Source`."""

    def __init__(self, data: bytes) -> None:
        self._left = memoryview(data)

    def peek(self, count: int) -> bytes:
        """See :meth:`Source.peek`."""
        return bytes(self._left[:count])

    def skip(self, count: int) -> None:
        """See :meth:`Source.skip`."""
        self._left = self._left[count:]

    def finish(self) -> None:
        """See :meth:`Source.finish`."""
        if self._left:
            raise ContainerError(
                f"coded data: expected an end after the last symbol, got {len(self._left)} bytes",
                hint=HINT,
            )


class PlainEncoder(EncodeSession):
    """Writes symbols of a fixed width, one after another."""

    planes: ClassVar[bool] = False

    def __init__(self) -> None:
        self._parts: list[bytes] | None = []

    def code(self, symbols: Ints, indexes: Ints, tables: Tables) -> None:
        """See :meth:`EncodeSession.code`; the tables are checked and not used.

        Raises:
            ValueError: symbols beyond +-2**30, indexes without a table, or unequal lengths.
        """
        values = symbol_row(symbols, index_row(indexes, tables).size)
        self._opened().append(pack(values, Alphabet(), planes=self.planes))

    def adapt(self, values: Ints, symbols: Symbols, adaptive: AdaptivePass) -> None:
        """See :meth:`EncodeSession.adapt`; the primitive is checked and not used.

        Raises:
            ValueError: the primitive is unknown, cannot code such symbols, or the values are not
                as described.
        """
        reason = problem(symbols, adaptive)
        if reason:
            raise ValueError(reason)
        array = coded_values(values, symbols)
        coded = array.reshape(-1) if symbols.mask is None else array[symbols.mask]
        if symbols.end is not None and coded.size < symbols.size:
            coded = np.append(coded, np.int32(symbols.end))
        self._opened().append(pack(coded, alphabet(symbols), planes=self.planes))

    def finish(self) -> bytes:
        """See :meth:`EncodeSession.finish`."""
        data = b"".join(self._opened())
        self._parts = None
        return data

    def _opened(self) -> list[bytes]:
        if self._parts is None:
            raise ValueError("expected an open session, got one that is finished")
        return self._parts


class PlainDecoder(DecodeSession):
    """Reads what a :class:`PlainEncoder` wrote."""

    planes: ClassVar[bool] = False

    def __init__(self, source: Source) -> None:
        self._source = source

    def code(self, indexes: Ints, tables: Tables, end: int | None = None) -> Ints:
        """See :meth:`DecodeSession.code`.

        Raises:
            ContainerError: the data cannot be right, or led to an index without a table.
        """
        count = decoded_row(indexes, tables).size
        return unpack(self._source, count, Alphabet(end=end), planes=self.planes)

    def adapt(self, symbols: Symbols, adaptive: AdaptivePass) -> Ints:
        """See :meth:`DecodeSession.adapt`.

        Raises:
            ContainerError: the data cannot be right.
            ValueError: the primitive is unknown or cannot code such symbols.
        """
        reason = problem(symbols, adaptive)
        if reason:
            raise ValueError(reason)
        mask = symbols.mask
        count = symbols.size if mask is None else int(np.count_nonzero(mask))
        coded = unpack(self._source, count, alphabet(symbols), planes=self.planes)
        if symbols.end is not None:
            return coded[:-1] if coded.size and coded[-1] == symbols.end else coded
        if mask is None:
            return coded.reshape(symbols.shape)
        values = np.zeros(symbols.shape, dtype=np.int32)
        values[mask] = coded
        return values

    def finish(self) -> None:
        """Check that the data ends after the last symbol.

        Raises:
            ContainerError: it does not.
        """
        self._source.finish()
