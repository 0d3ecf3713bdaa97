from __future__ import annotations

from typing import Annotated

import numpy as np

from semcodec import (
    Dataset,
    Decoder,
    DecodeSession,
    EncodeOnly,
    EncodeSession,
    EntropyCoder,
    EntropyModel,
    Gt,
    Image,
    Interval,
    Latent,
    Map,
    Metric,
    Port,
    Quantizer,
    Region,
    SaliencySource,
    Sample,
    SetMetric,
    Symbols,
    TablePass,
    Text,
    Transform,
    component,
)
from semcodec.coding.tables import RATIO, laplace_tables, scale_index
from semcodec.errors import ContainerError, SettingError


@component
class Edges(SaliencySource):
    """Edges matter: the gradient of the brightness.

    Attributes:
        floor: least value, for flat areas.
    """

    floor: Annotated[float, Interval(ge=0, le=1)] = 0.1

    def saliency(self, image, guides, ctx):
        gray = image.astype(np.float32).mean(axis=2)
        change = np.zeros_like(gray)
        change[1:] += np.abs(np.diff(gray, axis=0))
        return np.maximum(change / max(change.max(), 1), np.float32(self.floor))

    def regions(self, image, guides, ctx):
        mask = np.ones(image.shape[:2], dtype=bool)
        return [Region(mask=mask, box=(0, 0, image.shape[1], image.shape[0]))]


@component
class Calm(Transform):
    """Halves the contrast with the row mean where little matters."""

    consumes = Image
    produces = Image
    encode_only = True
    ports = {"saliency": Port(Map, needed_by="encode")}

    def forward(self, value, guides, ctx):
        keep = (0.5 + 0.5 * guides["saliency"])[..., None]
        mean = value.mean(axis=1, keepdims=True)
        return np.rint(mean + keep * (value - mean)).astype(value.dtype)


@component
class Centred(Transform):
    """Samples about zero, one latent entry for each."""

    consumes = Image
    produces = Latent
    determinism = "bitexact"

    def accepts(self, shape):
        return "" if shape.depth == 8 else "it codes 8 bits a sample"

    def layout(self, shape, guides, ctx):
        return Latent(shape.shape)

    def forward(self, value, guides, ctx):
        return value.astype(np.float32) - np.float32(128)

    def inverse(self, value, guides, ctx):
        whole = np.nan_to_num(np.rint(np.clip(value, -256, 256) + np.float32(128)))
        return np.clip(whole, 0, 255).astype(np.uint8)


@component
class Careful(Quantizer):
    """A finer step where the decoded map is above a half; nothing where it is 0.

    Attributes:
        step: step elsewhere.
        rounding: what is added before rounding down.
    """

    ports = {"saliency": Port(Map), "words": Port(Text, optional=True)}

    step: Annotated[float, Gt(0)] = 32.0
    rounding: EncodeOnly[Annotated[float, Interval(ge=0, le=0.5)]] = 0.4

    def layout(self, shape, guides, ctx):
        kept = guides["saliency"][..., None] > 0
        return Symbols(shape.shape, mask=np.broadcast_to(kept, shape.shape).copy())

    def index_shift(self, guides, ctx):
        shift = np.where(guides["saliency"] > 0.5, 6, 0).astype(np.int32)
        return np.broadcast_to(shift[..., None], ctx.coded.shape)

    def steps(self, guides, ctx):
        finer = np.float32(self.step / round(RATIO**6, 6))
        return np.where(guides["saliency"] > 0.5, finer, np.float32(self.step))[..., None]

    def quantize(self, x, guides, ctx):
        size = np.floor(np.abs(x) / self.steps(guides, ctx) + np.float32(self.rounding))
        return (np.sign(x) * size).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q.astype(np.float32) * self.steps(guides, ctx)


@component
class Rows(EntropyModel):
    """Even rows by one table, odd rows by the magnitudes above them.

    Attributes:
        scale: mean magnitude that the even rows are expected to have.
    """

    index_ratio = RATIO

    scale: Annotated[float, Gt(0)] = 2.0

    def passes(self, symbols, guides, ctx):
        flat = np.arange(symbols.size, dtype=np.int64).reshape(symbols.shape)
        known = yield TablePass(
            tables=laplace_tables(), indexes=scale_index(self.scale), positions=flat[::2].ravel()
        )
        above = np.abs(known[:-1:2].astype(np.int64))
        index = 7 * np.digitize(above, [1, 2, 4, 8, 16, 32, 64, 128])
        yield TablePass(
            tables=laplace_tables(),
            indexes=index.astype(np.int32).ravel(),
            positions=flat[1::2].ravel(),
        )


