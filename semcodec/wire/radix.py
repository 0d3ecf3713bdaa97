"""Bounded integers packed together in mixed radix, so that they share the rounding to whole bytes.

Values v0, v1, ... with 0 <= vi < ri stand for the number ((v0 * r1 + v1) * r2 + v2) ..., written
big-endian in the fewest bytes that hold the largest such number. The width follows from the
radices alone, so nothing about it is transmitted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from semcodec.errors import ContainerError
from semcodec.wire.varint import DAMAGED

__all__ = ["pack", "packed_size", "unpack"]


def packed_size(radices: Sequence[int]) -> int:
    """Bytes that values of these radices take; 0 for none.

    Raises:
        ContainerError: a radix is below 1.
    """
    return ((_states(radices) - 1).bit_length() + 7) // 8


def pack(values: Sequence[int], radices: Sequence[int]) -> bytes:
    """Pack values.

    Args:
        values: one for each radix, 0 <= value < radix.
        radices: how many values each may take, at least 1.

    Returns:
        ``packed_size(radices)`` bytes.

    Raises:
        ContainerError: another number of values than radices, or one out of range.
    """
    size = packed_size(radices)
    if len(values) != len(radices):
        raise ContainerError(f"settings: expected {len(radices)} values, got {len(values)}")
    number = 0
    for place, (value, radix) in enumerate(zip(values, radices, strict=True)):
        if not 0 <= value < radix:
            raise ContainerError(f"setting {place}: expected 0 to {radix - 1}, got {value}")
        number = number * radix + value
    return number.to_bytes(size, "big")


def unpack(data: bytes, radices: Sequence[int]) -> tuple[int, ...]:
    """Undo :func:`pack`.

    Args:
        data: exactly ``packed_size(radices)`` bytes.
        radices: as they were packed.

    Returns:
        One value for each radix.

    Raises:
        ContainerError: another number of bytes, or a number that no values pack to.
    """
    states = _states(radices)
    size = packed_size(radices)
    if len(data) != size:
        raise ContainerError(
            f"settings: expected {size} bytes, got {len(data)}",
            hint=DAMAGED,
        )
    number = int.from_bytes(data, "big")
    if number >= states:
        raise ContainerError(
            f"settings: expected a packed number below {states}, got {number}", hint=DAMAGED
        )
    values = []
    for radix in reversed(radices):
        number, value = divmod(number, radix)
        values.append(value)
    return tuple(reversed(values))


def _states(radices: Sequence[int]) -> int:
    for place, radix in enumerate(radices):
        if radix < 1:
            raise ContainerError(f"setting {place}: expected at least 1 level, got {radix}")
    return math.prod(radices)
