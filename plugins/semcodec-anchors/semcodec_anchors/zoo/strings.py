"""CompressAI's strings as one stream.

    a factorized prior                y
    with a hyperprior                 words of z as a varint, z, y

A string is whole words of 32 bits, so lengths are counted in words; z is the short one, whose
length takes a byte up to 127 words; y is what remains. Their shapes follow from the picture's size.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["joined", "parted"]

_WORD = 4
_LONGEST = 5  # bytes of a varint: lengths up to 2**35 words


def joined(strings: Sequence[bytes]) -> bytes:
    """Write strings (y, or y and z) as one stream; each is whole words."""
    y, *hyper = strings
    if not hyper:
        return y
    [z] = hyper
    count = len(z) // _WORD
    head = bytearray()
    while count > 127:
        head.append(count & 127 | 128)
        count >>= 7
    head.append(count)
    return bytes(head) + z + y


def parted(stream: bytes, count: int) -> list[bytes]:
    """Read what :func:`joined` wrote.

    Args:
        stream: the bytes.
        count: number of strings, 1 or 2.

    Returns:
        y, or y and z.

    Raises:
        ValueError: it is cut short, or no whole words.
    """
    at = words = 0
    if count == 2:
        for place, byte in enumerate(stream[:_LONGEST]):
            words |= (byte & 127) << 7 * place
            if byte < 128:
                at = place + 1
                break
        else:
            raise ValueError("the length of its first string is cut short")
    end = at + words * _WORD
    strings = [stream[end:], stream[at:end]][:count]
    if end > len(stream) or any(not s or len(s) % _WORD for s in strings):
        raise ValueError(f"expected strings of whole words, got {len(stream)} bytes")
    return strings
