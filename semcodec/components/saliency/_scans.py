"""Raster scans over a picture, a whole diagonal at a time.

A raster scan visits the pixels row by row and carries something from the left and the upper
neighbour to each. Pixels of one anti-diagonal do not see each other, so a scan may as well visit
diagonal after diagonal, with the same result, and each of those is one step of NumPy's. A picture
is first sheared so that its diagonals are rows:

    a b c        a . .
    d e f   ->   b d .
                 c e .
                 . f .
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["barrier_distance", "reconstruct"]

Floats = NDArray[np.float32]

_CORNERS = ((1, 1), (-1, -1), (1, -1), (-1, 1))
"""Corners that scans start from in turn, as directions along rows and columns: the first two are
the raster and the inverse raster scan; the others make mirrored pictures nearly equal."""


def barrier_distance(planes: Floats, scans: int) -> Floats:
    """Approximate the minimum barrier distance to the border of the picture (FastMBD).

    The barrier of a path is the difference of the highest and the lowest value on it; the distance
    of a pixel is the least barrier of the paths to the border, over 4 neighbours. J. Zhang et al.,
    "Minimum Barrier Salient Object Detection at 80 FPS", ICCV 2015, algorithm 1; the paper's
    scans start from two corners, these from all four.

    Args:
        planes: finite float32 (planes, rows, columns); each plane by itself.
        scans: how many scans; the result falls with each, after 4 hardly any more.

    Returns:
        float32 of the same shape, at least 0, and 0 on the border.
    """
    high = np.full_like(planes, np.inf)
    low = np.full_like(planes, -np.inf)
    for edge in (np.s_[:, :1], np.s_[:, -1:], np.s_[:, :, :1], np.s_[:, :, -1:]):
        high[edge] = low[edge] = planes[edge]
    for scan in range(scans):
        turn = _turn(scan)
        value, top, bottom = (
            _sheared(array[turn], fill)
            for array, fill in ((planes, 0.0), (high, np.inf), (low, -np.inf))
        )
        for before, now in zip(range(len(value)), range(1, len(value)), strict=False):
            here, up, down = value[now, :, 1:], top[now, :, 1:], bottom[now, :, 1:]
            for neighbour in (np.s_[before, :, :-1], np.s_[before, :, 1:]):
                highest = np.maximum(top[neighbour], here)
                lowest = np.minimum(bottom[neighbour], here)
                better = highest - lowest < up - down
                np.copyto(up, highest, where=better)
                np.copyto(down, lowest, where=better)
        high[turn], low[turn] = _upright(top, planes.shape), _upright(bottom, planes.shape)
    barrier: Floats = high - low
    return barrier


def reconstruct(marker: Floats, mask: Floats, rounds: int = 8) -> Floats:
    """Reconstruct by dilation: let the marker grow under the mask until it is stable.

    L. Vincent, "Morphological grayscale reconstruction in image analysis", IEEE Trans. Image
    Processing 2(2), 1993, the sequential algorithm, over 4 neighbours.

    Args:
        marker: float32 (rows, columns), nowhere above the mask.
        mask: float32 of the same shape.
        rounds: most rounds of four scans; only mazes of thin walls need more than a few.

    Returns:
        float32 of the same shape, between marker and mask.
    """
    grown, limit = marker[None].copy(), mask[None]
    for _ in range(rounds):
        start = grown.copy()
        for scan in range(len(_CORNERS)):
            turn = _turn(scan)
            value, most = _sheared(grown[turn], -np.inf), _sheared(limit[turn], -np.inf)
            for now in range(1, len(value)):
                here = value[now, :, 1:]
                np.maximum(here, value[now - 1, :, 1:], out=here)
                np.maximum(here, value[now - 1, :, :-1], out=here)
                np.minimum(here, most[now, :, 1:], out=here)
            grown[turn] = _upright(value, grown.shape)
        if np.array_equal(start, grown):
            break
    result: Floats = grown[0]
    return result


def _turn(scan: int) -> tuple[slice, slice, slice]:
    down, right = _CORNERS[scan % len(_CORNERS)]
    return np.s_[:, ::down, ::right]


def _sheared(planes: Floats, fill: float) -> Floats:
    """Make diagonals rows: [p, y, x] goes to [y + x, p, y + 1]; the rest is ``fill``.

    The upper neighbour of [d, p, k] is then [d - 1, p, k - 1], the left one [d - 1, p, k]. Places
    beyond the right and lower border take values from the picture but never give any back.
    """
    count, rows, columns = planes.shape
    length = rows + columns - 1
    wide = np.full((count, rows, length + 1), fill, dtype=np.float32)
    wide[:, :, :columns] = planes
    skewed = wide.reshape(count, -1)[:, : rows * length].reshape(count, rows, length)
    out = np.full((length, count, rows + 1), fill, dtype=np.float32)
    out[:, :, 1:] = skewed.transpose(2, 0, 1)
    return out


def _upright(sheared: Floats, shape: tuple[int, ...]) -> Floats:
    """Undo :func:`_sheared`."""
    count, rows, columns = shape
    length = rows + columns - 1
    wide = np.empty((count, rows * (length + 1)), dtype=np.float32)
    wide[:, : rows * length] = sheared[:, :, 1:].transpose(1, 2, 0).reshape(count, -1)
    upright: Floats = wide.reshape(count, rows, length + 1)[:, :, :columns]
    return upright
