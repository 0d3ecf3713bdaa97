"""What follows the header: settings, section lengths, sections, check byte."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from semcodec.errors import ContainerError
from semcodec.wire.cursor import Cursor
from semcodec.wire.radix import pack, packed_size, unpack
from semcodec.wire.varint import DAMAGED, write_varint

__all__ = ["Body", "check_byte", "read_body", "write_body"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a file says after its header.

    Attributes:
        values: the wire settings, in the order of the radices.
        sections: the bytes of every section.
        check: the check byte, 0 to 255; None without one.
    """

    values: tuple[int, ...]
    sections: tuple[bytes, ...]
    check: int | None


def check_byte(data: bytes, start: int = 0) -> int:
    """Compute the check byte: the low 8 bits of the CRC-32 of zlib (polynomial 0x04C11DB7).

    Args:
        data: any bytes-like object.
        start: the whole CRC-32 (``zlib.crc32``) of what comes before ``data``; 0 for nothing.

    Returns:
        0 to 255.
    """
    return zlib.crc32(data, start) & 0xFF


def write_body(
    *,
    radices: Sequence[int],
    values: Sequence[int],
    sections: Sequence[bytes],
    check: int | None = None,
) -> bytes:
    """Write the body.

    Args:
        radices: levels of each wire setting.
        values: 0 <= value < radix for each.
        sections: their bytes.
        check: the check byte, 0 to 255, or None for none.

    Raises:
        ContainerError: a value, a section's length or the check byte is out of range.
    """
    parts = [pack(values, radices)]
    parts += [
        write_varint(len(section), what=f"length of section {place}")
        for place, section in enumerate(sections[:-1])
    ]
    parts += sections
    if check is not None:
        if not 0 <= check <= 255:
            raise ContainerError(f"check byte: expected 0 to 255, got {check}")
        parts.append(bytes([check]))
    return b"".join(parts)


def read_body(
    data: bytes, offset: int, *, radices: Sequence[int], sections: int, check: bool
) -> Body:
    """Read the body from untrusted bytes.

    The last section takes all that is left, so bytes appended to a container are not noticed
    here; a codec without sections admits none.

    Args:
        data: the whole container, in the wire form.
        offset: where the header ends.
        radices: levels of each wire setting, from the codec.
        sections: how many there are, from the codec; 0 or more.
        check: whether the header announces a check byte.

    Raises:
        ContainerError: cut short, a setting out of range, or bytes left over.
    """
    cursor = Cursor(data, offset)
    values = unpack(cursor.take(packed_size(radices), "settings"), radices)
    lengths = [cursor.varint(f"length of section {place}") for place in range(sections - 1)]
    end = len(data) - check
    if cursor.offset + sum(lengths) > end:
        raise ContainerError(
            f"sections at byte {cursor.offset}: expected {sum(lengths)} bytes"
            f"{' and a check byte' if check else ''}, got {cursor.left}",
            hint=DAMAGED,
        )
    found = [cursor.take(length, f"section {place}") for place, length in enumerate(lengths)]
    if sections:
        found.append(cursor.take(end - cursor.offset, f"section {sections - 1}"))
    elif cursor.offset != end:
        raise ContainerError(
            f"end at byte {cursor.offset}: expected no sections"
            f"{' and a check byte' if check else ''}, got {cursor.left} bytes",
            hint=DAMAGED,
        )
    return Body(
        values=values, sections=tuple(found), check=cursor.byte("check byte") if check else None
    )