class PlainWriter(EncodeSession):
    def __init__(self):
        self.parts = []

    def code(self, symbols, indexes, tables):
        self.parts.append(symbols.astype("<i4").tobytes())

    def adapt(self, values, symbols, adaptive):
        coded = values if symbols.mask is None else values[symbols.mask]
        if symbols.end is not None and values.size < symbols.size:
            coded = np.append(coded, symbols.end)
        self.parts.append(coded.astype("<i4").tobytes())

    def finish(self):
        return b"".join(self.parts)


class PlainReader(DecodeSession):
    def __init__(self, data):
        if len(data) % 4:
            raise ContainerError(f"expected whole symbols of 4 bytes, got {len(data)} bytes")
        self.left = np.frombuffer(data, "<i4")

    def take(self, count, end=None):
        found = self.left[:count]
        if end is not None and (found == end).any():
            found = found[: int(np.argmax(found == end)) + 1]
        elif len(found) < count:
            raise ContainerError(f"expected {count} symbols, got {len(found)}")
        self.left = self.left[len(found) :]
        return found.astype(np.int32)

    def code(self, indexes, tables, end=None):
        return self.take(len(indexes), end)

    def adapt(self, symbols, adaptive):
        if symbols.end is not None:
            found = self.take(symbols.size, symbols.end)
            return found[found != symbols.end]
        if symbols.mask is None:
            return self.take(symbols.size).reshape(symbols.shape)
        values = np.zeros(symbols.shape, np.int32)
        values[symbols.mask] = self.take(np.count_nonzero(symbols.mask))
        return values

    def finish(self):
        if self.left.size:
            raise ContainerError(f"expected no more symbols, got {self.left.size}")


@component
class Plain(EntropyCoder):
    """Symbols as 32-bit integers, for reading in a hex dump."""

    def encoder(self):
        return PlainWriter()

    def decoder(self, data):
        return PlainReader(data)


@component
class Grain(Decoder):
    """Lays grain over a picture.

    Attributes:
        strength: standard deviation in gray levels.
    """

    ports = {
        "picture": Port(Image, exact=False),
        "words": Port(Text, exact=False, optional=True),
    }
    determinism = "seeded"

    strength: Annotated[float, Interval(ge=0, le=32)] = 4.0

    def decode(self, inputs, ctx):
        top = 2**ctx.shape.depth - 1
        size = (ctx.shape.height, ctx.shape.width, 1)
        noise = ctx.normal(size) if inputs.get("words") != "no grain" else np.zeros(size)
        grained = inputs["picture"].astype(np.float32) + np.float32(self.strength) * noise
        return np.clip(np.rint(grained), 0, top).astype(ctx.shape.dtype)


@component
class MaxError(Metric):
    """Largest error of any sample, in levels."""

    unit = "levels"
    higher_is_better = False

    def compute(self, reference, decoded):
        return float(np.abs(reference.astype(np.int32) - decoded).max())


@component
class MaskedError(Metric):
    """Largest error where a mask says."""

    ports = {"mask": Port(Map, needed_by="encode")}
    higher_is_better = False

    def compute(self, reference, decoded):
        return float(np.abs(reference.astype(int) - decoded).max())

    def compare(self, reference, decoded, guides):
        inside = guides["mask"] > 0.5
        return self.compute(reference[inside], decoded[inside]) if inside.any() else 0.0


@component
class Means(SetMetric):
    """Distance of the sets' mean levels."""

    fewest = 3
    higher_is_better = False

    def observe(self, reference, decoded):
        return np.array([reference.mean() - decoded.mean()])

    def summarise(self, rows):
        if len(rows) < self.fewest:
            raise SettingError(f"expected {self.fewest} pictures, got {len(rows)}")
        return abs(float(np.mean(rows)))


@component
class Ramps(Dataset):
    """Ramps from black to white, each wider than the one before.

    Attributes:
        count: how many.
    """

    count: Annotated[int, Interval(ge=1, le=64)] = 4

    def names(self):
        return [f"ramp-{index}" for index in range(self.count)]

    def read(self, name):
        width = 16 * (self.names().index(name) + 1)
        row = np.linspace(0, 255, width).astype(np.uint8)
        image = np.broadcast_to(row[None, :, None], (16, width, 3)).copy()
        return Sample(name=name, image=image, inputs={})
