"""The energy of edges that a removal would make."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Guides, SaliencySource
from semcodec.contracts.params import component
from semcodec_seam.energies.brightness import brightness

__all__ = ["Forward"]


@component
class Forward(SaliencySource):
    """How different the neighbours of a pixel are that would meet without it.

    The larger of ``|r - l|`` and ``|d - u|`` of the luma, of black and white 1: the first term of
    the forward energy of M. Rubinstein, A. Shamir and S. Avidan, "Improved seam carving for video
    retargeting", ACM TOG 27(3), 2008, of either direction. All three terms, of what is left after
    each seam, are the parameter ``forward`` of the carver.
    """

    def saliency(self, image: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[np.float32]:
        """Give float32 (height, width) in [0, 1]; see the class."""
        gray = np.pad(brightness(image), 1, mode="edge")
        beside = np.abs(gray[1:-1, 2:] - gray[1:-1, :-2])
        above = np.abs(gray[2:, 1:-1] - gray[:-2, 1:-1])
        made: NDArray[np.float32] = np.maximum(beside, above) / np.float32(255)
        return np.minimum(made, np.float32(1))
