"""Primitive SEQUENCE: text and other sequences, each symbol in the light of the two before it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from semcodec.coding.adaptive import BITS, Ints, Model, new_model, tree
from semcodec.coding.english import END, byte_weights
from semcodec.coding.jit import kernel
from semcodec.coding.rangecoder import FINE, STATUS, reserve

__all__ = ["alphabet", "code_sequence", "sequence_model"]

MIXERS = 9
PAIRS = 256
"""Classes of what the two symbols before can be."""
WEIGHTS = (13107, 45000, 19661)
TRUST = (30, 20)
"""How many decisions the prior counts as: whatever came before, and after a given byte."""


def alphabet(low: int, high: int, end: int | None) -> tuple[int, int]:
    """Give the number of indexes, and that of the end: its own or one more; -1 for no end."""
    levels = high - low + 1
    if end is None:
        return levels, -1
    return (levels, end - low) if low <= end <= high else (levels + 1, levels)


def sequence_model(low: int, count: int, stop: int, english: bool) -> Model:
    """Give the initial model of a pass.

    Args:
        low: the symbol of index 0.
        count: how many indexes there are, 1 to 257.
        stop: the index of the end, or -1.
        english: expect the bytes of English text, rather than nothing.
    """
    size = 1 << (count - 1).bit_length()
    model = new_model(size * (2 + count + PAIRS), MIXERS, WEIGHTS)
    if english:
        model.states[: size * (2 + count)] = _expected(low, count, stop)
    return model


@lru_cache(maxsize=4)
def _expected(low: int, count: int, stop: int) -> Ints:
    """Turn the prior's weights into estimates, int32 (size * (2 + count), 3)."""
    table = byte_weights()
    size = 1 << (count - 1).bit_length()
    symbols = [low + index for index in range(count)]
    rows = [0, 257, *(1 + symbol if 0 <= symbol < 256 else 0 for symbol in symbols)]
    sums = np.zeros((2 + count, 2 * size), dtype=np.int64)
    for index, symbol in enumerate(symbols):
        byte = 0 <= symbol < END
        column = END if index == stop else symbol
        sums[:, size + index] = table[rows, column] if byte or index == stop else 1
    for node in range(size - 1, 0, -1):
        sums[:, node] = sums[:, 2 * node] + sums[:, 2 * node + 1]
    states = np.empty((2 + count, size, 3), dtype=np.int32)
    states[:, :, :2] = 1 << (BITS - 1)
    inner = sums[:, 1:size]
    ones = sums[:, 3::2]
    states[:, 1:, :2] = ((ones << BITS) // np.maximum(inner, 1))[:, :, None]
    states[0, :, 2] = TRUST[0]
    states[1:, :, 2] = TRUST[1]
    return states.reshape(-1, 3)


@kernel
def code_sequence(
    coder: Any, buffer: Any, model: Any, values: Any, length: Any, count: Any, stop: Any
) -> Any:
    """Code a sequence of indexes.

    Args:
        coder: the coder's state.
        buffer: its buffer.
        model: of :func:`sequence_model`.
        values: int32 (most,), indexes in [0, count); written when decoding.
        length: how many the encoder has; ignored when decoding.
        count: how many indexes there are, that of the end included.
        stop: index of the end, or -1 for none.

    Returns:
        The buffer, which may have grown, and the length.
    """
    size = 1
    while size < count:
        size <<= 1
    last, before = -1, 0
    for i in range(len(values)):
        buffer = reserve(coder, buffer)
        pair = (last + 37 * before) & (PAIRS - 1)
        index = tree(
            coder,
            buffer,
            model,
            0,
            size * (2 + last),
            size * (2 + count + pair),
            0,
            count,
            values[i] if i < length or stop < 0 else stop,
        )
        if coder[STATUS] != FINE or index == stop:
            return buffer, i
        values[i] = index
        last, before = index, last
    return buffer, len(values)
