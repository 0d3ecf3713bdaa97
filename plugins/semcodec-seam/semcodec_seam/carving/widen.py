"""Seams doubled: wider pictures without repeated columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec_seam.carving.order import Order

__all__ = ["doubled", "steps"]

_MOST = 0.5


def steps(width: int, target: int) -> Iterator[int]:
    """Split an enlargement so that no step adds more than half of the width, as widths to reach.

    More would double most pixels at once, which is scaling (Avidan and Shamir 2007, section 4.3).
    """
    while width < target:
        width = min(target, width + max(1, int(width * _MOST)))
        yield width


def doubled(values: NDArray[Any], order: Order, count: int) -> NDArray[Any]:
    """Put a pixel before each one of the first ``count`` seams: the mean of it and its left one.

    At the left border, where there is none, it is the same once more.

    Args:
        values: (height, width, ...), of any dtype; whole numbers are rounded, halves up, and
            booleans repeat.
        order: as :func:`~semcodec_seam.carving.order.removal_order` gives it.
        count: how many of its seams.

    Returns:
        (height, width + count, ...) of the same dtype.
    """
    height, width = order.shape
    new = (order > 0) & (order <= count)
    flat = values.reshape(height * width, -1)
    source = np.repeat(np.arange(height * width), 1 + new.reshape(-1))
    made = flat[source]
    first = np.flatnonzero(source[1:] == source[:-1])
    this = source[first]
    beside = np.where(this % width > 0, this - 1, this)
    if values.dtype.kind != "b":
        made[first] = _mean(flat[this], flat[beside])
    wide: NDArray[Any] = made.reshape(height, width + count, *values.shape[2:])
    return wide


def _mean(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    both = one.astype(np.float64) + other
    both /= 2
    whole = one.dtype.kind in "iu"
    made: NDArray[Any] = (np.floor(both + 0.5) if whole else both).astype(one.dtype)
    return made
