"""Reading what :mod:`semcodec.coding.rans` writes, resumable after every symbol.

The state of a decoder is an int64 array: how many words are left, how many steps were read, a
status, and what each lane holds.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.arguments import BOUND
from semcodec.coding.jit import kernel
from semcodec.coding.lookup import find
from semcodec.coding.rans import BYTES, LOW, NARROW, Words

__all__ = ["EXHAUSTED", "FINE", "STATUS", "Lanes", "closed", "open_words", "read"]

Lanes: TypeAlias = NDArray[np.int64]

LEFT, COUNT, STATUS, LANE = range(4)
FINE, EXHAUSTED, INVALID = range(3)


def open_words(data: bytes, lanes: int) -> tuple[Lanes, Words]:
    """Give the state and the words of a decoder; data that no encoder wrote sets ``STATUS``.

    A lane is 4 or 5 bytes where words were moved out, and words are 2: the parity tells which.
    """
    size = len(data) if len(data) <= BYTES else 4 + (len(data) & 1)
    moved = np.frombuffer(data[: len(data) - size], dtype="<u2")
    # One more than there are, so that a step looks at a word without asking whether it takes it.
    words = np.zeros(len(moved) + 1, dtype=np.uint16)
    words[:-1] = moved
    state = np.zeros(LANE + lanes, dtype=np.int64)
    state[LEFT] = len(moved)
    state[LANE] = int.from_bytes(data[len(data) - size :], "little")
    if data and data[-1] == 0:
        state[STATUS] = INVALID
    return state, words


def closed(state: Lanes) -> bool:
    """Whether a decoder has come to where an encoder starts."""
    lanes = len(state) - LANE
    start = LOW if lanes > 1 and state[COUNT] > NARROW else 0
    used = lanes if start else 1
    sound = state[STATUS] == FINE and state[LEFT] == 0
    return bool(sound and (state[LANE : LANE + used] == start).all())


@kernel
def _open_lanes(state: Any, words: Any) -> None:
    for lane in range(LANE + 1, len(state)):
        if state[LEFT] < 2:
            state[STATUS] = EXHAUSTED
            return
        state[LEFT] -= 2
        x = np.int64(words[state[LEFT] + 1]) << 16 | words[state[LEFT]]
        if x < LOW:
            if x < 1 << 16 or state[LEFT] < 1:
                state[STATUS] = INVALID
                return
            state[LEFT] -= 1
            x = x << 16 | words[state[LEFT]]
        state[lane] = x


@kernel
def _lane(state: Any, words: Any, count: Any) -> Any:
    """Give the place of the lane that step ``count`` is in, opening the lanes when it is time."""
    if count < NARROW:
        return LANE
    if count == NARROW and len(state) > LANE + 1:
        _open_lanes(state, words)
    return LANE + (count & (len(state) - LANE - 1))


@kernel
def _undo(words: Any, left: Any, x: Any, start: Any, width: Any) -> Any:
    """Take a step off a lane; gives what it holds then, and the words left.

    Only a lane for which there was no word left is below ``LOW`` afterwards.
    """
    x = width * (x >> 16) + (x & 65535) - start
    take = np.int64(x < LOW) & np.int64(left > 0)
    left -= take
    return x << 16 * take | take * words[left], left


@kernel
def _check(state: Any, x: Any, count: Any) -> None:
    """Lanes that were opened start from ``LOW``, so they are never below."""
    if x < LOW and count >= NARROW and len(state) > LANE + 1:
        state[STATUS] = EXHAUSTED


@kernel
def _bits(state: Any, words: Any, bits: Any) -> Any:
    """Read a step of equiprobable bits, 1 to 16."""
    lane = _lane(state, words, state[COUNT])
    value = (state[lane] & 65535) >> (16 - bits)
    width = np.int64(1) << (16 - bits)
    state[lane], state[LEFT] = _undo(words, state[LEFT], state[lane], value * width, width)
    _check(state, state[lane], state[COUNT])
    state[COUNT] += 1
    return value


@kernel
def _beyond(state: Any, words: Any, offset: Any, inside: Any) -> Any:
    """Read the rest of an escaped symbol."""
    below = _bits(state, words, 1)
    extra = 0
    while extra < 32 and _bits(state, words, 1):
        extra += 1
    if extra == 32:
        state[STATUS] = INVALID
        return 0
    beyond = np.int64(1)
    if extra > 16:
        beyond = beyond << (extra - 16) | _bits(state, words, extra - 16)
    if extra:
        least = min(extra, 16)
        beyond = beyond << least | _bits(state, words, least)
    value = offset - beyond if below else offset + inside + beyond - 1
    if value < -BOUND or value > BOUND:
        state[STATUS] = INVALID
        return 0
    return value


@kernel
def read(
    state: Any,
    words: Any,
    starts: Any,
    cdf: Any,
    lengths: Any,
    offsets: Any,
    indexes: Any,
    values: Any,
    stop: Any,
) -> Any:
    """Decode ``values[i]`` with the table ``indexes[i]``; indexes must be in range.

    Args:
        state: of :func:`open_words`; ``STATUS`` tells afterwards whether the data was sound.
        words: likewise.
        starts: the tables' lookup.
        cdf: as in :class:`~semcodec.contracts.coding.Tables`, like the next two.
        lengths: entries of each table.
        offsets: first symbol of each table.
        indexes: int32 (symbols,).
        values: int32 (symbols,), written.
        stop: a symbol after which no more are read; beyond the range of int32 for none.

    Returns:
        How many symbols were read.
    """
    shift = 0
    while (starts.shape[1] - 1) << shift < 1 << 16:
        shift += 1
    left, count = state[LEFT], state[COUNT]
    mask = len(state) - LANE - 1
    for i in range(len(indexes)):
        row = indexes[i]
        lane = LANE
        if count >= NARROW and mask:
            lane += count & mask
            if count == NARROW:
                state[LEFT] = left
                _open_lanes(state, words)
                left = state[LEFT]
        entry = find(starts, cdf, row, state[lane] & 65535, shift)
        start = np.int64(cdf[row, entry])
        x, left = _undo(words, left, state[lane], start, cdf[row, entry + 1] - start)
        state[lane] = x
        if x < LOW and count >= NARROW and mask:
            state[STATUS] = EXHAUSTED
            return i
        count += 1
        value = np.int64(offsets[row]) + entry
        if entry == lengths[row] - 1:
            state[LEFT], state[COUNT] = left, count
            value = _beyond(state, words, np.int64(offsets[row]), entry)
            left, count = state[LEFT], state[COUNT]
            if state[STATUS] != FINE:
                return i
        values[i] = value
        if value == stop:
            state[LEFT], state[COUNT] = left, count
            return i + 1
    state[LEFT], state[COUNT] = left, count
    return len(indexes)
