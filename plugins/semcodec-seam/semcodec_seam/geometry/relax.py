"""Unknown pixels as their neighbours draw them, edges kept: in whole numbers, in machine code."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.jit import kernel

__all__ = ["relaxed"]

_FINE = 16
"""Parts of a gray level that are told apart on the way."""
_SOFT = 80
"""Difference, in gray levels of 255, at which a neighbour counts half."""
_SHARES = (1024 * 256 // (256 + np.arange(128) ** 2)).astype(np.int64)
"""Weight of a neighbour that differs by 16ths of that: 1 / (1 + (d / soft)²), of 1024."""
_PASSES = 16
_DOUBT = 2
"""How many times less a neighbour counts that is unknown itself."""


def relaxed(picture: NDArray[Any], gone: NDArray[np.bool_], passes: int = _PASSES) -> NDArray[Any]:
    """Draw unknown pixels anew as means of their four neighbours, like and known ones above all.

    The diffusion of P. Perona and J. Malik, "Scale-space and edge detection using anisotropic
    diffusion", IEEE TPAMI 12(7), 1990, equations 7 and 8 with the second of their conductances,
    inside what is unknown alone, each mean by what its neighbours are at that moment, from the
    first pixel to the last and back. Sums are whole, so every machine draws alike.

    Args:
        picture: uint8 or uint16 (height, width, channels); where pixels are unknown, a first guess.
        gone: bool (height, width), which are.
        passes: how often all are drawn.

    Returns:
        The same shape and dtype; what is known is as it was.
    """
    most = int(np.iinfo(picture.dtype).max)
    plane = picture.astype(np.int32) * _FINE
    rows, columns = (np.ascontiguousarray(each, np.int64) for each in np.nonzero(gone))
    # Of a difference, in what the table counts in.
    unit = max(1, _SOFT * _FINE * most // (255 * 16))
    _relax(plane, gone, rows, columns, _SHARES, unit, passes)
    made: NDArray[Any] = ((plane + _FINE // 2) // _FINE).astype(picture.dtype)
    return made


@kernel
def _relax(
    plane: Any, gone: Any, rows: Any, columns: Any, shares: Any, unit: Any, passes: Any
) -> None:
    height, width, channels = plane.shape
    sums = np.zeros(channels, np.int64)
    for turn in range(passes):
        for place in range(len(rows)):
            at = place if turn % 2 == 0 else len(rows) - 1 - place
            y, x = rows[at], columns[at]
            total = np.int64(0)
            sums[:] = 0
            for side in range(4):
                v = y + (side == 1) - (side == 0)
                u = x + (side == 3) - (side == 2)
                if 0 <= v < height and 0 <= u < width:
                    most = np.int64(0)
                    for c in range(channels):
                        most = max(most, abs(np.int64(plane[v, u, c]) - plane[y, x, c]))
                    share = shares[min(most // unit, len(shares) - 1)]
                    if gone[v, u]:
                        share = max(share // _DOUBT, 1)
                    total += share
                    for c in range(channels):
                        sums[c] += share * plane[v, u, c]
            if total > 0:
                for c in range(channels):
                    plane[y, x, c] = (sums[c] + total // 2) // total
