"""Interleaved rANS over 16-bit tables.

A *step* is one decision: ``width`` of 65536 units from ``start``. A lane is a number x, and coding
a step turns it into ``(x // width) * 65536 + start + x % width``; words of 16 bits move out so that
it stays below 2**40. Decoding undoes the steps last to first, so the encoder starts at the end.

Lanes are independent chains of arithmetic, which is what makes several of them fast, and each
costs some 4 bytes. The first ``NARROW`` steps therefore use one; the others are opened only when
a stream goes on beyond.

J. Duda, "Asymmetric numeral systems", arXiv:1311.2540, 2013 (rANS, section 3); F. Giesen,
"Interleaved entropy coders", arXiv:1402.3392, 2014.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.arguments import BOUND
from semcodec.coding.jit import kernel
from semcodec.coding.lookup import find

__all__ = [
    "EXHAUSTED",
    "FINE",
    "STATUS",
    "Lanes",
    "Steps",
    "Words",
    "close",
    "closed",
    "code_steps",
    "open_words",
    "read",
    "steps",
]

Lanes: TypeAlias = NDArray[np.int64]
Steps: TypeAlias = NDArray[np.uint32]
Words: TypeAlias = NDArray[np.uint16]

NARROW = 1 << 16
"""Steps that lane 0 codes alone; a multiple of every number of lanes."""
LOW = 1 << 24
"""A lane is below this only while nothing was moved out after it."""
EXACT = 1 << 32
BYTES = 5
"""Most bytes of a lane."""
LONGEST = 36
"""Most steps of an escaped symbol: itself, its side, 32 of its length, 2 of its bits."""

LEFT, COUNT, STATUS, LANE = range(4)
FINE, EXHAUSTED, INVALID = range(3)


@kernel
def steps(cdf: Any, lengths: Any, offsets: Any, indexes: Any, values: Any) -> Any:
    """Turn symbols into steps.

    Args:
        cdf: as in :class:`~semcodec.contracts.coding.Tables`, like the next two.
        lengths: entries of each table.
        offsets: first symbol of each table.
        indexes: int32 (symbols,), the table of each; must be in range.
        values: int32 (symbols,) within +-2**30.

    Returns:
        uint32 (steps,), in decoding order: ``start | (width - 1) << 16``.
    """
    escapes = 0
    for i in range(len(indexes)):
        place = np.int64(values[i]) - offsets[indexes[i]]
        escapes += int(place < 0 or place >= lengths[indexes[i]] - 1)
    made = np.empty(len(indexes) + LONGEST * escapes, dtype=np.uint32)
    count = 0
    for i in range(len(indexes)):
        row = indexes[i]
        inside = np.int64(lengths[row]) - 1
        place = np.int64(values[i]) - offsets[row]
        if 0 <= place < inside:
            start = np.int64(cdf[row, place])
            made[count] = start | (cdf[row, place + 1] - start - 1) << 16
            count += 1
            continue
        start = np.int64(cdf[row, inside])
        made[count] = start | (65535 - start) << 16
        beyond = -place if place < 0 else place - inside + 1
        count = _put(made, count + 1, 1, int(place < 0))
        extra = 0
        while beyond >= 2 << extra:
            count = _put(made, count, 1, 1)
            extra += 1
        count = _put(made, count, 1, 0)
        if extra > 16:
            count = _put(made, count, extra - 16, (beyond >> 16) & ((1 << (extra - 16)) - 1))
        if extra:
            least = min(extra, 16)
            count = _put(made, count, least, beyond & ((1 << least) - 1))
    return made[:count]


@kernel
def _put(made: Any, count: Any, bits: Any, value: Any) -> Any:
    """Append a step of equiprobable bits, 1 to 16."""
    made[count] = value << (16 - bits) | ((1 << (16 - bits)) - 1) << 16
    return count + 1


@kernel
def code_steps(made: Any, lanes: Any) -> Any:
    """Code steps, the last first.

    Args:
        made: uint32 (steps,), see :func:`steps`.
        lanes: how many lanes, a power of two up to 8.

    Returns:
        The words moved out, uint16 in this order, and what lane 0 holds in the end.
    """
    words = np.empty(len(made) + 3 * lanes, dtype=np.uint16)
    several = lanes > 1 and len(made) > NARROW
    state = np.full(lanes, LOW if several else 0, dtype=np.int64)
    moved = 0
    single = len(made)
    if several:
        single = NARROW
        for i in range(len(made) - 1, NARROW - 1, -1):
            lane = i & (lanes - 1)
            moved, state[lane] = _code(words, moved, state[lane], np.int64(made[i]))
        for lane in range(lanes - 1, 0, -1):
            x = state[lane]
            if x >= EXACT:
                words[moved] = x & 65535
                moved += 1
                x >>= 16
            words[moved] = x & 65535
            words[moved + 1] = x >> 16
            moved += 2
    x = state[0]
    for i in range(single - 1, -1, -1):
        moved, x = _code(words, moved, x, np.int64(made[i]))
    return words[:moved], x


@kernel
def _code(words: Any, moved: Any, x: Any, step: Any) -> Any:
    start, width = step & 65535, (step >> 16) + 1
    # Without a branch, which no processor would predict: the word counts only if it has to go.
    full = np.int64(x >= width << 24)
    words[moved] = x & 65535
    moved += full
    x >>= 16 * full
    # Exact: the quotient is below 2**24 and misses the next integer by 2**-16 or more, which is 40
    # bits of the 53 that a double has. An integer division takes several times as long.
    quotient = np.int64(np.float64(x) / np.float64(width))
    return moved, (quotient << 16) + start + x - quotient * width


def close(words: Words, first: int) -> bytes:
    """Give the bytes of what :func:`code_steps` gave; decoders read them from the end."""
    size = (int(first).bit_length() + 7) // 8
    data: bytes = words.astype("<u2").tobytes() + int(first).to_bytes(size, "little")
    return data


def open_words(data: bytes, lanes: int) -> tuple[Lanes, Words]:
    """Give the state and the words of a decoder; data that no encoder wrote sets ``STATUS``.

    A lane is 4 or 5 bytes where words were moved out, and words are 2: the parity tells which.
    """
    size = len(data) if len(data) <= BYTES else 4 + (len(data) & 1)
    moved = np.frombuffer(data[: len(data) - size], dtype="<u2")
    words = np.append(moved, 0).astype(np.uint16)
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
