"""Saliency as the user drew it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Guides, SaliencySource
from semcodec.contracts.params import component
from semcodec.errors import SettingError

__all__ = ["MaskSaliency"]


@component
class MaskSaliency(SaliencySource):
    """What the user marks matters: the input ``mask``, as it is.

    The mask has the picture's size: bool, uint8 with 255 for what matters most, or float in
    [0, 1]. It is never resized, because a mask of another size is usually another picture's.

    Attributes:
        otherwise: the source that is asked where no mask is given; without one that is an error.
    """

    otherwise: SaliencySource | None = None

    def saliency(self, image: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[np.float32]:
        """Give the mask as float32 (height, width) in [0, 1].

        Raises:
            SettingError: there is no mask, or one of another size, dtype or range.
        """
        mask = ctx.inputs.get("mask")
        size = (ctx.image.height, ctx.image.width)
        if mask is None and self.otherwise is not None:
            return self.otherwise.saliency(image, guides, ctx)
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
