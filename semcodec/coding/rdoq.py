"""Rate-distortion-optimised quantisation of DCT blocks.

For every coefficient the nearest level, the one below it and zero compete, and every block ends
where ending it is cheapest: the least ``D / step**2 + weight * R``, D the squared error and R the
estimated bits. R comes from adaptive counts in contexts like those of the primitive DCT, learnt
while the picture is passed through once, so no model has to be asked.

M. Karczewicz, Y. Ye, I. Chong, "Rate distortion optimized quantization", ITU-T SG16 VCEG-AH21,
2008, made greedy and causal.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.costs import learn, new_costs, price
from semcodec.coding.geometry import (
    distance,
    magnitude,
    neighbours,
    octave,
    step,
    strips,
    zigzag,
    zone,
)
from semcodec.coding.jit import kernel
from semcodec.contracts.context import Progress, silent

__all__ = ["optimised_levels"]

ZONES, STEPS, REACHES, UNARY, OCTAVES = 6, 9, 5, 14, 20
PLACE = 0
AROUND = PLACE + 256
LEVEL = AROUND + ZONES * STEPS * REACHES
REACH = LEVEL + ZONES * STEPS * UNARY
CONTEXTS = REACH + OCTAVES * OCTAVES
BOUND = 1 << 30


def optimised_levels(
    coefficients: NDArray[np.float32],
    steps: NDArray[np.float32],
    grid: tuple[tuple[int, int], ...],
    weight: float,
    progress: Progress = silent,
) -> NDArray[np.int32]:
    """Choose the levels of all blocks.

    Args:
        coefficients: finite float32 (blocks, side, side), side at most 16.
        steps: float32 (blocks,), positive: the quantizer's step in every block.
        grid: rows and columns of blocks of every plane.
        weight: what a bit is worth, in squared steps; about 0.1.
        progress: told the share that is done.

    Returns:
        int32 of the coefficients' shape.
    """
    blocks, side, _ = coefficients.shape
    priors = np.empty((2 * CONTEXTS, 2))
    for base in (0, CONTEXTS):
        priors[base : base + LEVEL] = (1.4, 0.6)
        priors[base + LEVEL : base + REACH] = (1.5, 0.5)
        priors[base + REACH : base + CONTEXTS] = (1, 1)
    out = np.zeros((blocks, side * side), dtype=np.int32)
    flat = np.ascontiguousarray(coefficients, dtype=np.float32).reshape(blocks, side * side)
    of_blocks = np.ascontiguousarray(steps, dtype=np.float32)
    planes = np.array(grid, dtype=np.int64).reshape(-1, 2)
    reaches, costs = np.zeros(blocks + 1, dtype=np.int64), new_costs(priors)
    for done, strip in strips(planes):
        progress(done, "quantizing")
        _optimise(
            flat,
            of_blocks,
            planes,
            strip,
            zigzag(side),
            side,
            np.array([weight]),
            reaches,
            costs,
            out,
        )
    return out.reshape(coefficients.shape)


@kernel
def _level_bits(costs: Any, base: Any, level: Any) -> Any:
    """Estimate the bits of a magnitude of at least 1, its sign included."""
    total = 1.0
    for k in range(min(level, UNARY + 1) - 1):
        total += price(costs, base + k, 1)
    if level <= UNARY:
        return total + price(costs, base + level - 1, 0)
    return total + 2 * octave(level - UNARY) - 1


@kernel
def _learn_level(costs: Any, base: Any, level: Any) -> None:
    for k in range(min(level, UNARY + 1) - 1):
        learn(costs, base + k, 1)
    if level <= UNARY:
        learn(costs, base + level - 1, 0)


@kernel
def _reach_bits(costs: Any, base: Any, reach: Any) -> Any:
    """Estimate the bits of a reach: its octave by unary decisions, the rest as they are."""
    size = octave(reach)
    total = 0.0
    for k in range(size):
        total += price(costs, base + k, 1)
    return total + price(costs, base + size, 0) + max(size - 1, 0) * 0.9


@kernel
def _learn_reach(costs: Any, base: Any, reach: Any) -> None:
    size = octave(reach)
    for k in range(size):
        learn(costs, base + k, 1)
    learn(costs, base + size, 0)


@kernel
def _near(levels: Any, places: Any, position: Any) -> Any:
    """Weigh the magnitudes of a coefficient's namesakes in the blocks around."""
    _, west, north, corner, east, _, twin = places
    near = magnitude(levels, west, position) + magnitude(levels, north, position)
    near = 2 * (near + magnitude(levels, twin, position))
    return near + magnitude(levels, corner, position) + magnitude(levels, east, position)


@kernel
def _inside(cells: Any, v: Any, u: Any) -> Any:
    """Weigh the magnitudes of the higher frequencies beside a coefficient."""
    local = 2 * (cells[v, u + 1] + cells[v + 1, u]) + cells[v + 1, u + 1]
    return local + cells[v, u + 2] + cells[v + 2, u]


