"""The deblocking filter: smooths what quantisation broke along the borders of blocks.

The luma filter of ITU-T H.265, 8.7.2.5 (decisions per line instead of per segment), with
thresholds proportional to the quantizer's step, for both luma and chroma. Integers throughout.

A. Norkin et al., "HEVC Deblocking Filter", IEEE Trans. Circuits and Systems for Video Technology
22(12), 2012.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.jit import kernel

__all__ = ["CLIP", "FLAT", "deblock"]

Ints: TypeAlias = NDArray[np.int32]

CLIP = 26
"""Most that a sample moves, in 1/256 of the step; the strong filter may move it twice as far."""
FLAT = 512
"""Bend of a line across a border up to which it is filtered, in 1/256 of the step."""


def deblock(samples: NDArray[np.int16], block: int, steps: Ints, top: int) -> None:
    """Filter all borders of a plane in place: vertical ones first, then horizontal ones.

    A border closer than four samples to the plane's edge is left as it is.

    Args:
        samples: int16 (height, width) in [0, top], C-contiguous.
        block: side of a block, at least 4.
        steps: int32 (block rows, block columns) in [0, 2**19]: the quantizer's step in every
            block, in the unit of the samples.
        top: the largest sample.
    """
    _deblock(samples, block, np.ascontiguousarray(steps), top)


@kernel
def _clip(value: Any, low: Any, high: Any) -> Any:
    return min(max(value, low), high)


@kernel
def _near(value: Any, centre: Any, reach: Any, top: Any) -> Any:
    return _clip(_clip(value, centre - reach, centre + reach), 0, top)


@kernel
def _line(line: Any, at: Any, step: Any, top: Any) -> None:
    """Filter one line across the border before ``line[at]``."""
    p0, p1 = np.int64(line[at - 1]), np.int64(line[at - 2])
    p2, p3 = np.int64(line[at - 3]), np.int64(line[at - 4])
    q0, q1 = np.int64(line[at]), np.int64(line[at + 1])
    q2, q3 = np.int64(line[at + 2]), np.int64(line[at + 3])
    tc, beta = (step * CLIP) >> 8, (step * FLAT) >> 8
    bend_p, bend_q = abs(p2 - 2 * p1 + p0), abs(q2 - 2 * q1 + q0)
    bend = bend_p + bend_q
    if bend >= beta:
        return
    slope = abs(p3 - p0) + abs(q0 - q3)
    if 8 * bend < beta and 8 * slope < beta and 2 * abs(p0 - q0) < 5 * tc:
        reach = 2 * tc
        line[at - 1] = _near((p2 + 2 * p1 + 2 * p0 + 2 * q0 + q1 + 4) >> 3, p0, reach, top)
        line[at - 2] = _near((p2 + p1 + p0 + q0 + 2) >> 2, p1, reach, top)
        line[at - 3] = _near((2 * p3 + 3 * p2 + p1 + p0 + q0 + 4) >> 3, p2, reach, top)
        line[at] = _near((p1 + 2 * p0 + 2 * q0 + 2 * q1 + q2 + 4) >> 3, q0, reach, top)
        line[at + 1] = _near((p0 + q0 + q1 + q2 + 2) >> 2, q1, reach, top)
        line[at + 2] = _near((p0 + q0 + q1 + 3 * q2 + 2 * q3 + 4) >> 3, q2, reach, top)
        return
    delta = (9 * (q0 - p0) - 3 * (q1 - p1) + 8) >> 4
    if abs(delta) >= 10 * tc:
        return
    delta = _clip(delta, -tc, tc)
    line[at - 1] = _clip(p0 + delta, 0, top)
    line[at] = _clip(q0 - delta, 0, top)
    flat, half = (beta + (beta >> 1)) >> 3, tc >> 1
    if bend_p < flat:
        moved = _clip((((p2 + p0 + 1) >> 1) - p1 + delta) >> 1, -half, half)
        line[at - 2] = _clip(p1 + moved, 0, top)
    if bend_q < flat:
        moved = _clip((((q2 + q0 + 1) >> 1) - q1 - delta) >> 1, -half, half)
        line[at + 1] = _clip(q1 + moved, 0, top)


@kernel
def _deblock(samples: Any, block: Any, steps: Any, top: Any) -> None:
    _columns(samples, block, steps, top, 0)
    _columns(samples.T, block, steps.T, top, 1)


@kernel
def _columns(samples: Any, block: Any, steps: Any, top: Any, outer: Any) -> None:
    """Filter the borders between columns; ``outer`` is 0 to go line by line, 1 border by border.

    Lines are independent of each other, so both orders give the same; the memory's order decides.
    """
    height, width = samples.shape
    borders = steps.shape[1] - 1
    for first in range(borders if outer else height):
        for second in range(height if outer else borders):
            column, y = (first + 1, second) if outer else (second + 1, first)
            at = column * block
            if at + 4 > width:
                continue
            left, right = steps[y // block, column - 1], steps[y // block, column]
            step = (np.int64(left) + right + 1) >> 1
            if step:
                _line(samples[y], at, step, top)
