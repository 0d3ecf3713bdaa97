"""The two parts of a rANS session in one run of bytes.

A session whose passes are all of one family, the usual case, pays nothing for the other part. What
tells the forms apart is the last byte: zero only where both parts are there.
"""

from __future__ import annotations

from semcodec.coding.arguments import HINT
from semcodec.errors import ContainerError
from semcodec.wire.varint import read_varint, write_varint

__all__ = ["join", "split"]

LONGEST = 6
"""Most bytes of a trailer: a varint of 5 and the zero."""


def join(tables: bytes, adaptive: bytes, *, tables_first: bool) -> bytes:
    """Give the shortest bytes that :func:`split` takes apart again.

    Args:
        tables: what the table passes were coded to.
        adaptive: what the adaptive passes were coded to, below 4 GiB.
        tables_first: whether the first pass that codes anything is a table pass.
    """
    first, other = (tables, adaptive) if tables_first else (adaptive, tables)
    if not other and not first.endswith(b"\0"):
        return first
    return adaptive + tables + write_varint(len(adaptive))[::-1] + b"\0"


def split(data: bytes, *, tables_first: bool) -> tuple[bytes, bytes]:
    """Give the parts of the table passes and of the adaptive passes.

    Raises:
        ContainerError: ``join`` makes no such data.
    """
    if not data.endswith(b"\0"):
        return (data, b"") if tables_first else (b"", data)
    length, size = read_varint(data[-LONGEST:-1][::-1], what="length of the adaptive part")
    body = data[: -1 - size]
    if length > len(body):
        raise ContainerError(
            f"coded data: expected an adaptive part of at most {len(body)} bytes, got {length}",
            hint=HINT,
        )
    adaptive, tables = body[:length], body[length:]
    if join(tables, adaptive, tables_first=tables_first) != data:
        raise ContainerError("coded data: got two parts where one would do", hint=HINT)
    return tables, adaptive
