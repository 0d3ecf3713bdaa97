"""A byte-oriented range coder whose state is an array, so that a session can be resumed.

Encoder and decoder are one code path. Every function takes the symbol to code and returns it; a
decoder ignores what it is given and returns what it read. A model written against this interface
is its own inverse.

The state of a coder is an int64 array of ``STATE`` entries beside a uint8 buffer. The encoder
holds the lower end of its interval as 32 bits (what is above them is in the buffer, carries
included), the decoder the distance of the coded number from that end.

G. N. N. Martin, "Range encoding: an algorithm for removing redundancy from a digitised message",
Video & Data Recording Conference, 1979.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.jit import kernel

__all__ = [
    "DECODING",
    "EXHAUSTED",
    "FINE",
    "INVALID",
    "RANGE",
    "SLACK",
    "STATUS",
    "Buffer",
    "State",
    "bypass",
    "close",
    "flip",
    "golomb",
    "narrow",
    "open_reader",
    "open_writer",
    "reserve",
    "split",
    "target",
    "used_up",
]

State: TypeAlias = NDArray[np.int64]
Buffer: TypeAlias = NDArray[np.uint8]

LOW, RANGE, POSITION, STATUS, DECODING = range(5)
STATE = 5
FINE, EXHAUSTED, INVALID = range(3)
SLACK = 8
"""Most zero bytes that an encoder leaves out and a decoder supplies."""

TOP = 1 << 32
BOTTOM = 1 << 24
ROOM = 1024
"""Bytes kept free for one symbol: the longest takes some 100 decisions of at most 2 bytes."""


def open_writer() -> tuple[State, Buffer]:
    """Give the state and the buffer of a new encoder."""
    state = np.zeros(STATE, dtype=np.int64)
    state[RANGE] = TOP - 1
    return state, np.empty(4 * ROOM, dtype=np.uint8)


def open_reader(data: bytes) -> tuple[State, Buffer]:
    """Give the state and the buffer of a decoder; data that no encoder wrote sets ``STATUS``."""
    state = np.zeros(STATE, dtype=np.int64)
    state[RANGE] = TOP - 1
    state[LOW] = int.from_bytes(data[:4].ljust(4, b"\0"), "big")
    state[POSITION] = 4
    state[DECODING] = 1
    if state[LOW] >= state[RANGE]:
        state[STATUS] = INVALID
    return state, np.frombuffer(data, dtype=np.uint8).copy()


@kernel
def _carry(buffer: Any, position: Any) -> None:
    while position > 0:
        position -= 1
        buffer[position] = (buffer[position] + 1) & 255
        if buffer[position]:
            break


@kernel
def narrow(state: Any, buffer: Any, start: Any, size: Any) -> None:
    """Narrow the interval to ``size`` units from ``start``, and move whole bytes."""
    decoding = state[DECODING]
    position = state[POSITION]
    low = state[LOW] - start if decoding else state[LOW] + start
    if low >= TOP:
        low -= TOP
        _carry(buffer, position)
    while size < BOTTOM:
        size <<= 8
        if decoding:
            low <<= 8
            if position < buffer.size:
                low |= np.int64(buffer[position])
            elif position >= buffer.size + SLACK:
                state[STATUS] = EXHAUSTED
        else:
            if position < buffer.size:
                buffer[position] = low >> 24
            else:
                state[STATUS] = EXHAUSTED
            low = (low << 8) & (TOP - 1)
        position += 1
    state[LOW] = low
    state[RANGE] = size
    state[POSITION] = position


@kernel
def split(state: Any, buffer: Any, bound: Any, bit: Any) -> Any:
    """Code one decision: the first ``bound`` units of the range stand for 1, the rest for 0."""
    if state[DECODING]:
        bit = 1 if state[LOW] < bound else 0
    if bit:
        narrow(state, buffer, 0, bound)
    else:
        narrow(state, buffer, bound, state[RANGE] - bound)
    return bit


@kernel
def target(state: Any, bits: Any) -> Any:
    """Give the part, of ``2**bits``, that the coded number lies in; the last is the widest."""
    return min(state[LOW] // (state[RANGE] >> bits), (1 << bits) - 1)


@kernel
def flip(state: Any, buffer: Any, bit: Any) -> Any:
    """Code an equiprobable bit."""
    return split(state, buffer, state[RANGE] >> 1, bit)


@kernel
def bypass(state: Any, buffer: Any, count: Any, value: Any) -> Any:
    """Code the lowest ``count`` bits of a value as equiprobable ones, most significant first."""
    result = 0
    for place in range(count - 1, -1, -1):
        result = (result << 1) | flip(state, buffer, (value >> place) & 1)
    return result


@kernel
def golomb(state: Any, buffer: Any, value: Any) -> Any:
    """Code a value from 0 to 2**32 - 2 by the Exp-Golomb code of order 0, in equiprobable bits."""
    extra = 0
    while extra < 32 and flip(state, buffer, int(value + 1 >= 2 << extra)):
        extra += 1
    if extra == 32:
        state[STATUS] = INVALID
        return 0
    return ((1 << extra) | bypass(state, buffer, extra, value + 1)) - 1


@kernel
def reserve(state: Any, buffer: Any) -> Any:
    """Give a buffer with room for one more symbol: the same one, or a larger copy."""
    position = state[POSITION]
    if state[DECODING] or position + ROOM <= buffer.size:
        return buffer
    larger = np.empty(2 * buffer.size + ROOM, dtype=np.uint8)
    larger[:position] = buffer[:position]
    return larger


def _roundest(low: int, size: int) -> int:
    """Choose the number in [low, low + size) that ends in most zero bytes."""
    whole = -(-low // TOP) * TOP
    return whole if whole < low + size else -(-low // BOTTOM) * BOTTOM


def close(state: State, buffer: Buffer) -> bytes:
    """Give the shortest bytes from which everything coded so far can be decoded.

    The tail is the number of the final interval that ends in most zero bytes, and of the zeros at
    the end up to ``SLACK`` are left out. State and buffer stay as they were.
    """
    position = int(state[POSITION])
    number = _roundest(int(state[LOW]), int(state[RANGE]))
    written = buffer[:position].copy()
    if number >= TOP:
        _carry(written, position)
    data: bytes = written.tobytes() + (number % TOP).to_bytes(4, "big")
    return data.rstrip(b"\0").ljust(len(data) - SLACK, b"\0")


def used_up(state: State, buffer: Buffer) -> bool:
    """Whether a decoder's data ends as an encoder would have closed it here."""
    position, size = int(state[POSITION]), len(buffer)
    if state[STATUS] != FINE or not size <= position <= size + SLACK:
        return False
    if position - size < SLACK and size and buffer[-1] == 0:
        return False
    read = buffer[position - 4 :].tobytes().ljust(4, b"\0")
    number = int.from_bytes(read, "big")
    low = (number - int(state[LOW])) % TOP
    return _roundest(low, int(state[RANGE])) % TOP == number
