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
from semcodec_seam.carving.order import removal_order
from semcodec_seam.carving.planes import Cost
from semcodec_seam.cropping import best_crop
from semcodec_seam.energies.brightness import brightness

__all__ = ["Columns", "Seams", "Window"]

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
    """

    consumes: ClassVar[type[ValueType]] = Map
    produces: ClassVar[type[ValueType]] = Symbols
    determinism: ClassVar[Determinism] = "bitexact"
    ports: ClassVar[Mapping[str, Port]] = {"image": Port(Image, needed_by="encode", optional=True)}

    share: Share = 0.1
    edges: Weight = 0.0
    rigidity: Weight = 0.0

    def layout(self, shape: Map, guides: Guides, ctx: Context) -> Symbols:
        """Describe the record: (height, width), 1 where a pixel goes."""
        return Symbols((shape.height, shape.width), low=0, high=1)

    def forward(self, value: Floats, guides: Guides, ctx: Context) -> Ints:
        """Turn energy, float32 (height, width), into a record.

        Raises:
            SettingError: more than 32768 rows.
        """
        weight = self.edges if "image" in guides else 0.0
        order = removal_order(
            np.ascontiguousarray(value),
            _count(self.share, value.shape[1]),
            cost=Cost(forward=weight, rigidity=self.rigidity),
            gray=brightness(guides["image"]) if weight else None,
        )
        return (order > 0).astype(np.int32)


@component
class Columns(Transform):
    """Whole columns of least energy: some tens of bytes, whatever the height.

    Attributes:
        share: how much of the width goes.
        apart: how many columns stay between two that go, where the share allows: what is filled
            then lies between two that are known.
    """

    consumes: ClassVar[type[ValueType]] = Map
    produces: ClassVar[type[ValueType]] = Symbols
    determinism: ClassVar[Determinism] = "bitexact"

    share: Share = 0.1
    apart: EncodeOnly[Annotated[int, Interval(ge=0, le=16)]] = 1

    def layout(self, shape: Map, guides: Guides, ctx: Context) -> Symbols:
        """Describe the record: (1, width), 1 where a column goes."""
        return Symbols((1, shape.width), low=0, high=1)

    def forward(self, value: Floats, guides: Guides, ctx: Context) -> Ints:
        """Turn energy, float32 (height, width), into a record."""
        width = value.shape[1]
        record = np.zeros((1, width), np.int32)
        wanted = _count(self.share, width)
        cheapest = np.argsort(value.sum(axis=0, dtype=np.float64), kind="stable")
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
        size = [side - _count(self.share, side) for side in value.shape]
        top, left, bottom, right = best_crop(value, *size)
        record = np.ones((1, height + width), np.int32)
        record[0, top:bottom] = 0
        record[0, height + left : height + right] = 0
        return record


def _count(share: float, side: int) -> int:
    return min(int(share * side + 0.5), side - 1)
