"""Pixels between those that are known, in whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["extended", "spread"]

_BAND = 1 << 20


def spread(value: NDArray[Any], gone: NDArray[np.bool_]) -> NDArray[Any]:
    """Put pixels back into their places, and fill what is between by straight lines along rows.

    Beside the first and the last that are known in a row, these are repeated. Halves are rounded
    up, and the sums are whole, so every machine fills alike.

    Args:
        value: uint8 or uint16 (height, columns, channels), what is known.
        gone: bool (height, width), ``width - columns`` in every row, at least one False.

    Returns:
        (height, width, channels) of the same dtype.
    """
    height, width = gone.shape
    made = np.empty((height, width, value.shape[2]), value.dtype)
    band = max(1, _BAND // width)
    for top in range(0, height, band):
        made[top : top + band] = _filled(value[top : top + band], gone[top : top + band])
    return made


def _filled(value: NDArray[Any], gone: NDArray[np.bool_]) -> NDArray[Any]:
    height, width = gone.shape
    channels = value.shape[2]
    known = np.zeros((height, width, channels), np.int64)
    known[~gone] = value.reshape(-1, channels)
    columns = np.arange(width)
    left = np.maximum.accumulate(np.where(gone, -1, columns), axis=1)
    right = np.minimum.accumulate(np.where(gone, width, columns)[:, ::-1], axis=1)[:, ::-1]
    left, right = np.where(left < 0, right, left), np.where(right >= width, left, right)
    before, after = columns - left, right - columns
    # Beyond an end both neighbours are the same, whatever they weigh.
    before, after = np.abs(before)[..., None], np.abs(after)[..., None]
    both = np.maximum(before + after, 1)
    one = np.take_along_axis(known, left[..., None], axis=1)
    other = np.take_along_axis(known, right[..., None], axis=1)
    mixed = (one * after + other * before + both // 2) // both
    return np.where(gone[..., None], mixed, known).astype(value.dtype)


def extended(
    value: NDArray[Any], rows: NDArray[np.bool_], columns: NDArray[np.bool_]
) -> NDArray[Any]:
    """Put a window back into its place, and repeat its border around it.

    Args:
        value: (kept rows, kept columns, channels).
        rows: bool (height,), True where a row is gone; those that stay are neighbours.
        columns: likewise.
    """
    places = []
    for gone in (rows, columns):
        stays = np.flatnonzero(~gone)
        places.append(np.clip(np.arange(len(gone)) - stays[0], 0, len(stays) - 1))
    made: NDArray[Any] = value[np.ix_(*places)]
    return made
