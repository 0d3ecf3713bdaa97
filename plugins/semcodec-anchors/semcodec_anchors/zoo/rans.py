"""CompressAI's entropy coder, made to end: its encoder guarded, its decoder written again.

CompressAI codes by rANS with a state of 64 bits and words of 32 (Duda 2014, arXiv:1311.2540; after
F. Giesen's ``rans64.h``), 16 bits of probability, and escapes of 4 bits at a time. Its own decoder,
in C++, does not know where its string ends: a damaged one makes it read whatever memory follows.
This one decodes the same strings to the same symbols, and stops.

It also tells whether the symbols were decoded with the encoder's tables, at no cost in bytes. An
encoder starts from the state 2^31; undoing every step leads back there, with all words read. A
symbol decoded with another table, because this machine's floats chose it, leads elsewhere, but for
one case in 2^31 and for values beyond both tables, which a trained network gives once in 10^9. Of
damaged strings it notices nearly all; the bits of such a value could be any, so what protects a
file is the container's CRC.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

__all__ = ["Coder", "Decoder", "Derailed", "Encoder"]

_START = 1 << 31  # RANS64_L, the lower bound of the state
_PRECISION = 16
_MASK = (1 << _PRECISION) - 1
_NIBBLE = 4
_MOST = 7  # nibbles of the farthest value
_FAR = 1 << 26  # no latent of a network is that far

Tables = Sequence[Sequence[int]]


class Derailed(Exception):
    """A string that no encoder with these tables wrote, or symbols that none could write."""


class Decoder:
    """Takes the place of ``compressai.ans.RansDecoder``."""

    def __init__(self) -> None:
        self._words: tuple[int, ...] = ()
        self._at = 0
        self._state = _START

    def set_stream(self, stream: bytes) -> None:
        """Begin a string."""
        if len(stream) < 8 or len(stream) % 4:
            raise Derailed(f"expected whole words, at least two, got {len(stream)} bytes")
        self._words = struct.unpack(f"<{len(stream) // 4}I", stream)
        self._state = self._words[0] | self._words[1] << 32
        self._at = 2
        if self._state < _START:
            raise Derailed("the first state is below its bound")

    def decode_stream(
        self, indexes: Sequence[int], cdfs: Tables, sizes: Sequence[int], offsets: Sequence[int]
    ) -> list[int]:
        """Decode the next symbols.

        Args:
            indexes: which table each has.
            cdfs: cumulative frequencies, of 2^16 in all.
            sizes: entries of each that count.
            offsets: smallest value of each.

        Raises:
            Derailed: the string ends before.
        """
        state, at, words = self._state, self._at, self._words
        found = []
        try:
            for index in indexes:
                cdf, escape = cdfs[index], sizes[index] - 2
                low = state & _MASK
                value = bisect_right(cdf, low, 0, escape + 2) - 1
                start = cdf[value]
                state = (cdf[value + 1] - start) * (state >> _PRECISION) + low - start
                if state < _START:
                    state = state << 32 | words[at]
                    at += 1
                if value == escape:
                    self._state, self._at = state, at
                    value = self._escaped(escape)
                    state, at = self._state, self._at
                found.append(value + offsets[index])
        except IndexError:
            raise Derailed("the string ends before its last symbol") from None
        self._state, self._at = state, at
        return found

    def finish(self) -> None:
        """Hold the end against the encoder's start.

        Raises:
            Derailed: it is another.
        """
        if self._state != _START or self._at != len(self._words):
            raise Derailed("decoding did not end where the encoder began")

    def _escaped(self, escape: int) -> int:
        """Read a value beyond its table: how many nibbles, then they, the lowest first."""
        count = self._nibble()
        raw = 0
        for place in range(count if count <= _MOST else 0):
            raw |= self._nibble() << _NIBBLE * place
        if count > _MOST:
            raise Derailed("an escaped value beyond 28 bits")
        return -(raw >> 1) - 1 if raw & 1 else (raw >> 1) + escape

    def _nibble(self) -> int:
        value = self._state & (1 << _NIBBLE) - 1
        self._state >>= _NIBBLE
        if self._state < _START:
            self._state = self._state << 32 | self._words[self._at]
            self._at += 1
        return value


class Encoder:
    """Takes the place of ``compressai.ans.BufferedRansEncoder``, which it fills.

    The original never returns from a symbol beyond 27 bits, such as a latent that is no number.
    """

    def __init__(self) -> None:
        from compressai.ans import BufferedRansEncoder

        self._inner = BufferedRansEncoder()

    def encode_with_indexes(self, symbols: Sequence[int], *tables: Any) -> None:
        """Take symbols, with indexes, tables, sizes and offsets as the decoder takes them.

        Raises:
            Derailed: a symbol is beyond 26 bits.
        """
        if symbols and not -_FAR < min(symbols) <= max(symbols) < _FAR:
            raise Derailed("the network gave a latent beyond 26 bits, or one that is no number")
        self._inner.encode_with_indexes(symbols, *tables)

    def flush(self) -> bytes:
        """Give the string."""
        made: bytes = self._inner.flush()
        return made


class Coder:
    """Takes the place of an entropy coder of a network: a whole string at a time."""

    name = "ans"

    def encode_with_indexes(self, *arguments: Any) -> bytes:
        """Encode; see :class:`Encoder`."""
        encoder = Encoder()
        encoder.encode_with_indexes(*arguments)
        return encoder.flush()

    def decode_with_indexes(self, stream: bytes, *tables: Any) -> list[int]:
        """Decode; see :class:`Decoder`.

        Raises:
            Derailed: it is no string of these tables.
        """
        decoder = Decoder()
        decoder.set_stream(stream)
        found = decoder.decode_stream(*tables)
        decoder.finish()
        return found
