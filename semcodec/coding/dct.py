"""Primitive DCT: blocks of quantised transform coefficients.

A block is its DC, predicted from the blocks around; how far its coefficients reach along the
zigzag scan; and from there back to the start every coefficient, in the light of the higher
frequencies already known and of the same frequency in the blocks around.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from semcodec.coding.adaptive import NUMBER, NUMBER_MIXERS, Model, decide, new_model, number
from semcodec.coding.geometry import (
    CLASSES,
    distance,
    magnitude,
    neighbours,
    octave,
    predict,
    step,
    zone,
)
from semcodec.coding.jit import kernel
from semcodec.coding.rangecoder import FINE, INVALID, STATUS, flip, golomb, reserve

__all__ = ["code_blocks", "dct_model"]

ZONES, STEPS, REACHES, ESCAPE = 6, 9, 5, 15
"""Classes of frequency, of magnitudes around, of distance to the last; the first escaped level."""
DC = 0
REACH = DC + 3 * CLASSES * NUMBER
NONZERO = REACH + 3 * CLASSES * NUMBER
NONZERO_B = NONZERO + 256 * 3
NONZERO_C = NONZERO_B + STEPS * 5 * 3
LEVEL = NONZERO_C + ZONES * STEPS * REACHES
LEVEL_B = LEVEL + STEPS * ZONES * ESCAPE
LEVEL_C = LEVEL_B + STEPS * 2 * ESCAPE
CONTEXTS = LEVEL_C + STEPS * ZONES * ESCAPE
MIXERS = 2 * NUMBER_MIXERS + ZONES + ESCAPE
WEIGHTS = (20000, 20000, 20000)


def dct_model() -> Model:
    """Give the initial model of a pass: one half for the first plane, one for the others."""
    return new_model(2 * CONTEXTS, 2 * MIXERS, WEIGHTS)


@kernel
def _signed(coder: Any, buffer: Any, size: Any, value: Any) -> Any:
    if size and flip(coder, buffer, int(value < 0)):
        return -size
    return size


@kernel
def _code_dc(
    coder: Any, buffer: Any, model: Any, values: Any, mask: Any, history: Any, places: Any
) -> Any:
    """Code the first coefficient of a block; returns it and how far the prediction missed it."""
    here, west, north, corner, _, below, _ = places
    base, mixer = (CONTEXTS, MIXERS) if below >= 0 else (0, 0)
    guess = predict(values, mask, west, north, corner)
    slope = 0
    if corner >= 0:
        slope = abs(np.int64(values[west, 0]) - values[corner, 0])
        slope += abs(np.int64(values[north, 0]) - values[corner, 0])
    missed = history[west, 1] + history[north, 1]
    third = octave(history[below, 1])
    if below < 0:
        third = min(octave(history[west, 0]) + octave(history[north, 0]), CLASSES - 1)
    miss = values[here, 0] - guess
    size = number(
        coder,
        buffer,
        model,
        base + DC + octave(missed) * NUMBER,
        base + DC + (CLASSES + octave(slope)) * NUMBER,
        base + DC + (2 * CLASSES + third) * NUMBER,
        mixer,
        abs(miss),
    )
    return guess + _signed(coder, buffer, size, miss), size


@kernel
def _code_reach(coder: Any, buffer: Any, model: Any, history: Any, places: Any, reach: Any) -> Any:
    """Code how many coefficients of the scan there are up to the last that is not zero."""
    here, west, north, _, east, below, twin = places
    base, mixer = (CONTEXTS, MIXERS) if below >= 0 else (0, 0)
    first = min(octave(history[west, 0]) + octave(history[north, 0]), CLASSES - 1)
    second = min(octave(history[here, 1]) + (10 if twin >= 0 else 0), CLASSES - 1)
    third = octave(history[below, 0]) + 1 if below >= 0 else octave(history[east, 0])
    return number(
        coder,
        buffer,
        model,
        base + REACH + first * NUMBER,
        base + REACH + (CLASSES + second) * NUMBER,
        base + REACH + (2 * CLASSES + third) * NUMBER,
        mixer + NUMBER_MIXERS,
        reach,
    )


@kernel
def _code_level(
    coder: Any, buffer: Any, model: Any, a: Any, b: Any, c: Any, mixer: Any, wanted: Any
) -> Any:
    """Code a magnitude of at least 1."""
    for level in range(1, ESCAPE):
        k = level - 1
        if not decide(coder, buffer, model, a + k, b + k, c + k, mixer + k, int(wanted > level)):
            return level
    return ESCAPE + golomb(coder, buffer, wanted - ESCAPE)


@kernel
def _code_coefficient(
    coder: Any,
    buffer: Any,
    model: Any,
    values: Any,
    cells: Any,
    places: Any,
    position: Any,
    after: Any,
) -> Any:
    """Code a coefficient that ``after`` others follow; with none after it, it is not zero."""
    here, west, north, corner, east, below, twin = places
    base, mixer = (CONTEXTS, MIXERS) if below >= 0 else (0, 0)
    side = cells.shape[0] - 2
    v, u = position // side, position % side
    local = 2 * (cells[v, u + 1] + cells[v + 1, u]) + cells[v + 1, u + 1]
    local += cells[v, u + 2] + cells[v + 2, u]
    near = magnitude(values, west, position) + magnitude(values, north, position)
    near = 2 * (near + magnitude(values, twin, position))
    near += magnitude(values, corner, position) + magnitude(values, east, position)
    band = zone((u + v) * 8 // side)
    inner, outer, both = step(local), step(near), step((2 * local + near + 1) >> 1)
    value = np.int64(values[here, position])
    if after and not decide(
        coder,
        buffer,
        model,
        base + NONZERO + 3 * position + min(near, 2),
        base + NONZERO_B + (inner * 5 + ((outer + 1) >> 1)) * 3 + (band >> 1),
        base + NONZERO_C + (band * STEPS + both) * REACHES + distance(after),
        mixer + 2 * NUMBER_MIXERS + band,
        int(value != 0),
    ):
        return 0
    level = _code_level(
        coder,
        buffer,
        model,
        base + LEVEL + (both * ZONES + band) * ESCAPE,
        base + LEVEL_B + (inner * 2 + int(after == 0)) * ESCAPE,
        base + LEVEL_C + (outer * ZONES + band) * ESCAPE,
        mixer + 2 * NUMBER_MIXERS + ZONES,
        abs(value),
    )
    cells[v, u] = level
    return _signed(coder, buffer, level, value)


@kernel
def code_blocks(
    coder: Any,
    buffer: Any,
    model: Any,
    history: Any,
    values: Any,
    mask: Any,
    grid: Any,
    strip: Any,
    scan: Any,
    side: Any,
    low: Any,
    high: Any,
) -> Any:
    """Code the coefficients of some rows of blocks; all strips, in order, make the pass.

    Args:
        coder: the coder's state.
        buffer: its buffer.
        model: of :func:`dct_model`.
        history: int64 (blocks + 1, 2), zero before the first strip: of each block its reach and
            its miss; the last row stands for the block that is not there.
        values: int32 (blocks, side * side) in raster order; written when decoding. Zero where
            the mask is False.
        mask: bool of that shape, False where nothing is coded.
        grid: int64 (planes, 2), rows and columns of every plane, at least 1 each.
        strip: int64 (4,), of :func:`semcodec.coding.geometry.strips`.
        scan: of :func:`zigzag`.
        side: side of a block, at most 16.
        low: smallest value; a smaller one is no data of an encoder.
        high: largest value.

    Returns:
        The buffer, which may have grown.
    """
    area = values.shape[1]
    cells = np.zeros((side + 2, side + 2), dtype=np.int64)
    order = np.empty(area, dtype=np.int64)
    plane, first, top, bottom = strip[0], strip[1], strip[2], strip[3]
    columns = grid[plane, 1]
    for at in range(top * columns, bottom * columns):
        places = neighbours(plane, at // columns, at % columns, first, grid)
        here = places[0]
        buffer = reserve(coder, buffer)
        if mask[here, 0]:
            value, history[here, 1] = _code_dc(coder, buffer, model, values, mask, history, places)
            if value < low or value > high:
                coder[STATUS] = INVALID
                return buffer
            values[here, 0] = value
        coded = 0
        reach = 0
        for i in range(1, area):
            if mask[here, scan[i]]:
                order[coded] = scan[i]
                coded += 1
                if values[here, scan[i]]:
                    reach = coded
        if coded:
            reach = _code_reach(coder, buffer, model, history, places, reach)
            if reach > coded:
                coder[STATUS] = INVALID
                return buffer
            history[here, 0] = reach
            cells[:] = 0
        for i in range(reach - 1, -1, -1):
            buffer = reserve(coder, buffer)
            value = _code_coefficient(
                coder, buffer, model, values, cells, places, order[i], reach - 1 - i
            )
            if value < low or value > high:
                coder[STATUS] = INVALID
                return buffer
            values[here, order[i]] = value
        if coder[STATUS] != FINE:
            return buffer
    return buffer
