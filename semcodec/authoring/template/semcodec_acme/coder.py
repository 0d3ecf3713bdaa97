# if coder
"""An entropy coder: sessions that turn integers into bytes, and back."""

from __future__ import annotations

import zlib
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from semcodec import (
    AdaptivePass,
    DecodeSession,
    EncodeOnly,
    EncodeSession,
    EntropyCoder,
    Interval,
    Symbols,
    Tables,
    component,
)
from semcodec.errors import ContainerError

__all__ = ["Deflate"]

RAW = -15  # Deflate with its largest window, without zlib's own header and checksum
BOUND = 2**30


class Writer(EncodeSession):
    """Compresses, for every call, the number of its symbols and their bytes, the low ones first."""

    def __init__(self, level: int) -> None:
        self._deflate = zlib.compressobj(level, zlib.DEFLATED, RAW)
        self._parts: list[bytes] = []

    def code(self, symbols: NDArray[Any], indexes: NDArray[Any], tables: Tables) -> None:
        """Write symbols; the tables are not used."""
        self._put(symbols)

    def adapt(self, values: NDArray[Any], symbols: Symbols, adaptive: AdaptivePass) -> None:
        """Write the values that are coded at all; the context model is not used."""
        self._put(values if symbols.mask is None else values[symbols.mask])

    def finish(self) -> bytes:
        """Give the bytes; none where nothing was coded."""
        return b"".join([*self._parts, self._deflate.flush()]) if self._parts else b""

    def _put(self, symbols: NDArray[Any]) -> None:
        count = np.array([symbols.size], "<u4")
        planes = symbols.astype("<i4").reshape(-1, 1).view(np.uint8).T
        self._parts.append(self._deflate.compress(count.tobytes() + planes.tobytes()))


class Reader(DecodeSession):
    """Reads what a writer wrote, and never inflates more than was asked for."""

    def __init__(self, data: bytes) -> None:
        self._inflate = zlib.decompressobj(RAW)
        self._whole = not data
        self._left = data

    def code(
        self, indexes: NDArray[Any], tables: Tables, end: int | None = None
    ) -> NDArray[np.int32]:
        """Read a symbol for each index, or up to the first ``end``."""
        found = self._take(indexes.size, exact=end is None)
        if end is not None:
            ends = np.flatnonzero(found == end)
            if found.size != (ends[0] + 1 if ends.size else indexes.size):
                raise ContainerError(f"expected symbols up to the first {end}, got others")
        return found

    def adapt(self, symbols: Symbols, adaptive: AdaptivePass) -> NDArray[np.int32]:
        """Read values as ``symbols`` describes them."""
        if symbols.end is not None:
            values = self._take(symbols.size, exact=False)
        else:
            mask = np.ones(symbols.shape, bool) if symbols.mask is None else symbols.mask
            values = np.zeros(symbols.shape, np.int32)
            values[mask] = self._take(int(np.count_nonzero(mask)), exact=True)
        problem = symbols.check(values)
        if problem:
            raise ContainerError(problem)
        return values

    def finish(self) -> None:
        """Check that nothing is left."""
        if self._inflated(1) or not (self._whole or self._inflate.eof):
            raise ContainerError("expected an end after the last symbol, got more, or a piece")
        if self._left or self._inflate.unused_data:
            raise ContainerError("expected nothing after the end of the coded data, got more")

    def _take(self, most: int, *, exact: bool) -> NDArray[np.int32]:
        count = int.from_bytes(self._read(4), "little")
        if count > most or (exact and count < most):
            raise ContainerError(f"expected {most} symbols, got {count}")
        planes = np.frombuffer(self._read(4 * count), np.uint8).reshape(4, count)
        found = np.ascontiguousarray(planes.T).view("<i4").reshape(-1).astype(np.int32)
        if (np.abs(found.astype(np.int64)) > BOUND).any():
            raise ContainerError(f"expected symbols within {BOUND} of zero, got others")
        return found

    def _read(self, size: int) -> bytes:
        made = bytearray()
        while len(made) < size:
            piece = self._inflated(size - len(made))
            if not piece:
                raise ContainerError(f"expected {size} bytes, the data ends after {len(made)}")
            made += piece
        return bytes(made)

    def _inflated(self, most: int) -> bytes:
        try:
            piece = self._inflate.decompress(self._left, most)
        except zlib.error as error:
            raise ContainerError(f"expected Deflate data, got an error: {error}") from None
        self._left = self._inflate.unconsumed_tail
        return piece


@component
class Deflate(EntropyCoder):
    """Symbols through Deflate, whatever the model says: lossless, and simple to read elsewhere.

    Attributes:
        level: effort, 1 fast to 9 thorough.
    """

    level: EncodeOnly[Annotated[int, Interval(ge=1, le=9)]] = 9

    def encoder(self) -> EncodeSession:
        """Open a session that writes."""
        return Writer(self.level)

    def decoder(self, data: bytes) -> DecodeSession:
        """Open a session that reads."""
        return Reader(data)
# end
