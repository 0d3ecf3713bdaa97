"""Regions: boxes fitted to pixels, joined to a map, brought from one size to another."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from semcodec import Region
from semcodec_saic.saliency.pictures import enlarge

__all__ = ["Box", "box_region", "enlarged", "fitted", "union"]

Box = tuple[int, int, int, int]


def fitted(box: Sequence[float], height: int, width: int) -> Box | None:
    """Fit a box to the picture: clipped to it, grown to whole pixels, at least one.

    Args:
        box: left, top, right, bottom in pixels; a side may have no length.
        height: rows of the picture.
        width: columns of the picture.

    Returns:
        The same in whole pixels, right and bottom exclusive; None for what is no box of this
        picture: not finite, turned around or wholly outside.
    """
    left, top, right, bottom = map(float, box)
    if not all(map(math.isfinite, (left, top, right, bottom))) or right < left or bottom < top:
        return None
    if left >= width or top >= height or right < 0 or bottom < 0:
        return None
    x0, y0 = max(0, math.floor(left)), max(0, math.floor(top))
    return (
        x0,
        y0,
        min(width, max(math.ceil(right), x0 + 1)),
        min(height, max(math.ceil(bottom), y0 + 1)),
    )


def box_region(box: Box, height: int, width: int, label: str = "", score: float = 1.0) -> Region:
    """Make a region of a fitted box: its mask is the box."""
    mask = np.zeros((height, width), dtype=np.bool_)
    mask[box[1] : box[3], box[0] : box[2]] = True
    return Region(mask=mask, box=box, label=label, score=score)


def union(
    regions: Iterable[Region], height: int, width: int, weighted: bool
) -> NDArray[np.float32]:
    """Join regions to a map, ``M = max(score * mask)``, or 1 in every mask.

    Returns:
        float32 (height, width) in [0, 1].
    """
    values = np.zeros((height, width), dtype=np.float32)
    for each in regions:
        score = np.float32(each.score if weighted else 1.0)
        np.maximum(values, score, out=values, where=each.mask)
    return values


def enlarged(region: Region, height: int, width: int) -> Region:
    """Bring a region of a smaller picture to this size, its box grown to whole pixels."""
    rows, columns = region.mask.shape
    if (rows, columns) == (height, width):
        return region
    across, down = width / columns, height / rows
    left, top, right, bottom = region.box
    box = fitted((left * across, top * down, right * across, bottom * down), height, width)
    assert box is not None  # a region has a pixel, and a pixel stays inside
    return replace(region, mask=enlarge(region.mask, height, width), box=box)
