"""A place in untrusted bytes that moves forward and never past the end."""

from __future__ import annotations

from dataclasses import dataclass

from semcodec.errors import ContainerError
from semcodec.wire.varint import DAMAGED, read_varint

__all__ = ["Cursor"]


@dataclass(slots=True)
class Cursor:
    """Reads fields one after another.

    Attributes:
        data: all bytes.
        offset: where the next field starts.
    """

    data: bytes
    offset: int = 0

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return len(self.data) - self.offset

    def take(self, count: int, what: str) -> bytes:
        """Read ``count`` bytes of the field ``what``.

        Raises:
            ContainerError: fewer are left.
        """
        if count > self.left:
            raise ContainerError(
                f"{what} at byte {self.offset}: expected {count} bytes, got {self.left}",
                hint=DAMAGED,
            )
        start, self.offset = self.offset, self.offset + count
        return self.data[start : self.offset]

    def byte(self, what: str) -> int:
        """Read one byte as an integer.

        Raises:
            ContainerError: none is left.
        """
        return self.take(1, what)[0]

    def varint(self, what: str) -> int:
        """Read a variable-length integer; see :func:`~semcodec.wire.varint.read_varint`.

        Raises:
            ContainerError: cut short, too large, or not in its shortest form.
        """
        value, self.offset = read_varint(self.data, self.offset, what=what)
        return value
