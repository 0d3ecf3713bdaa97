"""How large a picture's values may be, so that a hostile file is refused before it allocates."""

from __future__ import annotations

import math

from semcodec.contracts.context import Side
from semcodec.contracts.values import Image, Latent, Map, Symbols, ValueType
from semcodec.errors import ImageError, LimitError, SemcodecError

__all__ = ["MOST_A_SAMPLE", "SPARE", "Budget"]

MOST_A_SAMPLE = 8
"""Entries that a value, and symbols that all streams together, may have for a picture's sample."""

SPARE = 1 << 20
"""Entries allowed whatever the picture's size: a caption, an embedding."""


class Budget:
    """Counts what the descriptions of one picture's values ask for.

    Args:
        image: the outermost picture.
        side: who asks; the error is ImageError at the encoder and LimitError at the decoder.
    """

    def __init__(self, image: Image, side: Side) -> None:
        self._image = image
        self._side = side
        self._most = MOST_A_SAMPLE * math.prod(image.shape) + SPARE
        self._spent = 0

    def admit(self, who: str, shape: ValueType) -> None:
        """Refuse a description of a value that is unreasonably large for the picture."""
        if isinstance(shape, (Image, Latent, Map, Symbols)):
            self._compare(f"{who} describes a value of", math.prod(shape.shape), "entries")

    def spend(self, stream: str, symbols: Symbols) -> None:
        """Count a stream's symbols to those of the streams before it."""
        self._spent += symbols.size
        self._compare(f"the streams up to {stream!r} have", self._spent, "symbols")

    def _compare(self, who: str, count: int, what: str) -> None:
        if count <= self._most:
            return
        kind: type[SemcodecError] = LimitError if self._side == "decode" else ImageError
        raise kind(
            f"{who} {count} {what}, expected at most {self._most} for a picture of "
            f"{self._image.width}x{self._image.height}"
        )
