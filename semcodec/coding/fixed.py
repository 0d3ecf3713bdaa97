"""Symbols of a fixed width, without a model: what the coders ``raw`` and ``zstd`` write.

A pass is a run of codes, unsigned integers of 0 to 4 bytes. Where the description of the symbols
leaves at most 256 of them, a code is the distance from the least one and its width follows from
the description. All others are folded around zero (0, -1, 1, -2, ...), which keeps small symbols
small, and the run starts with a byte that tells its width.

Codes come one after another, or in planes: all lowest bytes, then all second ones, which is what
a general compressor likes. Planes cannot be read before their number is known, so it comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.arguments import BOUND, HINT
from semcodec.contracts.values import Symbols
from semcodec.errors import ContainerError
from semcodec.wire.varint import read_varint, write_varint

__all__ = ["Alphabet", "Source", "alphabet", "pack", "unpack"]

Codes: TypeAlias = NDArray[np.int64]
LEVELS = 256
WIDEST = 4
VARINT = 5


class Source(Protocol):
    """Bytes that are read from the front."""

    def peek(self, count: int) -> bytes:
        """Give the next bytes without using them up: ``count``, or as many as there are."""

    def skip(self, count: int) -> None:
        """Use up bytes that ``peek`` gave."""

    def finish(self) -> None:
        """Raise ContainerError if anything is left."""


@dataclass(frozen=True, slots=True)
class Alphabet:
    """Which symbols a run can hold.

    Attributes:
        low: the least symbol, the end included.
        high: the largest, likewise.
        end: the symbol that ends a run early, or None.
    """

    low: int = -BOUND
    high: int = BOUND
    end: int | None = None

    @property
    def few(self) -> bool:
        """Whether a code is the distance from ``low``."""
        return self.high - self.low < LEVELS

    def codes(self, values: NDArray[np.int32]) -> Codes:
        """Give the codes of symbols."""
        wide = values.astype(np.int64)
        return wide - self.low if self.few else (wide << 1) ^ (wide >> 63)

    def symbols(self, codes: Codes) -> NDArray[np.int64]:
        """Give the symbols of codes."""
        return codes + self.low if self.few else (codes >> 1) ^ -(codes & 1)


def alphabet(symbols: Symbols) -> Alphabet:
    """Give the alphabet of an adaptive pass."""
    if symbols.end is None:
        return Alphabet(symbols.low, symbols.high)
    low, high = min(symbols.low, symbols.end), max(symbols.high, symbols.end)
    return Alphabet(low, high, symbols.end)


def _width(most: int) -> int:
    return (most.bit_length() + 7) // 8


def pack(values: NDArray[np.int32], letters: Alphabet, *, planes: bool) -> bytes:
    """Write a run.

    Args:
        values: int32 (symbols,) of the alphabet, the end included where there is one.
        letters: the alphabet.
        planes: order the bytes by significance.
    """
    if not values.size:
        return b""
    codes = letters.codes(values)
    width = _width(letters.high - letters.low if letters.few else int(codes.max()))
    head = b"" if letters.few else bytes([width])
    data = codes.astype("<u4").view(np.uint8).reshape(-1, WIDEST)[:, :width]
    if planes and width > 1:
        return head + write_varint(values.size) + data.T.tobytes()
    return head + data.tobytes()


def unpack(source: Source, most: int, letters: Alphabet, *, planes: bool) -> NDArray[np.int32]:
    """Read a run.

    Args:
        source: where from.
        most: how many symbols there are, or at most are where the alphabet has an end.
        letters: the alphabet.
        planes: as it was written.

    Returns:
        int32 (symbols,), the end included if it was there.

    Raises:
        ContainerError: ``pack`` writes no such run. No more is read than ``most`` symbols take.
    """
    if not most:
        return np.zeros(0, dtype=np.int32)
    width = _width(letters.high - letters.low) if letters.few else _stated_width(source)
    count = most
    turned = planes and width > 1
    if turned:
        count, size = read_varint(source.peek(VARINT), what="number of symbols")
        source.skip(size)
        if count > most:
            raise _wrong(f"expected at most {most} symbols, got {count}")
    data = np.frombuffer(source.peek(count * width), dtype=np.uint8)
    whole = len(data) // width if width else count
    codes = np.zeros((whole, WIDEST), dtype=np.uint8)
    codes[:, :width] = (
        data[: whole * width].reshape(width, whole).T
        if turned and whole == count
        else data[: whole * width].reshape(whole, width)
    )
    values = letters.symbols(codes.view("<u4").reshape(-1).astype(np.int64))
    ended = _ended(values, letters.end)
    used = ended or whole
    if (used < most and not ended) or (turned and used != count):
        raise _wrong(f"expected {most} symbols, got {used}")
    values = values[:used]
    source.skip(used * width)
    if values.min() < letters.low or values.max() > letters.high:
        raise _wrong(
            f"expected symbols from {letters.low} to {letters.high}, "
            f"got {values.min()} to {values.max()}"
        )
    return values.astype(np.int32)


def _ended(values: NDArray[np.int64], end: int | None) -> int:
    """Count the symbols up to the end, which is included; 0 if it is not there."""
    places = np.flatnonzero(values == end) if end is not None else np.zeros(0, dtype=np.int64)
    return int(places[0]) + 1 if places.size else 0


def _stated_width(source: Source) -> int:
    head = source.peek(1)
    if not head or head[0] > WIDEST:
        raise _wrong(f"expected a width of 0 to {WIDEST} bytes, got {head[0] if head else 'none'}")
    source.skip(1)
    return head[0]


def _wrong(message: str) -> ContainerError:
    return ContainerError(f"coded data: {message}", hint=HINT)
