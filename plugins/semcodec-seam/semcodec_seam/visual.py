"""Pictures of energies and seams."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.image import flatten, to_depth8
from semcodec_seam.carving.order import Order

__all__ = ["Direction", "heat", "shown", "with_gone", "with_seams"]

Direction: TypeAlias = Literal["vertical", "horizontal"]
_RED = np.array([255, 0, 0], np.uint8)


def heat(energy: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Draw values in [0, 1] from black over red and yellow to white.

    The ramps of the colour map "hot" of MATLAB: red rises over the first 3/8, green over the next
    3/8, blue over the last quarter.
    """
    ends = np.array([3, 6, 8]) / 8
    starts = np.array([0, 3, 6]) / 8
    ramps = (energy[..., None] - starts) / (ends - starts)
    return np.rint(np.clip(ramps, 0, 1) * 255).astype(np.uint8)


def shown(picture: NDArray[Any]) -> NDArray[np.uint8]:
    """Give a picture as one sees it: uint8 (height, width, 3)."""
    seen = flatten(picture)
    eight = seen if seen.dtype == np.uint8 else to_depth8(seen)
    return np.broadcast_to(eight, (*eight.shape[:2], 3)).copy()


def with_gone(picture: NDArray[Any], gone: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Draw half red over what is gone, a bool for every pixel."""
    made = shown(picture)
    made[gone] = made[gone] // 2 + _RED // 2
    return made


def with_seams(picture: NDArray[Any], order: Order) -> NDArray[np.uint8]:
    """Draw the pixels of seams in red."""
    made = shown(picture)
    made[order > 0] = _RED
    return made
