"""Writing a whole container."""

from __future__ import annotations

from collections.abc import Sequence

from semcodec.errors import ContainerError
from semcodec.wire.body import write_body
from semcodec.wire.header import Header, write_header

__all__ = ["write"]


def write(
    header: Header,
    *,
    radices: Sequence[int],
    values: Sequence[int],
    sections: Sequence[bytes],
    check: int | None = None,
) -> bytes:
    """Write a container in the wire form.

    Args:
        header: codec and picture.
        radices: levels of each wire setting of the codec.
        values: the settings, 0 <= value < radix for each.
        sections: the bytes of every section of the codec.
        check: the check byte, 0 to 255, exactly when ``header.check``.

    Raises:
        ContainerError: a field is out of range, or the check byte disagrees with the header.
        LimitError: the embedded lock is too large.
    """
    if header.check != (check is not None):
        raise ContainerError(
            f"check byte: expected {'one' if header.check else 'none'} as the header says, "
            f"got {check}"
        )
    return write_header(header) + write_body(
        radices=radices, values=values, sections=sections, check=check
    )
