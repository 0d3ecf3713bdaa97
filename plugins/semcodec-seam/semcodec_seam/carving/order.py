"""The order in which pixels go: one array that says it of every width at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec_seam.carving.kernels.backward import backward
from semcodec_seam.carving.kernels.forward import forward
from semcodec_seam.carving.kernels.live import live
from semcodec_seam.carving.kernels.rows import ROWS
from semcodec_seam.carving.kernels.taking import originals
from semcodec_seam.carving.planes import PLAIN, Cost, Planes, planes, slope_planes

__all__ = ["Order", "kept", "removal_order"]

Order = NDArray[np.int32]
_AT_ONCE = 64


def removal_order(
    energy: NDArray[np.float32],
    count: int,
    *,
    cost: Cost = PLAIN,
    gray: NDArray[np.float32] | None = None,
    keep: NDArray[np.bool_] | None = None,
    remove: NDArray[np.bool_] | None = None,
    live: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Order:
    """Take seams from top to bottom out of a field, one after another.

    The energy of a pixel stays what it is; edges, for forward energy, are those of what is left.
    Each seam is of least cost among all that step aside by ``cost.reach`` columns at most (Avidan
    and Shamir 2007, equation 5), exactly, in the whole numbers of :func:`planes`. Of equal ones the
    left and the right one take turns.

    Args:
        energy: float32 (height, width), at least 0, usually in [0, 1].
        count: how many seams, below the width.
        cost: what a seam pays besides.
        gray: (height, width), the brightness in [0, 255]; needed for forward and live energy.
        keep: bool (height, width), pixels that stay as long as a seam can avoid them.
        remove: likewise, pixels that go first; one that is in both stays.
        live: whether energy is the slope of ``gray``, by Sobel's kernels, in what is left before
            each seam; ``energy`` is not looked at then. Without masks and other costs than
            ``rigidity``, in units of the steepest slope that there is at first.
        progress: told the share that is done.

    Returns:
        int32 (height, width): k for the pixels of the k-th seam, from 1; 0 for those that stay.

    Raises:
        ValueError: a count that is not below the width, or live energy with what it does not know.
        SettingError: more than 32768 rows.
    """
    height, width = energy.shape
    if not 0 <= count < width:
        raise ValueError(f"expected fewer seams than the {width} columns, got {count}")
    order = np.zeros((height, width), np.int32)
    if not count:
        return order
    start = np.zeros(height, np.uint64)
    if live:
        if (
            gray is None
            or keep is not None
            or remove is not None
            or cost.forward
            or cost.reach != 1
        ):
            raise ValueError("expected brightness, no masks, a reach of 1 and no forward energy")
        made = slope_planes(gray, cost, start)
    elif cost.reach == 0:
        return _straight(order, energy, count, keep, remove)
    else:
        made = planes(energy, cost, gray, keep, remove)
    rows = np.empty((ROWS, width + 2 * cost.reach), made.sums)
    ways = np.empty((height, width), np.int8)
    spare = np.empty(width, made.field.dtype)
    tree = np.empty(2 << max(width - 1, 1).bit_length(), np.int32)
    at_once = count if progress is None else _AT_ONCE
    for first in range(0, count, at_once):
        seams = np.empty((min(at_once, count - first), height), np.int32)
        _find(made, start, width - first, rows, ways, spare, seams, first, cost.reach)
        originals(seams, first, order, tree)
        if progress is not None:
            progress((first + len(seams)) / count)
    return order


def _find(
    made: Planes,
    start: NDArray[np.uint64],
    width: int,
    rows: NDArray[np.generic],
    ways: NDArray[np.int8],
    spare: NDArray[np.generic],
    seams: NDArray[np.int32],
    first: int,
    reach: int,
) -> None:
    limits: NDArray[Any] = np.array([made.far, made.rigidity], made.sums)
    if made.live:
        live(made.field, made.gray, start, width, rows, ways, spare, seams, first, limits)
    elif made.gray is None:
        backward(made.field, start, width, rows, ways, spare, seams, first, limits, reach)
    else:
        forward(made.field, made.gray, start, width, rows, ways, spare, seams, first, limits)


def _straight(
    order: Order,
    energy: NDArray[np.float32],
    count: int,
    keep: NDArray[np.bool_] | None,
    remove: NDArray[np.bool_] | None,
) -> Order:
    """Take whole columns, those of the least sums first."""
    none = np.zeros(energy.shape, bool)
    stays = none if keep is None else keep
    goes = none if remove is None else remove & ~stays
    sums = energy.sum(axis=0, dtype=np.float64)
    columns = np.lexsort((sums, -np.count_nonzero(goes, axis=0), np.count_nonzero(stays, axis=0)))
    order[:, columns[:count]] = np.arange(1, count + 1)
    return order


def kept(order: Order, count: int) -> NDArray[np.bool_]:
    """Say which pixels are left when the first ``count`` seams are gone, bool of the same shape."""
    gone: NDArray[np.bool_] = (order > 0) & (order <= count)
    return ~gone
