"""The core's entropy coders."""

from __future__ import annotations

from typing import Annotated, Literal

from semcodec.contracts.coding import DecodeSession, EncodeSession
from semcodec.contracts.kinds import EntropyCoder
from semcodec.contracts.params import EncodeOnly, Interval, component

__all__ = ["Range", "Rans", "Raw", "Zstd"]


@component
class Range(EntropyCoder):
    """Range coder of 32 bits, resumable: at most about a byte above what the tables promise."""

    def encoder(self) -> EncodeSession:
        """See :meth:`EntropyCoder.encoder`."""
        from semcodec.coding.sessions import RangeEncoder

        return RangeEncoder()

    def decoder(self, data: bytes) -> DecodeSession:
        """See :meth:`EntropyCoder.decoder`; damaged data is found when symbols are read."""
        from semcodec.coding.sessions import RangeDecoder

        return RangeDecoder(data)


@component
class Rans(EntropyCoder):
    """Interleaved rANS: several times as fast as ``range`` on tables.

    At most 3 bytes above what the tables promise, 2 in the mean, and some 4 more for each lane in a
    stream of more than 65536 decisions. Adaptive passes go through the range coder.

    Attributes:
        lanes: chains of arithmetic that long streams are dealt out to.
    """

    lanes: Literal[1, 2, 4, 8] = 2

    def encoder(self) -> EncodeSession:
        """See :meth:`EntropyCoder.encoder`."""
        from semcodec.coding.rans_sessions import RansEncoder

        return RansEncoder(self.lanes)

    def decoder(self, data: bytes) -> DecodeSession:
        """See :meth:`EntropyCoder.decoder`; damaged data is found when symbols are read."""
        from semcodec.coding.rans_sessions import RansDecoder

        return RansDecoder(data, self.lanes)


@component
class Raw(EntropyCoder):
    """Symbols as they are, in whole bytes: what a model and a coder are worth, by comparison."""

    def encoder(self) -> EncodeSession:
        """See :meth:`EntropyCoder.encoder`."""
        from semcodec.coding.plain_sessions import PlainEncoder

        return PlainEncoder()

    def decoder(self, data: bytes) -> DecodeSession:
        """See :meth:`EntropyCoder.decoder`; damaged data is found when symbols are read."""
        from semcodec.coding.plain_sessions import PlainDecoder, Stored

        return PlainDecoder(Stored(data))


@component
class Zstd(EntropyCoder):
    """Symbols through Zstandard: what a general compressor finds without the model.

    Attributes:
        level: effort of the search, 1 fast to 22 thorough.
    """

    level: EncodeOnly[Annotated[int, Interval(ge=1, le=22)]] = 19

    def encoder(self) -> EncodeSession:
        """See :meth:`EntropyCoder.encoder`."""
        from semcodec.coding.zstd_sessions import ZstdEncoder

        return ZstdEncoder(self.level)

    def decoder(self, data: bytes) -> DecodeSession:
        """See :meth:`EntropyCoder.decoder`; damaged data is found when symbols are read."""
        from semcodec.coding.zstd_sessions import ZstdDecoder

        return ZstdDecoder(data)
