"""Seams that the decoder finds by itself: no record, and no place is met exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Determinism, Guides, Port, Transform
from semcodec.contracts.params import Interval, component
from semcodec.contracts.values import Image, Map, ValueType
from semcodec_seam.carving.axes import Axis, Scene, resized
from semcodec_seam.carving.planes import Cost
from semcodec_seam.energies.whole import whole_slopes
from semcodec_seam.geometry.records import Weight, counted

__all__ = ["Insert"]


@component
class Insert(Transform):
    """Takes seams out at the encoder; the decoder doubles the seams of least slope that are left.

    The size comes back, the places do not: a decoder knows only what is left. Nothing but the share
    travels. It is a preview of the picture, not a copy. Anh, Yang and Cai (ACM Multimedia 2009)
    insert seams at the decoder likewise.

    Attributes:
        share: how much of the side goes.
        axis: which side gets shorter.
        edges: weight of the edges that a removal makes.
        rigidity: what a step to the side costs, in units of energy.
    """

    consumes: ClassVar[type[ValueType]] = Image
    produces: ClassVar[type[ValueType]] = Image
    determinism: ClassVar[Determinism] = "bitexact"
    ports: ClassVar[Mapping[str, Port]] = {"energy": Port(Map, needed_by="encode", optional=True)}

    share: Annotated[float, Interval(ge=0.0, le=0.9)] = 0.2
    axis: Axis = "width"
    edges: Weight = 0.0
    rigidity: Weight = 0.0

    def layout(self, shape: Image, guides: Guides, ctx: Context) -> Image:
        """Describe the picture without its seams."""
        height, width = shape.height, shape.width
        if self.axis == "height":
            return Image(height - counted(self.share, height), width, shape.channels, shape.depth)
        return Image(height, width - counted(self.share, width), shape.channels, shape.depth)

    def forward(self, value: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[Any]:
        """Take seams out, by the energy at its port or by slopes.

        Raises:
            SettingError: more than 32768 pixels along a seam.
        """
        assert isinstance(ctx.coded, Image)
        energy = guides.get("energy")
        if energy is None:
            energy = whole_slopes(value)
            energy /= max(energy.max(initial=0), np.float32(1))  # in the units of other costs
        scene = Scene(picture=value, energy=energy)
        cost = Cost(forward=self.edges, rigidity=self.rigidity)
        target = ctx.coded.width if self.axis == "width" else ctx.coded.height
        return resized(scene, self.axis, target, cost=cost).picture

    def inverse(self, value: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[Any]:
        """Double seams of least slope until the size is met."""
        assert isinstance(ctx.shape, Image)
        target = ctx.shape.width if self.axis == "width" else ctx.shape.height
        return resized(Scene(picture=value, energy=whole_slopes(value)), self.axis, target).picture
