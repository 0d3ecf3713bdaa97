"""The container, in bytes. Standard library only; ``docs/format.md`` is normative.

    wire = write(header, radices=(64,), values=(17,), sections=(payload,))
    header, offset = read_header(wire)
    body = read_body(wire, offset, radices=(64,), sections=1, check=header.check)

Law: whatever the bytes, reading ends in time linear in their number with a result or one of
ContainerError, LimitError and IntegrityError; and writing what was read gives the same bytes again
(a compressed lock excepted, whose bytes depend on the build of zlib, and a size that became
standard after it was written out).
"""

from __future__ import annotations

from semcodec.wire.body import Body, check_byte, read_body
from semcodec.wire.container import write
from semcodec.wire.file import MAGIC, from_file, is_file, to_file
from semcodec.wire.header import MAX_PIXELS, STANDARD_SIZES, VERSION, Header, read_header
from semcodec.wire.lock import DICTIONARY, LOCK_LIMIT
from semcodec.wire.radix import pack, packed_size, unpack
from semcodec.wire.varint import read_varint, write_varint

__all__ = [
    "DICTIONARY",
    "LOCK_LIMIT",
    "MAGIC",
    "MAX_PIXELS",
    "STANDARD_SIZES",
    "VERSION",
    "Body",
    "Header",
    "check_byte",
    "from_file",
    "is_file",
    "pack",
    "packed_size",
    "read_body",
    "read_header",
    "read_varint",
    "to_file",
    "unpack",
    "write",
    "write_varint",
]
