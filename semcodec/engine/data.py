"""What counts as a coded picture in an argument."""

from __future__ import annotations

from typing import Any

from semcodec.errors import ContainerError

__all__ = ["coded_bytes"]


def coded_bytes(data: Any) -> bytes:
    """Take the bytes of a coded picture.

    Args:
        data: ``bytes`` or another object with a buffer of bytes.

    Raises:
        ContainerError: it is no bytes; a path, for one.
    """
    if isinstance(data, bytes):
        return data
    if isinstance(data, (bytearray, memoryview)):
        return bytes(data)
    raise ContainerError(
        f"expected the bytes of a coded picture, got {type(data).__name__}",
        hint="Read the file first: pathlib.Path(...).read_bytes().",
    )
