"""Coding a smaller picture: the honest rival below the lowest rate that a codec reaches."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Guides, Transform
from semcodec.contracts.params import EncodeOnly, Gt, Le, component
from semcodec.contracts.values import Image

__all__ = ["Resize"]

_FILTERS = {
    "area": Pillow.Resampling.BOX,
    "bicubic": Pillow.Resampling.BICUBIC,
    "lanczos": Pillow.Resampling.LANCZOS,
}


@component
class Resize(Transform):
    """Shrinks the picture before the codec that follows and enlarges it after, with Pillow.

    Both sides are multiplied by ``scale`` and rounded, halves up, to at least one pixel; at a scale
    of 1 nothing is changed. Pillow works on 8 bits in integers whose filter weights come from
    floats, so builds may differ by a level: ``stable``. Alpha is filtered apart from the colours
    (not premultiplied).

    Attributes:
        scale: side of the coded picture over side of the picture, above 0, at most 1.
        down: the filter that shrinks.
        up: the filter that enlarges.
    """

    consumes = Image
    produces = Image
    determinism = "stable"

    scale: Annotated[float, Gt(0), Le(1)] = 0.5
    down: EncodeOnly[Literal["area", "bicubic", "lanczos"]] = "lanczos"
    up: Literal["bicubic", "lanczos"] = "lanczos"

    def accepts(self, shape: Image) -> str:
        """Refuse 16 bits."""
        if shape.depth != 8:
            return (
                f"resizing takes 8 bits a sample, the picture has {shape.depth}: "
                "reduce it (semcodec.image.to_depth8)"
            )
        return ""

    def layout(self, shape: Image, guides: Guides, ctx: Context) -> Image:
        """Describe the smaller picture."""
        return Image(
            _scaled(shape.height, self.scale),
            _scaled(shape.width, self.scale),
            shape.channels,
            shape.depth,
        )

    def forward(self, value: NDArray[np.uint8], guides: Guides, ctx: Context) -> NDArray[np.uint8]:
        """Shrink uint8 (height, width, channels) to ``ctx.coded``."""
        assert isinstance(ctx.coded, Image)
        return _resized(value, ctx.coded, self.down)

    def inverse(self, value: NDArray[np.uint8], guides: Guides, ctx: Context) -> NDArray[np.uint8]:
        """Enlarge the decoded picture to ``ctx.shape``."""
        assert isinstance(ctx.shape, Image)
        return _resized(value, ctx.shape, self.up)


def _scaled(side: int, scale: float) -> int:
    # One product of doubles and one sum, both exactly rounded: the same on every machine.
    return max(1, min(side, int(side * scale + 0.5)))


def _resized(value: NDArray[np.uint8], to: Image, filter_: str) -> NDArray[np.uint8]:
    if value.shape == to.shape:
        return value.copy()
    size = (to.width, to.height)
    planes = [
        np.asarray(Pillow.fromarray(value[..., c]).resize(size, _FILTERS[filter_]))
        for c in range(to.channels)
    ]
    return np.stack(planes, axis=-1)
