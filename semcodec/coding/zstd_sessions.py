"""Coding sessions of a general compressor: symbols of a fixed width through Zstandard."""

from __future__ import annotations

from typing import ClassVar

import zstandard

from semcodec.coding.arguments import HINT
from semcodec.coding.plain_sessions import PlainDecoder, PlainEncoder
from semcodec.errors import ContainerError

__all__ = ["ZstdDecoder", "ZstdEncoder"]

WINDOW = 23
"""Logarithm of the most memory, in bytes, that a decoder keeps of what it made."""
SLICE = 64
"""Bytes inflated at a time; no block makes more than 2**17 of 4 bytes, so these make 2 MiB."""


class ZstdEncoder(PlainEncoder):
    """Writes planes of bytes into one frame."""

    planes: ClassVar[bool] = True

    def __init__(self, level: int) -> None:
        super().__init__()
        self._level = level

    def finish(self) -> bytes:
        """See :meth:`EncodeSession.finish`."""
        data = super().finish()
        if not data:
            return b""
        settings = {
            "source_size": len(data),
            "format": zstandard.FORMAT_ZSTD1_MAGICLESS,
            "write_content_size": 0,
            "write_dict_id": 0,
        }
        chosen = zstandard.ZstdCompressionParameters.from_level(self._level, **settings)
        if chosen.window_log > WINDOW:
            settings["window_log"] = WINDOW
            chosen = zstandard.ZstdCompressionParameters.from_level(self._level, **settings)
        return zstandard.ZstdCompressor(compression_params=chosen).compress(data)


class Inflated:
    """The contents of a frame, made as they are asked for; a ``Source``."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._made = bytearray()
        self._frame = zstandard.ZstdDecompressor(
            max_window_size=1 << WINDOW, format=zstandard.FORMAT_ZSTD1_MAGICLESS
        ).decompressobj()

    def peek(self, count: int) -> bytes:
        """See :meth:`Source.peek`.

        Raises:
            ContainerError: the data is no frame.
        """
        while len(self._made) < count and self._at < len(self._data) and not self._frame.eof:
            piece = self._data[self._at : self._at + SLICE]
            self._at += SLICE
            try:
                self._made += self._frame.decompress(piece)
            except zstandard.ZstdError as error:
                self._at = len(self._data)
                raise ContainerError(
                    f"coded data: expected a Zstandard frame, got an error: {error}", hint=HINT
                ) from None
        return bytes(self._made[:count])

    def skip(self, count: int) -> None:
        """See :meth:`Source.skip`."""
        del self._made[:count]

    def finish(self) -> None:
        """See :meth:`Source.finish`."""
        more = self.peek(1)
        whole = self._frame.eof or not self._data
        if more or not whole or self._at < len(self._data) or self._frame.unused_data:
            raise ContainerError(
                "coded data: expected an end after the last symbol, got more or a frame cut short",
                hint=HINT,
            )


class ZstdDecoder(PlainDecoder):
    """Reads what a :class:`ZstdEncoder` wrote."""

    planes: ClassVar[bool] = True

    def __init__(self, data: bytes) -> None:
        super().__init__(Inflated(data))
