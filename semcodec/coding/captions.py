"""Captions: the model of primitive SEQUENCE that has read some before (parameter 2).

Three contexts: the symbol before, the three before, and the word so far. What they expect at the
start was learnt, by coding it, from the lines of ``captions.txt``, which were written for this
purpose and are part of the format. So a caption of ten words need not be long for its words to be
known.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from semcodec.coding.adaptive import Model, decide, new_model
from semcodec.coding.jit import kernel
from semcodec.coding.rangecoder import FINE, STATUS, open_writer, reserve

__all__ = ["captions_model", "code_captions"]

PLACES = 9
"""Mixers, one for each binary place of an index; as many again for places within a word."""
WEIGHTS = (21845, 21845, 21845)
SLOTS = 17
"""Logarithm of the contexts that the three symbols before share, and those of the word so far."""
MULTIPLIER = 739982445
SPREAD = 1028477387
WORD = 0xFFFFFFFF


def captions_model(low: int, levels: int, count: int, stop: int) -> Model:
    """Give the initial model of a pass.

    Args:
        low: the symbol of index 0.
        levels: how many symbols there are, 1 to 256.
        count: how many indexes there are, that of the end included.
        stop: the index of the end, or -1.
    """
    read = _read(low, levels, count, stop)
    return read._replace(states=read.states.copy(), weights=read.weights.copy())


@lru_cache(maxsize=2)
def _read(low: int, levels: int, count: int, stop: int) -> Model:
    size = 1 << (count - 1).bit_length()
    model = new_model(size * (1 + count) + (2 << SLOTS), 2 * PLACES, WEIGHTS)
    state, buffer = open_writer()
    text = files("semcodec.coding").joinpath("captions.txt").read_text(encoding="ascii")
    for line in text.splitlines():
        known = [byte - low for byte in line.encode() if 0 <= byte - low < levels]
        indexes = [index for index in known if index != stop]
        values = np.array([*indexes, 0] if stop >= 0 else indexes, dtype=np.int32)
        buffer, _ = code_captions(state, buffer, model, values, len(indexes), low, count, stop)
    return model


@kernel
def _slot(key: Any) -> Any:
    return ((key & WORD) * MULTIPLIER & WORD) >> (32 - SLOTS)


@kernel
def code_captions(
    coder: Any,
    buffer: Any,
    model: Any,
    values: Any,
    length: Any,
    low: Any,
    count: Any,
    stop: Any,
) -> Any:
    """Code a sequence of indexes.

    Args:
        coder: the coder's state.
        buffer: its buffer.
        model: of :func:`captions_model`.
        values: int32 (most,), indexes in [0, count); written when decoding.
        length: how many the encoder has; ignored when decoding.
        low: the symbol of index 0.
        count: how many indexes there are, that of the end included.
        stop: index of the end, or -1 for none.

    Returns:
        The buffer, which may have grown, and the length.
    """
    bits = 0
    while 1 << bits < count:
        bits += 1
    shared = (1 + count) << bits
    first, second, third, word = 0, 0, 0, 0
    for i in range(len(values)):
        buffer = reserve(coder, buffer)
        wanted = values[i] if i < length or stop < 0 else stop
        before = first + 258 * (second + 258 * third)
        mixer = PLACES if word else 0
        node = 1
        for place in range(bits - 1, -1, -1):
            bit = 0
            if ((node << 1) | 1) << place < count + (1 << bits):
                bit = decide(
                    coder,
                    buffer,
                    model,
                    (first << bits) + node,
                    shared + _slot(512 * before + node),
                    shared + (1 << SLOTS) + _slot(word + node * SPREAD),
                    mixer + place,
                    (wanted >> place) & 1,
                )
            node = (node << 1) | bit
        index = node - (1 << bits)
        if coder[STATUS] != FINE or index == stop:
            return buffer, i
        values[i] = index
        third, second, first = second, first, index + 1
        letter = (low + index) | 32
        if ord("a") <= letter <= ord("z") and low + index < 128:
            word = (word + letter) * MULTIPLIER & WORD
        else:
            word = 0
    return buffer, len(values)
