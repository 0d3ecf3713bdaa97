"""The picture without what a record names, and with it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Determinism, Guides, Port, Transform
from semcodec.contracts.params import component
from semcodec.contracts.values import Image, Symbols, ValueType
from semcodec.errors import ContainerError
from semcodec_seam.geometry.fill import extended, spread

__all__ = ["Carve", "Crop"]

_HINT = "The file is damaged: get it again from where it came."


class _Recorded(Transform):
    """A picture without what a record names."""

    consumes: ClassVar[type[ValueType]] = Image
    produces: ClassVar[type[ValueType]] = Image
    determinism: ClassVar[Determinism] = "bitexact"
    ports: ClassVar[Mapping[str, Port]] = {"geometry": Port(Symbols)}


@component
class Carve(_Recorded):
    """Takes pixels out of every row, and fills their places at the decoder.

    The record at ``geometry`` is 1 where a pixel goes, (height, width) with as many in every row,
    or (1, width) for whole columns. What stays comes back as the inner codec gives it.
    """

    def layout(self, shape: Image, guides: Guides, ctx: Context) -> Image:
        """Describe the carved picture.

        Raises:
            ContainerError: no record of this picture.
        """
        width = shape.width - int(_gone(guides["geometry"], shape)[0].sum())
        return Image(shape.height, width, shape.channels, shape.depth)

    def forward(self, value: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[Any]:
        """Take pixels out: (height, kept, channels)."""
        assert isinstance(ctx.coded, Image)
        stays = ~_gone(guides["geometry"], Image.of(value))
        kept: NDArray[Any] = value[stays].reshape(ctx.coded.height, ctx.coded.width, -1)
        return kept

    def inverse(self, value: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[Any]:
        """Fill the places along rows, by straight lines between neighbours."""
        assert isinstance(ctx.shape, Image)
        return spread(value, _gone(guides["geometry"], ctx.shape))


@component
class Crop(_Recorded):
    """Keeps a window of the picture; the decoder repeats its border around it.

    The record at ``geometry`` is (1, height + width): 1 where a row, then where a column goes.
    """

    def layout(self, shape: Image, guides: Guides, ctx: Context) -> Image:
        """Describe the window.

        Raises:
            ContainerError: no record of a window of this picture.
        """
        rows, columns = _outside(guides["geometry"], shape)
        return Image(int((~rows).sum()), int((~columns).sum()), shape.channels, shape.depth)

    def forward(self, value: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[Any]:
        """Cut the window out."""
        rows, columns = _outside(guides["geometry"], Image.of(value))
        return np.ascontiguousarray(value[~rows][:, ~columns])

    def inverse(self, value: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[Any]:
        """Repeat the window's border around it."""
        assert isinstance(ctx.shape, Image)
        return extended(value, *_outside(guides["geometry"], ctx.shape))


def _gone(record: NDArray[np.int32], shape: Image) -> NDArray[np.bool_]:
    """Give what goes as bool (height, width)."""
    if record.shape not in ((shape.height, shape.width), (1, shape.width)):
        raise ContainerError(
            f"seam.carve: expected a record of {shape.height}x{shape.width} or of one row, got "
            f"{record.shape}",
            hint=_HINT,
        )
    gone = record > 0
    counts = np.count_nonzero(gone, axis=1)
    if (counts != counts[0]).any() or counts[0] >= shape.width:
        raise ContainerError(
            "seam.carve: expected a record that takes as many pixels from every row and leaves "
            f"some, got {counts.min()} to {counts.max()} of {shape.width}",
            hint=_HINT,
        )
    return np.broadcast_to(gone, (shape.height, shape.width))


def _outside(
    record: NDArray[np.int32], shape: Image
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Give rows and columns that go as bool."""
    if record.shape != (1, shape.height + shape.width):
        raise ContainerError(
            f"seam.crop: expected a record of {shape.height} rows and {shape.width} columns, got "
            f"{record.shape}",
            hint=_HINT,
        )
    gone = record[0] > 0
    rows, columns = gone[: shape.height], gone[shape.height :]
    for side in (rows, columns):
        stays = np.flatnonzero(~side)
        if not stays.size or stays[-1] - stays[0] + 1 != stays.size:
            raise ContainerError(
                "seam.crop: expected a record that keeps one stretch of rows and one of columns",
                hint=_HINT,
            )
    return rows, columns