@kernel
def _best_level(costs: Any, base: Any, size: Any, weight: Any, fixed: Any) -> Any:
    """Choose between the nearest level and the one below, if not zero, for a size in steps.

    Returns:
        The level, and what it costs beyond zero's distortion.
    """
    nearest = int(size + 0.5)
    best, least = 0, np.inf
    for level in range(max(1, nearest - 1), nearest + 1):
        miss = size - level
        cost = miss * miss - size * size + weight * (fixed + _level_bits(costs, base, level))
        if cost < least:
            best, least = level, cost
    return best, least


@kernel
def _decide(
    sizes: Any,
    levels: Any,
    places: Any,
    scan: Any,
    side: Any,
    weight: Any,
    costs: Any,
    base: Any,
    cells: Any,
    chosen: Any,
    last: Any,
    ending: Any,
) -> Any:
    """Choose the magnitudes of a block, from the highest frequency down; returns its reach."""
    reach = 0
    total = 0.0
    chosen[: last + 1] = 0
    cells[:] = 0
    for i in range(last, 0, -1):
        position = scan[i]
        v, u = position // side, position % side
        size = sizes[position]
        near = _near(levels, places, position)
        band = zone((u + v) * 8 // side)
        if reach:
            both = step((2 * _inside(cells, v, u) + near + 1) >> 1)
            around = base + AROUND + (band * STEPS + both) * REACHES + distance(reach - i)
            place = base + PLACE + position
            level, cost = 0, weight * (price(costs, around, 0) + price(costs, place, 0)) / 2
            if size >= 0.5:
                fixed = (price(costs, around, 1) + price(costs, place, 1)) / 2
                table = base + LEVEL + (band * STEPS + both) * UNARY
                kept, price_kept = _best_level(costs, table, size, weight, fixed)
                if price_kept < cost:
                    level, cost = kept, price_kept
            total += cost
            chosen[i] = level
            cells[v, u] = level
        if size >= 0.5:
            table = base + LEVEL + (band * STEPS + step((near + 1) >> 1)) * UNARY
            level, cost = _best_level(costs, table, size, weight, _reach_bits(costs, ending, i))
            if cost < total or not reach:
                chosen[i : last + 1] = 0
                cells[:] = 0
                reach, total = i, cost
                chosen[i] = level
                cells[v, u] = level
    if reach and total >= weight * _reach_bits(costs, ending, 0):
        return 0
    return reach


@kernel
def _optimise(
    coefficients: Any,
    steps: Any,
    grid: Any,
    strip: Any,
    scan: Any,
    side: Any,
    weight: Any,
    reaches: Any,
    costs: Any,
    levels: Any,
) -> None:
    area = coefficients.shape[1]
    cells = np.zeros((side + 2, side + 2), dtype=np.int64)
    chosen = np.zeros(area, dtype=np.int64)
    sizes = np.zeros(area)
    plane, first, top, bottom = strip[0], strip[1], strip[2], strip[3]
    base = CONTEXTS if plane else 0
    columns = grid[plane, 1]
    for at in range(top * columns, bottom * columns):
        places = neighbours(plane, at // columns, at % columns, first, grid)
        here, west, north, _, _, _, _ = places
        for position in range(area):
            size = abs(np.float64(coefficients[here, position]) / steps[here])
            sizes[position] = min(size, BOUND)
        last = area - 1
        while last and sizes[scan[last]] < 0.5:
            last -= 1
        around = min(octave(reaches[west]) + octave(reaches[north]), OCTAVES - 1)
        ending = base + REACH + around * OCTAVES
        reach = _decide(
            sizes,
            levels,
            places,
            scan,
            side,
            weight[0],
            costs,
            base,
            cells,
            chosen,
            last,
            ending,
        )
        reaches[here] = reach
        _learn_reach(costs, ending, reach)
        chosen[0] = int(sizes[0] + 0.5)
        cells[:] = 0
        for i in range(reach, 0, -1):
            position = scan[i]
            v, u = position // side, position % side
            near = _near(levels, places, position)
            band = zone((u + v) * 8 // side)
            both = step((2 * _inside(cells, v, u) + near + 1) >> 1)
            level = chosen[i]
            if i < reach:
                around = (band * STEPS + both) * REACHES + distance(reach - i)
                learn(costs, base + AROUND + around, int(level > 0))
                learn(costs, base + PLACE + position, int(level > 0))
            if level:
                _learn_level(costs, base + LEVEL + (band * STEPS + both) * UNARY, level)
                cells[v, u] = level
                negative = coefficients[here, position] < 0
                levels[here, position] = -level if negative else level
        levels[here, 0] = -chosen[0] if coefficients[here, 0] < 0 else chosen[0]
