"""Symbols coded with static integer tables."""

from __future__ import annotations

from typing import Any

from semcodec.coding.arguments import BOUND
from semcodec.coding.jit import kernel
from semcodec.coding.rangecoder import (
    DECODING,
    FINE,
    INVALID,
    RANGE,
    STATUS,
    flip,
    golomb,
    narrow,
    reserve,
    target,
)

__all__ = ["code_symbols"]


@kernel
def _entry(coder: Any, buffer: Any, cdf: Any, row: Any, length: Any, entry: Any) -> Any:
    if coder[DECODING]:
        part = target(coder, 16)
        entry, above = 0, length
        while above - entry > 1:
            middle = (entry + above) >> 1
            if cdf[row, middle] <= part:
                entry = middle
            else:
                above = middle
    unit = coder[RANGE] >> 16
    start = unit * cdf[row, entry]
    # The last entry takes the rest of the division too, so that nothing of the range is lost.
    end = unit * cdf[row, entry + 1] if entry + 1 < length else coder[RANGE]
    narrow(coder, buffer, start, end - start)
    return entry


@kernel
def code_symbols(
    coder: Any,
    buffer: Any,
    cdf: Any,
    lengths: Any,
    offsets: Any,
    indexes: Any,
    values: Any,
    stop: Any,
) -> Any:
    """Code ``values[i]`` with the table ``indexes[i]``; indexes must be in range.

    Args:
        coder: the coder's state.
        buffer: its buffer.
        cdf: as in :class:`~semcodec.contracts.coding.Tables`, like the next two.
        lengths: entries of each table.
        offsets: first symbol of each table.
        indexes: int32 (symbols,).
        values: int32 (symbols,), written when decoding.
        stop: a symbol after which no more are coded; beyond the range of int32 for none.

    Returns:
        The buffer, which may have grown, and how many symbols were coded.
    """
    for i in range(len(indexes)):
        buffer = reserve(coder, buffer)
        row = indexes[i]
        inside = lengths[row] - 1
        place = values[i] - offsets[row]
        escaped = place < 0 or place >= inside
        place = _entry(coder, buffer, cdf, row, inside + 1, inside if escaped else place)
        value = offsets[row] + place
        if place == inside:
            below = flip(coder, buffer, int(values[i] < offsets[row]))
            beyond = offsets[row] - 1 - values[i] if below else values[i] - value
            beyond = golomb(coder, buffer, beyond)
            value = offsets[row] - 1 - beyond if below else value + beyond
            if value < -BOUND or value > BOUND:
                coder[STATUS] = INVALID
        if coder[STATUS] != FINE:
            return buffer, i
        values[i] = value
        if value == stop:
            return buffer, i + 1
    return buffer, len(indexes)
