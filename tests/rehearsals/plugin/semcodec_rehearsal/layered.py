"""DSSLIC's layers: a small picture, a prediction derived from it, a residual coded against that."""

from typing import Annotated

import numpy as np
from PIL import Image as Pil

from semcodec import Decoder, Image, Interval, Latent, Port, Transform, component


@component
class Shrink(Transform):
    """Shrinks the picture; the decoded value is the small one.

    Attributes:
        factor: by how much each side shrinks.
    """

    consumes = Image
    produces = Image

    factor: Annotated[int, Interval(ge=1, le=32)] = 4

    def accepts(self, shape):
        return "" if shape.channels == 3 and shape.depth == 8 else "expected 8-bit RGB"

    def layout(self, shape, guides, ctx):
        return Image(
            -(-shape.height // self.factor),
            -(-shape.width // self.factor),
            shape.channels,
            shape.depth,
        )

    def forward(self, value, guides, ctx):
        picture = Pil.fromarray(value).resize(
            (ctx.coded.width, ctx.coded.height), Pil.Resampling.BOX
        )
        return np.array(picture)


@component
class Enlarge(Decoder):
    """Predicts the full picture from the decoded small one."""

    ports = {"small": Port(Image, exact=False)}

    def decode(self, inputs, ctx):
        size = (ctx.shape.width, ctx.shape.height)
        return np.array(Pil.fromarray(inputs["small"]).resize(size, Pil.Resampling.BILINEAR))


@component
class Residual(Transform):
    """Codes what the prediction leaves over."""

    consumes = Image
    produces = Latent
    ports = {"prediction": Port(Image, exact=False)}

    def layout(self, shape, guides, ctx):
        return Latent(shape.shape)

    def forward(self, value, guides, ctx):
        return value.astype(np.float32) - guides["prediction"]

    def inverse(self, value, guides, ctx):
        return np.clip(np.rint(value + guides["prediction"]), 0, 255).astype(np.uint8)
