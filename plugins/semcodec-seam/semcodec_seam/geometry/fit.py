"""One file at many sizes: the decoder takes out as many pixels as its viewer likes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Decoder, Determinism, Guides, Port
from semcodec.contracts.params import Ge, component
from semcodec.contracts.values import Image, Symbols, ValueType
from semcodec.errors import ContainerError, SettingError
from semcodec_seam.carving.axes import Axis, swapped

__all__ = ["Fit"]


@component
class Fit(Decoder):
    """Shows a picture at any size down to the one where all that its record names is gone.

    Whole groups of the record at ``geometry`` go, and of the next one as many as it still takes,
    from places spread over it; a smaller picture is always part of a larger one.

    Attributes:
        size: pixels along the axis; 0 for the picture as it is.
        axis: which side gets shorter.
    """

    produces: ClassVar[type[ValueType]] = Image
    determinism: ClassVar[Determinism] = "bitexact"
    ports: ClassVar[Mapping[str, Port]] = {
        "picture": Port(Image, exact=False),
        "geometry": Port(Symbols),
    }

    size: Annotated[int, Ge(0)] = 0
    axis: Axis = "width"

    def layout(self, shapes: Mapping[str, ValueType], ctx: Context) -> Image:
        """Describe the picture of this size.

        Raises:
            SettingError: a size above the picture's.
        """
        picture = shapes["picture"]
        assert isinstance(picture, Image)
        height, width = picture.height, picture.width
        side = width if self.axis == "width" else height
        if self.size > side:
            raise SettingError(
                f"seam.fit: expected a {self.axis} of at most {side}, got {self.size}"
            )
        wanted = self.size or side
        size = (height, wanted) if self.axis == "width" else (wanted, width)
        return Image(*size, picture.channels, picture.depth)

    def decode(self, inputs: Guides, ctx: Context) -> NDArray[Any]:
        """Take pixels out until the size is met.

        Raises:
            SettingError: a size below the least that the record knows; it says which.
            ContainerError: no record of this picture.
        """
        assert isinstance(ctx.shape, Image)
        picture = swapped(inputs["picture"], self.axis)
        record = swapped(inputs["geometry"], self.axis)
        wanted = ctx.shape.width if self.axis == "width" else ctx.shape.height
        places = _places(record, picture.shape[:2])
        side = picture.shape[1]
        drop = side - wanted
        least = side - sum(each.shape[1] for each in places)
        if wanted < least:
            raise SettingError(
                f"seam.fit: expected a {self.axis} of {least} to {side}, as far as the file "
                f"knows what goes, got {wanted}"
            )
        stays = np.ones(record.shape, bool)
        for columns in places:
            count = min(drop, columns.shape[1])
            np.put_along_axis(stays, columns[:, _spread(columns.shape[1])[:count]], False, axis=1)
            drop -= count
        kept: NDArray[Any] = picture[stays].reshape(len(picture), wanted, picture.shape[2])
        return swapped(kept, self.axis)


def _places(record: NDArray[np.int32], size: tuple[int, ...]) -> list[NDArray[np.int64]]:
    """Give the columns of every group's pixels, as (height, pixels a row), first group first."""
    if record.shape != size:
        raise ContainerError(
            f"seam.fit: expected a record of {size[0]}x{size[1]}, got {record.shape}",
            hint="The file is damaged: get it again from where it came.",
        )
    found = []
    for group in range(1, int(record.max(initial=0)) + 1):
        rows, columns = np.nonzero(record == group)
        counts = np.bincount(rows, minlength=size[0])
        if (counts != counts[0]).any():
            raise ContainerError(
                f"seam.fit: expected as many pixels of group {group} everywhere, got "
                f"{counts.min()} to {counts.max()}",
                hint="The file is damaged: get it again from where it came.",
            )
        found.append(columns.reshape(size[0], int(counts[0])))
    return found


def _spread(count: int) -> list[int]:
    """Order 0 to ``count - 1`` so that the first few, however many, lie far apart."""
    digits = max(count - 1, 0).bit_length()
    mirrored = (
        (int(format(n, f"0{digits}b")[::-1], 2) for n in range(1 << digits)) if digits else (0,)
    )
    return [n for n in mirrored if n < count]
