"""The picture without what a record names, and with it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Determinism, Guides, Port, Transform
from semcodec.contracts.params import component
from semcodec.contracts.values import Image, Symbols, ValueType
from semcodec.errors import ContainerError, SemcodecError, SettingError
from semcodec_seam.carving.axes import Axis, swapped
from semcodec_seam.geometry.fill import extended, spread
from semcodec_seam.geometry.relax import relaxed

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

    The record at ``geometry`` is 0 where a pixel stays, (height, width) with as many others in
    every row, or (1, width) for whole columns; where the height gets shorter, as many in every
    column, or (1, height). What stays comes back as the inner codec gives it.

    Attributes:
        axis: which side gets shorter.
        fill: how places are filled. ``lines``: by straight lines between the neighbours that are
            left along the row. ``edges``: these, drawn anew by what is around while edges are
            kept, see :func:`~semcodec_seam.geometry.relax.relaxed`; better, and slower.
    """

    axis: Axis = "width"
    fill: Literal["lines", "edges"] = "lines"

    def layout(self, shape: Image, guides: Guides, ctx: Context) -> Image:
        """Describe the carved picture.

        Raises:
            ContainerError: no record of this picture; at the encoder SettingError.
        """
        gone = _gone(guides["geometry"], shape, self.axis, ctx)
        count = int(gone[0].sum())
        if self.axis == "height":
            return Image(shape.height - count, shape.width, shape.channels, shape.depth)
        return Image(shape.height, shape.width - count, shape.channels, shape.depth)

    def forward(self, value: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[Any]:
        """Take pixels out: as :meth:`layout` describes."""
        stays = ~_gone(guides["geometry"], Image.of(value), self.axis, ctx)
        turned = swapped(value, self.axis)
        kept: NDArray[Any] = turned[stays].reshape(len(turned), -1, value.shape[2])
        return swapped(kept, self.axis)

    def inverse(self, value: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[Any]:
        """Put what stays back, and fill the places of what went."""
        assert isinstance(ctx.shape, Image)
        gone = _gone(guides["geometry"], ctx.shape, self.axis, ctx)
        made = spread(swapped(value, self.axis), gone)
        return swapped(relaxed(made, gone) if self.fill == "edges" else made, self.axis)


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


def _gone(record: NDArray[np.int32], shape: Image, axis: Axis, ctx: Context) -> NDArray[np.bool_]:
    """Give what goes as bool (height, width), of the height with rows and columns swapped."""
    size = (shape.height, shape.width) if axis == "width" else (shape.width, shape.height)
    gone = record > 0
    if axis == "height" and record.shape == (size[1], size[0]):
        gone = gone.T
    if gone.shape not in (size, (1, size[1])):
        raise _unfit(
            f"seam.carve: expected a record of {shape.height}x{shape.width} or of (1, {size[1]}), "
            f"got {record.shape}",
            ctx,
        )
    counts = np.count_nonzero(gone, axis=1)
    if (counts != counts[0]).any() or counts[0] >= size[1]:
        raise _unfit(
            "seam.carve: expected a record that takes as many pixels everywhere along the "
            f"{axis} and leaves some, got {counts.min()} to {counts.max()} of {size[1]}",
            ctx,
        )
    return np.broadcast_to(gone, size)


def _unfit(message: str, ctx: Context) -> SemcodecError:
    """Make the error of a record that does not fit: who made it stands beside, or sent it."""
    if ctx.side == "encode":
        return SettingError(message, hint="Give the record and seam.carve the same 'axis'.")
    return ContainerError(message, hint=_HINT)


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
