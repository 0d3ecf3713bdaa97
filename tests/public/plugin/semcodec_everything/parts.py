"""One component of each kind that overrides all that its contract lets it override."""

from typing import Annotated

import click
import numpy as np

from semcodec import (
    Dataset,
    Decoder,
    DecodeSession,
    EncodeSession,
    EntropyCoder,
    EntropyModel,
    Gt,
    Image,
    Latent,
    Map,
    Metric,
    Port,
    Quantizer,
    Region,
    SaliencySource,
    Sample,
    Symbols,
    TablePass,
    Transform,
    component,
)
from semcodec.coding.tables import RATIO, laplace_tables


@component
class Rows(SaliencySource):
    """The upper half matters, the very top does not."""

    def saliency(self, image, guides, ctx):
        rows = np.arange(len(image))[:, None] * np.ones(image.shape[:2])
        return ((rows >= 4) * (1 - 0.5 * (2 * rows > len(image)))).astype(np.float32)

    def regions(self, image, guides, ctx):
        mask = self.saliency(image, guides, ctx) == 1
        return [Region(mask=mask, box=(0, 4, image.shape[1], len(image) // 2), label="top")]


@component
class Centred(Transform):
    """Samples about zero; the inverse leaves out what is finer than the quantizer's steps."""

    consumes = Image
    produces = Latent
    determinism = "bitexact"

    def cost(self, shape, side):
        return 0, shape.pixels

    def accepts(self, shape):
        return "" if shape.depth == 8 else "8 bits only"

    def layout(self, shape, guides, ctx):
        return Latent(shape.shape)

    def forward(self, value, guides, ctx):
        return value.astype(np.float32) - np.float32(128)

    def inverse(self, value, guides, ctx):
        base = np.float32(128) if ctx.steps is None else np.float32(128) + ctx.steps / np.float32(4)
        return np.clip(np.rint(value + base), 0, 255).astype(np.uint8)

    def forward_batch(self, values, guides, ctxs):
        return [self.forward(*each) for each in zip(values, guides, ctxs, strict=True)]

    def inverse_batch(self, values, guides, ctxs):
        return [self.inverse(*each) for each in zip(values, guides, ctxs, strict=True)]


@component
class Step(Quantizer):
    """A step that is half as large where the map is high, and nothing where it is 0.

    Attributes:
        step: distance of decoded values where the map is neither.
    """

    ports = {"map": Port(Map)}

    step: Annotated[float, Gt(0)] = 8.0

    def _map(self, guides, shape):
        return np.broadcast_to(guides["map"][..., None], shape)

    def layout(self, shape, guides, ctx):
        return Symbols(shape.shape, mask=self._map(guides, shape.shape) > 0)

    def steps(self, guides, ctx):
        high = self._map(guides, ctx.shape.shape) > 0.75
        return np.where(high, np.float32(self.step / 2), np.float32(self.step))

    def index_shift(self, guides, ctx):
        return np.where(self._map(guides, ctx.shape.shape) > 0.75, 6, 0).astype(np.int32)

    def quantize(self, x, guides, ctx):
        return np.rint(x / Step.steps(self, guides, ctx)).astype(np.int32)

    def choose(self, x, places, price, guides, ctx):
        if self.step < 8:
            return None
        q = np.rint(x / Step.steps(self, guides, ctx).reshape(-1)[places]).astype(np.int32)
        which = np.flatnonzero(np.abs(q) == 1)
        q[which[price(q[which], which) > 1]] = 0
        return q

    def dequantize(self, q, guides, ctx):
        return q * Step.steps(self, guides, ctx)


@component
class Scales(EntropyModel):
    """One table for all, moved by the quantizer."""

    index_ratio = RATIO

    def accepts(self, symbols):
        return "" if symbols.size <= 10_000 else "10000 symbols at most"

    def passes(self, symbols, guides, ctx):
        yield TablePass(tables=laplace_tables(), indexes=20)


class Writing(EncodeSession):
    """What the core's range coder writes, and a byte of its own at the end."""

    def __init__(self, inner):
        self.inner = inner

    def code(self, symbols, indexes, tables):
        self.inner.code(symbols, indexes, tables)

    def adapt(self, values, symbols, adaptive):
        self.inner.adapt(values, symbols, adaptive)

    def finish(self):
        return self.inner.finish() + b"!"


class Reading(DecodeSession):
    """Reads it, and wants that byte."""

    def __init__(self, inner, last):
        self.inner = inner
        self.last = last

    def code(self, indexes, tables, end=None):
        return self.inner.code(indexes, tables, end)

    def adapt(self, symbols, adaptive):
        return self.inner.adapt(symbols, adaptive)

    def finish(self):
        from semcodec.errors import ContainerError

        if self.last != b"!":
            raise ContainerError(f"expected the section to end in b'!', got {self.last!r}")
        self.inner.finish()


@component
class Coder(EntropyCoder):
    """The core's range coder, wrapped."""

    def encoder(self):
        from semcodec.coding.sessions import RangeEncoder

        return Writing(RangeEncoder())

    def decoder(self, data):
        from semcodec.coding.sessions import RangeDecoder

        return Reading(RangeDecoder(data[:-1]), data[-1:])


@component
class Enlarge(Decoder):
    """Gives the picture twice as tall."""

    ports = {"picture": Port(Image, exact=False)}

    def layout(self, shapes, ctx):
        shape = shapes["picture"]
        return Image(2 * shape.height, shape.width, shape.channels, shape.depth)

    def decode(self, inputs, ctx):
        return inputs["picture"].repeat(ctx.shape.height // len(inputs["picture"]), axis=0)

    def decode_batch(self, inputs, ctxs):
        return [self.decode(*each) for each in zip(inputs, ctxs, strict=True)]


@component
class Error(Metric):
    """Mean absolute error of every second row of the decoded picture."""

    higher_is_better = False
    unit = "levels"

    def compute(self, reference, decoded):
        return float(np.abs(reference.astype(int) - decoded[::2]).mean())

    def compare(self, reference, decoded, guides):
        return self.compute(reference, decoded) * (2 + len(guides))

    def missing(self):
        return "no ruler is installed: buy one"


@component
class Ramps(Dataset):
    """Two pictures."""

    def names(self):
        return ("down", "up")

    def read(self, name):
        ramp = np.arange(0, 240, 10, dtype=np.uint8)[:, None, None] * np.ones((1, 20, 3), np.uint8)
        return Sample(name=name, image=ramp if name == "up" else ramp[::-1].copy(), inputs={})

    def __iter__(self):
        return (self.read(name) for name in reversed(self.names()))


@click.command()
def hello():
    """Say hello."""
    click.echo("hello")
