"""Decoders that make things up: from streams, masks they derive, a seed and a viewer's wish."""

from typing import Annotated

import numpy as np
from PIL import Image as Pil

from semcodec import Decoder, Image, Interval, Latent, Map, Port, Text, Transform, component


@component
class Segment(Decoder):
    """Derives a mask from the decoded base, so that none is sent (SGGIC)."""

    ports = {"base": Port(Image, exact=False)}
    produces = Map

    def layout(self, shapes, ctx):
        return Map(ctx.image.height, ctx.image.width)

    def decode(self, inputs, ctx):
        luma = inputs["base"].astype(np.float32).mean(axis=2)
        return (luma > luma.mean()).astype(np.float32)


@component
class Enhance(Decoder):
    """Sharpens the base inside the mask, step by step; stands for a guided diffusion.

    Attributes:
        steps: how many refinement steps.
    """

    ports = {
        "base": Port(Image, exact=False),
        "mask": Port(Map, exact=False),
        "caption": Port(Text, exact=False, optional=True),
    }

    steps: Annotated[int, Interval(ge=1, le=100)] = 20

    def decode(self, inputs, ctx):
        picture = inputs["base"].astype(np.float32)
        mask = inputs["mask"][..., None] * (1.5 if "sharp" in inputs.get("caption", "") else 1.0)
        for _ in range(self.steps):
            blurred = (np.roll(picture, 1, 0) + np.roll(picture, -1, 0) + picture) / 3
            picture = picture + np.float32(0.01) * mask * (picture - blurred)
        return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


@component
class Embed(Transform):
    """A few numbers for the whole picture; stands for a CLIP embedding. No inverse."""

    consumes = Image
    produces = Latent

    def layout(self, shape, guides, ctx):
        return Latent((16,))

    def forward(self, value, guides, ctx):
        histogram, _ = np.histogram(value, bins=16, range=(0, 256))
        return (100 * histogram / value.size).astype(np.float32)


@component
class Colours(Transform):
    """A tiny colour map. No inverse: the decoder gets the map itself.

    Attributes:
        side: rows and columns of the map.
    """

    consumes = Image
    produces = Latent

    side: Annotated[int, Interval(ge=1, le=64)] = 8

    def accepts(self, shape):
        return "" if shape.channels == 3 and shape.depth == 8 else "expected 8-bit RGB"

    def layout(self, shape, guides, ctx):
        return Latent((self.side, self.side, shape.channels))

    def forward(self, value, guides, ctx):
        small = Pil.fromarray(value).resize((self.side, self.side), Pil.Resampling.BOX)
        return np.array(small).astype(np.float32)


@component
class Paint(Decoder):
    """Two streams and a seed into one picture; realism adds grain.

    Attributes:
        realism: 0 for the bare colours, 1 for as much grain as the embedding suggests.
    """

    ports = {"embedding": Port(Latent, exact=False), "colours": Port(Latent, exact=False)}
    determinism = "seeded"

    realism: Annotated[float, Interval(ge=0, le=1)] = 0.5

    def decode(self, inputs, ctx):
        small = np.clip(np.rint(inputs["colours"]), 0, 255).astype(np.uint8)
        size = (ctx.shape.width, ctx.shape.height)
        base = np.array(Pil.fromarray(small).resize(size, Pil.Resampling.BICUBIC)).astype(
            np.float32
        )
        grain = ctx.normal((ctx.shape.height, ctx.shape.width, 1)) * inputs["embedding"].std()
        return np.clip(np.rint(base + self.realism * grain), 0, 255).astype(np.uint8)
