"""The energy of slopes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Guides, SaliencySource
from semcodec.contracts.params import component
from semcodec_seam.energies.brightness import brightness, colours

__all__ = ["Gradient"]

_STEEPEST = np.float32(np.hypot(1020, 1020))  # of Sobel's two slopes, from black to white


@component
class Gradient(SaliencySource):
    """Slopes by Sobel's 3x3 kernels, ``sqrt(gx² + gy²)``; borders are mirrored.

    Divided by the largest of the picture, so that the steepest place is 1; a flat picture gives
    zeros.

    Attributes:
        color: whether the slopes of red, green and blue are added, in place of the luma's.
    """

    color: bool = False

    def saliency(self, image: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[np.float32]:
        """Give float32 (height, width) in [0, 1]; see the class."""
        planes = np.moveaxis(colours(image), 2, 0) if self.color else brightness(image)[None]
        total = np.zeros(planes.shape[1:], np.float32)
        for plane in planes:
            total += _slope(plane)
        # Below a hundredth of a gray level there is only what rounding left.
        made: NDArray[np.float32] = total / max(total.max(), _STEEPEST * np.float32(1e-5))
        return made


def _slope(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    around = np.pad(plane, 1, mode="edge")
    beside = around[:-2] + 2 * around[1:-1] + around[2:]
    above = around[:, :-2] + 2 * around[:, 1:-1] + around[:, 2:]
    made: NDArray[np.float32] = np.hypot(beside[:, 2:] - beside[:, :-2], above[2:] - above[:-2])
    return made
