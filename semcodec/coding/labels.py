"""Primitive LABELS: masks and label maps, from a few cells to full size.

Each label is first asked whether it is the western one, in three contexts: a small template, whose
chances are known from the start, so that a map of a few cells is cheap; the 16 pixels of JBIG2's
largest template (ITU-T T.88, Figure 3, its adaptive pixels at their nominal places), told apart
only by whether they equal the western one; and the course of the nearest edge.
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
from semcodec.coding.contours import COURSES, FAR, GAPS, course, follow, gap, scan
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

MARGIN = 4
"""How many columns a field has more on either side: as far as a template looks."""
GUESSES = 8
TEMPLATE = 32
COURSE = TEMPLATE + (1 << 15)
GUESS = COURSE + COURSES
GUESS_B = GUESS + 32 * GUESSES
GUESS_C = GUESS_B + 1024 * GUESSES
NAME = GUESS_C + 2 * (GAPS + 1) * GUESSES
GUESS_MIXER = 8
NAME_MIXER = GUESS_MIXER + GUESSES


def labels_model(levels: int) -> Model:
    """Give the initial model of a pass over maps of ``levels`` labels, 1 to 256."""
    model = new_model(NAME + NUMBER * (1 + 2 * levels), NAME_MIXER + NUMBER_MIXERS, WEIGHTS)
    chances = np.array(CHANCES, dtype=np.int32) << (BITS - 8)
    model.states[: len(CHANCES), :2] = chances[:, None]
    model.states[: len(CHANCES), 2] = TRUST
    return model


@kernel
def _unlike(row: Any, at: Any, reach: Any, label: Any) -> Any:
    pattern = 0
    for place in range(at - reach, at + reach + 1):
        pattern = pattern << 1 | int(row[place] != label)
    return pattern


@kernel
def _taken(near: Any, label: Any) -> Any:
    found = False
    for other in near:
        found = found or other == label
    return found


@kernel
def _name(coder: Any, buffer: Any, model: Any, order: Any, near: Any, value: Any) -> Any:
    levels, rest, rank = len(order), 0, 0
    for place in range(levels):
        if order[place] == value:
            rank = rest
        rest += int(not _taken(near, order[place]))
    if rest > 1:
        west = NAME + NUMBER * (1 + near[0])
        north = NAME + NUMBER * (1 + levels + near[1])
        rank = number(coder, buffer, model, NAME, west, north, NAME_MIXER, rank)
        if rank >= rest:
            coder[STATUS] = INVALID
            rank = 0
    else:
        rank = 0  # one label is left; a decoder's value says nothing yet
    place = 0
    while rank > 0 or _taken(near, order[place]):
        rank -= int(not _taken(near, order[place]))
        place += 1
    found = order[place]
    for later in range(place, 0, -1):
        order[later] = order[later - 1]
    order[0] = found
    return found


@kernel
def _other(
    coder: Any,
    buffer: Any,
    model: Any,
    order: Any,
    near: Any,
    rows: Any,
    at: Any,
    small: Any,
    place: Any,
    value: Any,
) -> Any:
    north, far = rows[1], rows[0]
    near[1], near[2], near[3], near[4] = north[at], north[at + 1], north[at - 1], far[at]
    near[5], near[6] = north[at + 2], north[at - 2]
    near[7], near[8] = north[at + 3], north[at - 3]
    rejected = 1
    for stage in range(GUESSES):
        guess = near[1 + stage]
        if _taken(near[: 1 + stage], guess):
            continue
        alike = _unlike(north, at, 3, guess) << 3 | _unlike(far, at, 1, guess)
        if rejected == len(order) - 1 or decide(
            coder,
            buffer,
            model,
            GUESS + GUESSES * small + stage,
            GUESS_B + GUESSES * alike + stage,
            GUESS_C + GUESSES * place + stage,
            GUESS_MIXER + stage,
            int(value == guess),
        ):
            return guess
        rejected += 1
    return _name(coder, buffer, model, order, near, value)


@kernel
def code_labels(coder: Any, buffer: Any, model: Any, values: Any, mask: Any, levels: Any) -> Any:
    """Code int32 (planes, height, width) in [0, levels), where the bool mask of that shape holds.

    Returns:
        The buffer, which may have grown.
    """
    planes, height, width = values.shape
    order = np.arange(levels)
    near = np.empty(1 + GUESSES, dtype=np.int64)
    # What is not coded, or outside, is as its neighbour: a template needs no exceptions.
    field = np.zeros((height + 2, width + 2 * MARGIN), dtype=np.int64)
    left, right = np.empty(width, dtype=np.int64), np.empty(width, dtype=np.int64)
    above, here = np.zeros((width, 4), dtype=np.int64), np.zeros((width, 4), dtype=np.int64)
    recent = 0
    for plane in range(planes):
        field[:2] = recent
        left[:], right[:] = -1, -1
        for y in range(height):
            rows = field[y : y + 3]
            far, north, row = rows[0], rows[1], rows[2]
            row[:MARGIN] = north[MARGIN]
            for x in range(width):
                at = x + MARGIN
                west = row[at - 1]
                found = west
                if mask[plane, y, x] and levels > 1:
                    buffer = reserve(coder, buffer)
                    value = values[plane, y, x]
                    passed = int(north[at] != west)
                    edge = left[x] if passed else right[x]
                    distance = abs(edge - x)
                    known = edge >= 0 and distance <= FAR
                    upper, top = _unlike(north, at, 3, west), _unlike(far, at, 2, west)
                    behind = int(row[at - 2] != west)
                    corner = upper >> 2 & 7
                    small = corner << 2 | (top >> 1 & 2) | behind
                    wide = upper << 8 | top << 3 | behind << 2
                    wide |= int(row[at - 3] != west) << 1 | int(row[at - 4] != west)
                    if decide(
                        coder,
                        buffer,
                        model,
                        small,
                        TEMPLATE + wide,
                        COURSE + (course(above[edge], distance, passed) if known else 0),
                        corner,
                        int(value != west),
                    ):
                        near[0] = west
                        place = 2 * (gap(distance) if known else GAPS) + passed
                        found = _other(
                            coder, buffer, model, order, near, rows, at, small, place, value
                        )
                if mask[plane, y, x]:
                    values[plane, y, x] = found
                    recent = found
                row[at] = found
                if x == 0:
                    row[:MARGIN] = found
                    if y == 0:
                        field[:2] = found
            row[width + MARGIN :] = row[width + MARGIN - 1]
            if coder[STATUS] != FINE:
                return buffer
            inner = row[MARGIN : width + MARGIN]
            follow(inner, left, right, above, here)
            above, here = here, above
            scan(inner, left, right)
    return buffer
