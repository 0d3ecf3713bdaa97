"""The core's entropy coder."""

from __future__ import annotations

from semcodec.contracts.coding import DecodeSession, EncodeSession
from semcodec.contracts.kinds import EntropyCoder
from semcodec.contracts.params import component

__all__ = ["Range"]


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
