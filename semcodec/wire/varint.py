"""Variable-length integers: LEB128, unsigned, below 2**32, in their only form.

Seven bits a byte, low bits first; the high bit says that another byte follows. A value has exactly
one encoding here: longer ones are refused, so that equal headers are equal bytes.
"""

from __future__ import annotations

from semcodec.errors import ContainerError

__all__ = ["DAMAGED", "VARINT_LIMIT", "read_varint", "write_varint"]

VARINT_LIMIT = 2**32
"""Every value is below this."""

DAMAGED = "The data is damaged or cut short; fetch it again."
_MOST_BYTES = 5


def write_varint(value: int, *, what: str = "varint") -> bytes:
    """Encode an integer in 1 to 5 bytes.

    Args:
        value: 0 <= value < 2**32.
        what: name of the field, for the message.

    Raises:
        ContainerError: the value is out of range.
    """
    if not 0 <= value < VARINT_LIMIT:
        raise ContainerError(
            f"{what}: expected an integer from 0 to {VARINT_LIMIT - 1}, got {value}"
        )
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_varint(data: bytes, offset: int = 0, *, what: str = "varint") -> tuple[int, int]:
    """Decode an integer.

    Args:
        data: the bytes.
        offset: where it starts.
        what: name of the field, for the message.

    Returns:
        The value and the offset of the byte after it.

    Raises:
        ContainerError: cut short, 2**32 or more, or not in its shortest form.
    """
    value = 0
    for count in range(_MOST_BYTES):
        at = offset + count
        if at >= len(data):
            raise ContainerError(
                f"{what} at byte {offset}: expected another byte, the data ends after {len(data)}",
                hint=DAMAGED,
            )
        value |= (data[at] & 0x7F) << 7 * count
        if data[at] < 0x80:
            if value >= VARINT_LIMIT:
                break
            if count and data[at] == 0:
                raise ContainerError(
                    f"{what} at byte {offset}: expected the shortest form of {value}, "
                    f"got {count + 1} bytes",
                    hint=DAMAGED,
                )
            return value, at + 1
    raise ContainerError(
        f"{what} at byte {offset}: expected an integer below {VARINT_LIMIT}, got a larger one",
        hint=DAMAGED,
    )
