"""Saliency without a model: everywhere, the centre, or what the user drew."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Guides, SaliencySource
from semcodec.contracts.params import Interval, component
from semcodec.errors import SettingError

__all__ = ["Centre", "MaskSaliency", "UniformSaliency"]


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


@component
class MaskSaliency(SaliencySource):
    """What the user marks matters: the input ``mask``, as it is.

    The mask has the picture's size: bool, uint8 with 255 for what matters most, or float in
    [0, 1]. It is never resized, because a mask of another size is usually another picture's.
    """

    def saliency(self, image: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[np.float32]:
        """Give the mask as float32 (height, width) in [0, 1].

        Raises:
            SettingError: there is no mask, or one of another size, dtype or range.
        """
        mask = ctx.inputs.get("mask")
        size = (ctx.image.height, ctx.image.width)
        if mask is None:
            raise SettingError(
                "mask saliency: expected the input 'mask', none was given",
                hint="Give an array (height, width) with the picture, or use another source.",
            )
        if not isinstance(mask, np.ndarray) or mask.shape not in (size, (*size, 1)):
            got = f"shape {mask.shape}" if isinstance(mask, np.ndarray) else type(mask).__name__
            raise SettingError(
                f"mask saliency: expected a mask of the picture's shape {size}, got {got}",
                hint="Resize it to the picture with the method that suits its meaning.",
            )
        return _unit(mask.reshape(size))


def _unit(mask: NDArray[Any]) -> NDArray[np.float32]:
    if mask.dtype == np.bool_:
        return mask.astype(np.float32)
    if mask.dtype == np.uint8:
        if mask.max() == 1:
            raise SettingError(
                "mask saliency: expected a uint8 mask in 0..255, got one of 0 and 1 alone",
                hint="Give mask.astype(bool), which marks the ones.",
            )
        scaled: NDArray[np.float32] = mask.astype(np.float32) / np.float32(255)
        return scaled
    if mask.dtype.kind != "f":
        raise SettingError(
            f"mask saliency: expected a mask of bool, uint8 or float, got {mask.dtype}",
            hint="Give mask > 0, or scale it to [0, 1].",
        )
    low, high = float(mask.min()), float(mask.max())
    if not (low >= 0.0 and high <= 1.0):  # NaN fails both comparisons
        raise SettingError(
            f"mask saliency: expected a float mask in [0, 1], got [{low:g}, {high:g}]",
            hint="Scale it to [0, 1].",
        )
    return mask.astype(np.float32)
