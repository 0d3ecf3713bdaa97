"""Records of what leaves a picture: from energy to 0 and 1.

None has an inverse: a decoder uses the record itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Determinism, Guides, Port, Transform
from semcodec.contracts.params import EncodeOnly, Interval, component
from semcodec.contracts.values import Image, Map, Symbols, ValueType
from semcodec.errors import SettingError
from semcodec_seam.carving.axes import Axis
from semcodec_seam.carving.order import Order, removal_order
from semcodec_seam.carving.planes import Cost
from semcodec_seam.cropping import best_crop
from semcodec_seam.energies.brightness import brightness

__all__ = ["Columns", "Levels", "Seams", "Window", "counted"]

Floats: TypeAlias = NDArray[np.float32]
Ints: TypeAlias = NDArray[np.int32]
Share: TypeAlias = EncodeOnly[Annotated[float, Interval(ge=0.0, le=0.9)]]
Weight: TypeAlias = EncodeOnly[Annotated[float, Interval(ge=0.0, le=100.0)]]


@component
class Seams(Transform):
    """The pixels of vertical seams of least energy, exactly; as many in every row.

    In what order they went is nobody's business at the decoder, so the record is their union.

    Attributes:
        share: how much of the width goes.
        edges: weight of the edges that a removal makes, in the picture at the port ``image``; 0
            needs none.
        rigidity: what a step to the side costs, in units of energy: straighter seams take fewer
            bytes, and take away more of the picture.
        axis: which side gets shorter; of the height seams run from left to right.
    """

    consumes: ClassVar[type[ValueType]] = Map
    produces: ClassVar[type[ValueType]] = Symbols
    determinism: ClassVar[Determinism] = "bitexact"
    ports: ClassVar[Mapping[str, Port]] = {"image": Port(Image, needed_by="encode", optional=True)}

    share: Share = 0.1
    edges: Weight = 0.0
    rigidity: Weight = 0.0
    axis: EncodeOnly[Axis] = "width"

    def layout(self, shape: Map, guides: Guides, ctx: Context) -> Symbols:
        """Describe the record: (height, width), 1 where a pixel goes."""
        return Symbols((shape.height, shape.width), low=0, high=1)

    def forward(self, value: Floats, guides: Guides, ctx: Context) -> Ints:
        """Turn energy, float32 (height, width), into a record.

        Raises:
            SettingError: more than 32768 pixels along a seam, or edges without a picture.
        """
        order = _order(value, guides, self.share, self.edges, self.rigidity, self.axis)
        return (order > 0).astype(np.int32)


@component
class Levels(Transform):
    """When pixels go, in groups of seams: one record for all sizes between two.

    The seams that go first are group 1, the next ones group 2; of the visibility map of Avidan and
    Shamir (2007, section 5) only the coarse order, which takes far fewer bytes.

    Attributes:
        share: how much goes in all.
        levels: how many groups.
        edges: as of :class:`Seams`.
        rigidity: likewise.
        axis: likewise.
    """

    consumes: ClassVar[type[ValueType]] = Map
    produces: ClassVar[type[ValueType]] = Symbols
    determinism: ClassVar[Determinism] = "bitexact"
    ports: ClassVar[Mapping[str, Port]] = {"image": Port(Image, needed_by="encode", optional=True)}

    share: Share = 0.5
    levels: Annotated[int, Interval(ge=1, le=64)] = 8
    edges: Weight = 0.0
    rigidity: Weight = 0.0
    axis: EncodeOnly[Axis] = "width"

    def layout(self, shape: Map, guides: Guides, ctx: Context) -> Symbols:
        """Describe the record: (height, width), the group of a pixel, 0 for those that stay."""
        return Symbols((shape.height, shape.width), low=0, high=self.levels)

    def forward(self, value: Floats, guides: Guides, ctx: Context) -> Ints:
        """Turn energy, float32 (height, width), into a record.

        Raises:
            SettingError: more than 32768 pixels along a seam, or edges without a picture.
        """
        order = _order(value, guides, self.share, self.edges, self.rigidity, self.axis)
        count = max(int(order.max(initial=0)), 1)
        return ((order * self.levels + count - 1) // count).astype(np.int32)


@component
class Columns(Transform):
    """Whole columns, or rows, of least energy: some tens of bytes, however long they are.

    Attributes:
        share: how much of the side goes.
        apart: how many stay between two that go, where the share allows: what is filled then lies
            between two that are known.
        axis: which side gets shorter; of the height rows go.
    """

    consumes: ClassVar[type[ValueType]] = Map
    produces: ClassVar[type[ValueType]] = Symbols
    determinism: ClassVar[Determinism] = "bitexact"

    share: Share = 0.1
    apart: EncodeOnly[Annotated[int, Interval(ge=0, le=16)]] = 1
    axis: Axis = "width"

    def layout(self, shape: Map, guides: Guides, ctx: Context) -> Symbols:
        """Describe the record: (1, width), 1 where a column goes, or (1, height) of rows."""
        return Symbols((1, shape.width if self.axis == "width" else shape.height), low=0, high=1)

    def forward(self, value: Floats, guides: Guides, ctx: Context) -> Ints:
        """Turn energy, float32 (height, width), into a record."""
        across = int(self.axis == "height")
        side = value.shape[1 - across]
        record = np.zeros((1, side), np.int32)
        wanted = counted(self.share, side)
        cheapest = np.argsort(value.sum(axis=across, dtype=np.float64), kind="stable")
        for apart in range(self.apart, -1, -1):
            for column in cheapest:
                if wanted and not record[0, max(0, column - apart) : column + apart + 1].any():
                    record[0, column] = 1
                    wanted -= 1
        return record


@component
class Window(Transform):
    """All outside the window of most energy: rows above and below, columns left and right.

    Attributes:
        share: how much of either side goes.
    """

    consumes: ClassVar[type[ValueType]] = Map
    produces: ClassVar[type[ValueType]] = Symbols
    determinism: ClassVar[Determinism] = "bitexact"

    share: Share = 0.2

    def layout(self, shape: Map, guides: Guides, ctx: Context) -> Symbols:
        """Describe the record: (1, height + width), 1 where a row, then where a column goes."""
        return Symbols((1, shape.height + shape.width), low=0, high=1)

    def forward(self, value: Floats, guides: Guides, ctx: Context) -> Ints:
        """Turn energy, float32 (height, width), into a record."""
        height, width = value.shape
        size = [side - counted(self.share, side) for side in value.shape]
        top, left, bottom, right = best_crop(value, *size)
        record = np.ones((1, height + width), np.int32)
        record[0, top:bottom] = 0
        record[0, height + left : height + right] = 0
        return record


def _order(
    value: Floats, guides: Guides, share: float, edges: float, rigidity: float, axis: Axis
) -> Order:
    """Find seams of energy, and of the picture at the port ``image`` if there is one."""
    turned = axis == "height"
    if edges and "image" not in guides:
        raise SettingError(
            f"edges of {edges:g} are those of the picture, and the port 'image' is not connected",
            hint="guides: {image: source.image}",
        )
    gray = brightness(guides["image"]) if edges else None
    order = removal_order(
        np.ascontiguousarray(value.T if turned else value),
        counted(share, value.shape[0 if turned else 1]),
        cost=Cost(forward=edges, rigidity=rigidity),
        gray=gray if gray is None or not turned else np.ascontiguousarray(gray.T),
    )
    return np.ascontiguousarray(order.T) if turned else order


def counted(share: float, side: int) -> int:
    """Say how many of a side a share is; one stays."""
    return min(int(share * side + 0.5), side - 1)
