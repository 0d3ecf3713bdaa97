"""Primitive LABELS: masks and label maps, from a few cells to full size.

Each label is first asked whether it is the western one, in three contexts: a small template, whose
chances are known from the start, so that a map of a few cells is cheap; the 16 pixels of JBIG2's
largest template (ITU-T T.88, 6.2.5.3, template 0 with its adaptive pixels at their nominal
places), told apart only by whether they equal the western one; and the course of the nearest edge.
If it is not the western one, it is asked for among the labels above, and named at last by its
place in a list in which what was named last comes first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from semcodec.coding.adaptive import (
    BITS,
    NUMBER,
    NUMBER_MIXERS,
    Model,
    decide,
    new_model,
    number,
)
from semcodec.coding.contours import COURSES, FAR, course, follow, gap, scan
from semcodec.coding.jit import kernel
from semcodec.coding.rangecoder import FINE, INVALID, STATUS, reserve

__all__ = ["code_labels", "labels_model"]

WEIGHTS = (26000, 24000, 28000)
CHANCES = (
    *(2, 2, 1, 1, 77, 82, 8, 6, 181, 149, 61, 60, 229, 227, 136, 120),
    *(17, 1, 1, 1, 47, 44, 29, 16, 99, 21, 18, 2, 165, 105, 134, 49),
)
"""Chance of another label than the western one in each small template, in 1/256.

Counted on drawn shapes by ``tests/evaluation/label_chances.py``, not on anybody's pictures.
"""
TRUST = 12
"""How many decisions that counts as."""

REACH = 4
"""How far a template looks to either side; a field has as many columns more on both."""
GUESSES = 8
TEMPLATE = 32
COURSE = TEMPLATE + (1 << 15)
GUESS = COURSE + COURSES
GUESS_B = GUESS + 32 * GUESSES
GUESS_C = GUESS_B + 1024 * GUESSES
NAME = GUESS_C + 22 * GUESSES
ASKED = 8
NAMED = ASKED + GUESSES


def labels_model(levels: int) -> Model:
    """Give the initial model of a pass over maps of ``levels`` labels, 1 to 256."""
    model = new_model(NAME + NUMBER * (1 + 2 * levels), NAMED + NUMBER_MIXERS, WEIGHTS)
    chances = np.array(CHANCES, dtype=np.int32) << (BITS - 8)
    model.states[: len(CHANCES), :2] = chances[:, None]
    model.states[: len(CHANCES), 2] = TRUST
    return model


@kernel
def _unlike(row: Any, x: Any, reach: Any, label: Any) -> Any:
    pattern = 0
    for place in range(x - reach, x + reach + 1):
        pattern = pattern << 1 | int(row[place] != label)
    return pattern


@kernel
def _name(
    coder: Any, buffer: Any, model: Any, order: Any, near: Any, rest: Any, west: Any, value: Any
) -> Any:
    levels = len(order)
    rank = 0
    for place in range(levels):
        if order[place] == value:
            break
        rank += int(not (near == order[place]).any())
    if rest > 1:
        base = NAME + NUMBER
        by_west, by_north = base + NUMBER * west, base + NUMBER * (levels + near[1])
        rank = number(coder, buffer, model, NAME, by_west, by_north, NAMED, rank)
        if rank >= rest:
            coder[STATUS] = INVALID
            return west
    else:
        rank = 0
    place = 0
    while rank > 0 or (near == order[place]).any():
        rank -= int(not (near == order[place]).any())
        place += 1
    found = order[place]
    order[1 : place + 1] = order[:place].copy()
    order[0] = found
    return found


@kernel
def code_labels(coder: Any, buffer: Any, model: Any, values: Any, mask: Any, levels: Any) -> Any:
    """Code int32 (planes, height, width) in [0, levels), where the bool mask of that shape holds.

    Returns:
        The buffer, which may have grown.
    """
    planes, height, width = values.shape
    order = np.arange(levels)
    near = np.empty(1 + GUESSES, dtype=np.int64)
    field = np.empty((height + 2, width + 2 * REACH), dtype=np.int64)
    left, right = np.empty(width, dtype=np.int64), np.empty(width, dtype=np.int64)
    above, here = np.zeros((width, 4), dtype=np.int64), np.zeros((width, 4), dtype=np.int64)
    recent = 0
    for plane in range(planes):
        field[:2] = recent
        left[:], right[:] = -1, -1
        for y in range(height):
            row, north, far = field[y + 2], field[y + 1], field[y]
            row[:REACH] = north[REACH]
            for x in range(width):
                at = x + REACH
                w, n = row[at - 1], north[at]
                if not mask[plane, y, x]:
                    row[at] = w
                else:
                    buffer = reserve(coder, buffer)
                    value = values[plane, y, x]
                    edge = right[x] if w == n else left[x]
                    distance = abs(edge - x) if edge >= 0 else -1
                    if distance > FAR:
                        distance = -1
                    passed = int(w != n)
                    above_it = _unlike(north, at, 3, w)
                    upper = _unlike(far, at, 2, w)
                    pattern = (above_it << 5 | upper) << 3
                    pattern |= int(row[at - 2] != w) << 2
                    pattern |= int(row[at - 3] != w) << 1
                    pattern |= int(row[at - 4] != w)
                    corner = above_it >> 2 & 7
                    small = corner << 2 | (upper >> 2 & 1) << 1 | int(row[at - 2] != w)
                    found = w
                    if levels > 1 and decide(
                        coder,
                        buffer,
                        model,
                        small,
                        TEMPLATE + pattern,
                        COURSE + course(above[max(edge, 0)], distance, passed),
                        corner,
                        int(value != w),
                    ):
                        near[0] = w
                        near[1], near[2], near[3] = n, north[at + 1], north[at - 1]
                        near[4], near[5], near[6] = far[at], north[at + 2], north[at - 2]
                        near[7], near[8] = north[at + 3], north[at - 3]
                        rejected = 1
                        found = -1
                        for stage in range(GUESSES):
                            guess = near[stage + 1]
                            if (near[: stage + 1] == guess).any():
                                continue
                            alike = _unlike(north, at, 3, guess) << 3 | _unlike(far, at, 1, guess)
                            if rejected == levels - 1 or decide(
                                coder,
                                buffer,
                                model,
                                GUESS + GUESSES * small + stage,
                                GUESS_B + GUESSES * alike + stage,
                                GUESS_C
                                + GUESSES * (2 * (gap(distance) if distance >= 0 else 10) + passed)
                                + stage,
                                ASKED + stage,
                                int(value == guess),
                            ):
                                found = guess
                                break
                            rejected += 1
                        if found < 0:
                            found = _name(
                                coder, buffer, model, order, near, levels - rejected, w, value
                            )
                    values[plane, y, x] = found
                    row[at] = found
                    recent = found
                if x == 0:
                    row[:REACH] = row[REACH]
                    if y == 0:
                        field[:2] = row[REACH]
            row[width + REACH :] = row[width + REACH - 1]
            if coder[STATUS] != FINE:
                return buffer
            inner = row[REACH : width + REACH]
            follow(inner, left, right, above, here)
            above, here = here, above
            scan(inner, left, right)
    return buffer
