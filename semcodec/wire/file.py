"""The file form: a magic number before the container and a CRC-16 after it, six bytes in all."""

from __future__ import annotations

import binascii

from semcodec.errors import ContainerError, IntegrityError
from semcodec.wire.varint import DAMAGED

__all__ = ["MAGIC", "from_file", "is_file", "to_file"]

MAGIC = b"SMCX"
"""First bytes of a file. No container starts so: its version would be 2, which is never used."""

_CRC_BYTES = 2


def is_file(data: bytes) -> bool:
    """Whether the bytes are in the file form, by their magic number alone."""
    return data[: len(MAGIC)] == MAGIC


def to_file(wire: bytes) -> bytes:
    """Put a container into the file form.

    Raises:
        ContainerError: it is in the file form already.
    """
    if is_file(wire):
        raise ContainerError(
            "container: expected the wire form, got the file form",
            hint="Write it as it is, or take the file form off first (semcodec.wire.from_file).",
        )
    return MAGIC + wire + _crc(wire)


def from_file(data: bytes) -> bytes:
    """Take the file form off; bytes without the magic number come back as they are.

    Returns:
        The container in the wire form; damaged ones are the business of ``read_header``.

    Raises:
        ContainerError: the magic number is there and nothing to check after it.
        IntegrityError: the CRC does not match.
    """
    if not is_file(data):
        return data
    if len(data) < len(MAGIC) + _CRC_BYTES:
        raise ContainerError(
            f"file: expected at least {len(MAGIC) + _CRC_BYTES} bytes, got {len(data)}",
            hint=DAMAGED,
        )
    wire, found = data[len(MAGIC) : -_CRC_BYTES], data[-_CRC_BYTES:]
    if found != _crc(wire):
        raise IntegrityError(
            f"file: expected CRC-16 {_crc(wire).hex()} at its end, got {found.hex()}",
            hint=DAMAGED,
        )
    return wire


def _crc(wire: bytes) -> bytes:
    # Inverted, because a plain CRC goes on matching when zeros are appended to a file.
    return (binascii.crc_hqx(wire, 0xFFFF) ^ 0xFFFF).to_bytes(_CRC_BYTES, "big")
