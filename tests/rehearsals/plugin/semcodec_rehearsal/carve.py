"""Carving: columns leave the picture, a record of them goes into the file."""

from typing import Annotated

import numpy as np

from semcodec import (
    Decoder,
    EncodeOnly,
    Ge,
    Image,
    Interval,
    Map,
    Port,
    Symbols,
    Transform,
    component,
)


def kept_columns(geometry):
    """Columns of the original that are kept, from the decoded record."""
    return np.flatnonzero(geometry[0] == 0)


def spread(picture, columns, width):
    """Put columns back in their places and fill the gaps by interpolation."""
    places = np.arange(width)
    right = np.clip(np.searchsorted(columns, places), 0, len(columns) - 1)
    left = np.clip(right - (columns[right] > places), 0, len(columns) - 1)
    gap = np.maximum(columns[right] - columns[left], 1)
    share = np.clip((places - columns[left]) / gap, 0, 1)[None, :, None]
    mixed = picture[:, left] * (1 - share) + picture[:, right] * share
    return np.rint(mixed).astype(picture.dtype)


@component
class Columns(Transform):
    """Chooses the columns that matter least; the record is 1 where a column goes. No inverse.

    Attributes:
        share: how much of the width goes.
    """

    consumes = Map
    produces = Symbols

    share: EncodeOnly[Annotated[float, Interval(ge=0, le=0.9)]] = 0.25

    def layout(self, shape, guides, ctx):
        return Symbols((1, shape.width), low=0, high=1)

    def forward(self, value, guides, ctx):
        width = value.shape[1]
        gone = np.argsort(value.sum(axis=0), kind="stable")[
            : min(int(width * self.share), width - 1)
        ]
        record = np.zeros((1, width), dtype=np.int32)
        record[0, gone] = 1
        return record


@component
class CarveOnly(Transform):
    """Takes the recorded columns out; the decoded value is the carved picture."""

    consumes = Image
    produces = Image
    ports = {"geometry": Port(Symbols)}
    determinism = "bitexact"

    def layout(self, shape, guides, ctx):
        kept = max(1, len(kept_columns(guides["geometry"])))
        return Image(shape.height, kept, shape.channels, shape.depth)

    def forward(self, value, guides, ctx):
        return np.ascontiguousarray(value[:, kept_columns(guides["geometry"])])


@component
class Carve(CarveOnly):
    """Takes the recorded columns out, and at the decoder puts interpolated ones back."""

    def inverse(self, value, guides, ctx):
        columns = kept_columns(guides["geometry"])
        return spread(value, columns if len(columns) else np.zeros(1, dtype=int), ctx.shape.width)


@component
class Widen(Decoder):
    """Shows the carved picture at any width between its own and the original's.

    Attributes:
        width: columns wanted; 0 for the original's.
    """

    ports = {"carved": Port(Image), "geometry": Port(Symbols)}

    width: Annotated[int, Ge(0)] = 0

    def layout(self, shapes, ctx):
        carved = shapes["carved"]
        wanted = self.width or ctx.image.width
        width = min(max(wanted, carved.width), ctx.image.width)
        return Image(carved.height, width, carved.channels, carved.depth)

    def decode(self, inputs, ctx):
        kept = kept_columns(inputs["geometry"])
        full = spread(inputs["carved"], kept, inputs["geometry"].shape[1])
        gone = np.flatnonzero(inputs["geometry"][0])
        drop = gone[: full.shape[1] - ctx.shape.width]
        return np.ascontiguousarray(np.delete(full, drop, axis=1))
