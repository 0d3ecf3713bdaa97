"""From a primitive's number to its kernel."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.coding import captions, dct, labels, plane, primitives, sequence
from semcodec.coding.geometry import strips, zigzag
from semcodec.coding.rangecoder import FINE, STATUS, Buffer, State
from semcodec.contracts.coding import AdaptivePass
from semcodec.contracts.context import Progress
from semcodec.contracts.values import Symbols

__all__ = ["code_adaptive"]

Ints: TypeAlias = NDArray[np.int32]


def code_adaptive(
    state: State,
    buffer: Buffer,
    values: Ints | None,
    symbols: Symbols,
    adaptive: AdaptivePass,
    progress: Progress,
) -> tuple[Buffer, Ints]:
    """Code a pass, in the direction of the coder's state.

    Args:
        state: the coder's state; its status tells afterwards whether the data was sound.
        buffer: its buffer.
        values: int32, conforming to ``symbols`` where coded; None when decoding.
        symbols: their description.
        adaptive: the pass.
        progress: told the share that is done, where the primitive works in parts.

    Returns:
        The buffer, which may have grown, and int32 of ``symbols.shape``: the values, 0 where the
        mask is False; with an end symbol, as many as there are.

    Raises:
        ValueError: the primitive is unknown or cannot code such symbols.
    """
    reason = primitives.problem(symbols, adaptive)
    if reason:
        raise ValueError(reason)
    if adaptive.primitive == primitives.SEQUENCE:
        return _sequence(state, buffer, values, symbols, adaptive.params)
    # Kernels are compiled for arrays that are contiguous and writable; only others are copied. An
    # encoding kernel may write to its values, but only what stands there.
    if symbols.mask is None:
        mask = np.ones(symbols.shape, dtype=np.bool_)
    else:
        mask = np.require(symbols.mask, requirements=["C", "W"])
    if values is None:
        work = np.zeros(symbols.shape, dtype=np.int32)
    elif symbols.mask is None:
        work = np.require(values, requirements=["C", "W"])
    else:
        work = np.ascontiguousarray(np.where(mask, values, np.int32(0)))
    if adaptive.primitive == primitives.DCT:
        return _dct(state, buffer, work, mask, symbols, progress), work
    return _plane(state, buffer, work, mask, symbols, adaptive.primitive)


def _plane(
    state: State,
    buffer: Buffer,
    work: Ints,
    mask: NDArray[np.bool_],
    symbols: Symbols,
    primitive: int,
) -> tuple[Buffer, Ints]:
    levels = symbols.high - symbols.low + 1
    shape = symbols.shape if work.ndim == 3 else (1, *symbols.shape)
    indexes = (work - np.int32(symbols.low)).reshape(shape)
    where = mask.reshape(shape)
    if primitive == primitives.LABELS:
        model = labels.labels_model(levels)
        buffer = labels.code_labels(state, buffer, model, indexes, where, levels)
    else:
        model = plane.plane_model(levels)
        buffer = plane.code_planes(state, buffer, model, indexes, where, levels)
    values = indexes.reshape(symbols.shape) + np.int32(symbols.low)
    return buffer, np.where(mask, values, np.int32(0))


def _dct(
    state: State,
    buffer: Buffer,
    work: Ints,
    mask: NDArray[np.bool_],
    symbols: Symbols,
    progress: Progress,
) -> Buffer:
    count, side, _ = symbols.shape
    model, history = dct.dct_model(), np.zeros((count + 1, 2), dtype=np.int64)
    grid = np.array(symbols.grid, dtype=np.int64).reshape(-1, 2)
    for done, strip in strips(grid):
        progress(done, "coding")
        buffer = dct.code_blocks(
            state,
            buffer,
            model,
            history,
            work.reshape(count, side * side),
            mask.reshape(count, side * side),
            grid,
            strip,
            zigzag(side),
            side,
            symbols.low,
            symbols.high,
        )
        if state[STATUS] != FINE:
            break
    return buffer


def _sequence(
    state: State, buffer: Buffer, values: Ints | None, symbols: Symbols, params: tuple[int, ...]
) -> tuple[Buffer, Ints]:
    count, stop = sequence.alphabet(symbols.low, symbols.high, symbols.end)
    indexes = np.zeros(symbols.size, dtype=np.int32)
    length = 0
    if values is not None:
        length = len(values)
        indexes[:length] = values - np.int32(symbols.low)
    if params == (primitives.CAPTIONS,):
        levels = symbols.high - symbols.low + 1
        model = captions.captions_model(symbols.low, levels, count, stop)
        buffer, length = captions.code_captions(
            state, buffer, model, indexes, length, symbols.low, count, stop
        )
        return buffer, indexes[:length] + np.int32(symbols.low)
    model = sequence.sequence_model(symbols.low, count, stop, params == (primitives.ENGLISH,))
    buffer, length = sequence.code_sequence(state, buffer, model, indexes, length, count, stop)
    return buffer, indexes[:length] + np.int32(symbols.low)
