"""Interleaved rANS over 16-bit tables: the numbers of the format, and writing.

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

from semcodec.coding.jit import kernel

__all__ = ["BYTES", "LOW", "NARROW", "Steps", "Words", "close", "code_steps", "steps"]

Steps: TypeAlias = NDArray[np.uint32]
Words: TypeAlias = NDArray[np.uint16]

NARROW = 1 << 16
"""Steps that lane 0 codes alone; a multiple of every number of lanes."""
LOW = 1 << 24
"""A lane is below this only while nothing was moved out after it."""
TWO_WORDS = 1 << 32
"""A lane below this is put down in two words."""
BYTES = 5
"""Most bytes of a lane."""
LONGEST = 36
"""Most steps of an escaped symbol: itself, its side, 32 of its length, 2 of its bits."""
SPARE = 1 << 10
"""Steps beyond one a symbol that there is room for at first."""


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
    # Always room for the symbols to come, and an escape among them.
    made = np.empty(len(indexes) + SPARE, dtype=np.uint32)
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
        if len(made) - count < len(indexes) - i + LONGEST:
            wider = np.empty(2 * len(made), dtype=np.uint32)
            wider[:count] = made[:count]
            made = wider
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
            if x >= TWO_WORDS:
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
    # Exact: with a half added the quotient, below 2**24, lies 2**-17 or more from any integer,
    # which is 41 bits of the 53 that a double has. The lane waits for a product alone: the division
    # does not depend on it, and one of integers would take several times as long.
    quotient = np.int64((np.float64(x) + 0.5) * (1.0 / np.float64(width)))
    return moved, (quotient << 16) + start + x - quotient * width


def close(words: Words, first: int) -> bytes:
    """Give the bytes of what :func:`code_steps` gave; decoders read them from the end."""
    size = (int(first).bit_length() + 7) // 8
    data: bytes = words.astype("<u2").tobytes() + int(first).to_bytes(size, "little")
    return data
