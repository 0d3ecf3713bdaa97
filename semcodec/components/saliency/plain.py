"""Saliency without looking at the picture: everywhere, or the centre."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Guides, SaliencySource
from semcodec.contracts.params import Interval, component

__all__ = ["Centre", "UniformSaliency"]


@component
class UniformSaliency(SaliencySource):
    """Every pixel matters as much: 1 everywhere. The baseline that a saliency source must beat."""

    def saliency(self, image: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[np.float32]:
        """Give ones, float32 (height, width)."""
        return np.ones((ctx.image.height, ctx.image.width), dtype=np.float32)


@component
class Centre(SaliencySource):
    """The centre matters most: a Gaussian about it, its peak scaled to 1.

    The central fixation bias, B. W. Tatler, "The central fixation bias in scene viewing", Journal
    of Vision 7(14):4, 2007; as a Gaussian stretched to the picture's sides.

    Attributes:
        width: standard deviation as a share of each side.
    """

    width: Annotated[float, Interval(ge=0.01, le=10.0)] = 0.25

    def saliency(self, image: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[np.float32]:
        """Give ``exp(-(dx² + dy²) / (2 width²))``, the distances in shares of each side.

        Returns:
            float32 (height, width) in [0, 1].
        """
        tall = self._profile(ctx.image.height)
        return tall[:, None] * self._profile(ctx.image.width)

    def _profile(self, side: int) -> NDArray[np.float32]:
        distance = (np.arange(side) - (side - 1) / 2) / (side * self.width)
        exponent = distance**2 / -2
        values: NDArray[np.float32] = np.exp(exponent - exponent.max()).astype(np.float32)
        return values
