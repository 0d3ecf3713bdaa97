"""Fewer pixels in a file, and the same picture scaled back: what resizers keep."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Determinism, Guides, Port, Transform
from semcodec.contracts.params import EncodeOnly, Gt, Le, component
from semcodec.contracts.values import Image, Map, ValueType
from semcodec.image.scaling import scaled
from semcodec_seam.sizes import target_size

__all__ = ["Resize"]


@component
class Resize(Transform):
    """Takes pixels out by content or by a filter; the decoder scales what is left by Lanczos.

    What seams and crops took away nothing brings back: the decoder has no record of it, and
    stretches what is left over the picture's size. So it measures what a resizer keeps, as Semantic
    Compress measured itself, and is no good way to code; ``seam.carve`` puts pixels back into their
    places. Both sides are multiplied by the square root of ``ratio`` and truncated, to at least
    one pixel; at a ratio of 1 nothing is changed. Filters are Pillow's, whose builds may differ by
    a level: ``stable``.

    Attributes:
        ratio: pixels of the coded picture over pixels of the picture, above 0, at most 1.
        method: ``seam_carving``, ``smart_crop`` and ``hybrid`` as of ``SemanticCompressor``;
            ``bilinear``, ``bicubic`` and ``lanczos`` filter. The port ``saliency`` is the energy of
            the first three; without it that is ``seam.gradient``.
    """

    consumes: ClassVar[type[ValueType]] = Image
    produces: ClassVar[type[ValueType]] = Image
    determinism: ClassVar[Determinism] = "stable"
    ports: ClassVar[Mapping[str, Port]] = {"saliency": Port(Map, needed_by="encode", optional=True)}

    ratio: Annotated[float, Gt(0), Le(1)] = 0.5
    method: EncodeOnly[
        Literal["seam_carving", "smart_crop", "hybrid", "bilinear", "bicubic", "lanczos"]
    ] = "hybrid"

    def layout(self, shape: Image, guides: Guides, ctx: Context) -> Image:
        """Describe the smaller picture."""
        # A root and a product of doubles are exactly rounded: the same on every machine.
        scale = math.sqrt(self.ratio)
        height, width = target_size((shape.height, shape.width), scale=scale)
        return Image(height, width, shape.channels, shape.depth)

    def forward(self, value: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[Any]:
        """Take pixels out of uint8 or uint16 (height, width, channels), down to ``ctx.coded``."""
        assert isinstance(ctx.coded, Image)
        target = ctx.coded.height, ctx.coded.width
        way = self.method
        if way == "bilinear" or way == "bicubic" or way == "lanczos":
            return np.ascontiguousarray(scaled(value, *target, way))
        from semcodec_seam.carver import SeamCarver
        from semcodec_seam.carving.axes import Scene
        from semcodec_seam.methods import by_content

        carver = SeamCarver()
        energy = guides["saliency"] if "saliency" in guides else carver.measure(value)
        scene = Scene(picture=value, energy=np.ascontiguousarray(energy))
        made = by_content(scene, target, way, carver, lambda done: ctx.progress(done, "carving"))
        return np.ascontiguousarray(made)

    def inverse(self, value: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[Any]:
        """Scale the decoded picture to ``ctx.shape``."""
        assert isinstance(ctx.shape, Image)
        return np.ascontiguousarray(scaled(value, ctx.shape.height, ctx.shape.width))
