"""A hyperprior: two checkerboard passes, means, a gain that shifts the table index."""

from typing import Annotated, ClassVar

import numpy as np

from semcodec import (
    EntropyModel,
    Gt,
    Image,
    Interval,
    Latent,
    Map,
    Port,
    Quantizer,
    Symbols,
    TablePass,
    Transform,
    component,
)
from semcodec.coding.tables import gaussian_tables, scale_grid

RATIO = scale_grid()[1] / scale_grid()[0]


@component
class Blocks(Transform):
    """Splits the picture into cells of means and horizontal and vertical differences.

    Stands for a learned analysis and synthesis: float32 (9, rows, columns) at stride ``cell``.

    Attributes:
        cell: side of a cell in pixels.
    """

    consumes = Image
    produces = Latent

    cell: Annotated[int, Interval(ge=2, le=64)] = 8

    def accepts(self, shape):
        return "" if shape.channels == 3 and shape.depth == 8 else "expected 8-bit RGB"

    def layout(self, shape, guides, ctx):
        return Latent((9, -(-shape.height // self.cell), -(-shape.width // self.cell)))

    def forward(self, value, guides, ctx):
        _, rows, columns = ctx.coded.shape
        bottom, right = rows * self.cell - value.shape[0], columns * self.cell - value.shape[1]
        padded = np.pad(value, ((0, bottom), (0, right), (0, 0)), mode="edge").astype(np.float32)
        cells = padded.reshape(rows, self.cell, columns, self.cell, 3)
        ramp = np.linspace(-1, 1, self.cell, dtype=np.float32)
        mean = cells.mean(axis=(1, 3)) - 128
        down = (cells * ramp[None, :, None, None, None]).mean(axis=(1, 3))
        across = (cells * ramp[None, None, None, :, None]).mean(axis=(1, 3))
        return np.concatenate([mean, down, across], axis=2).transpose(2, 0, 1).copy()

    def inverse(self, value, guides, ctx):
        ramp = np.linspace(-1, 1, self.cell, dtype=np.float32)
        energy = float((ramp**2).mean())
        parts = value.transpose(1, 2, 0).repeat(self.cell, axis=0).repeat(self.cell, axis=1)
        rows, columns = value.shape[1:]
        tall = np.tile(ramp, rows)[:, None, None] / energy
        wide = np.tile(ramp, columns)[None, :, None] / energy
        picture = parts[..., :3] + 128 + parts[..., 3:6] * tall + parts[..., 6:] * wide
        cut = picture[: ctx.shape.height, : ctx.shape.width]
        return np.clip(np.rint(cut), 0, 255).astype(np.uint8)


@component
class Energy(Transform):
    """Summarises a latent for the hyperprior: log magnitude of 2x2 cells; has no inverse."""

    consumes = Latent
    produces = Latent

    def layout(self, shape, guides, ctx):
        channels, rows, columns = shape.shape
        return Latent((channels, -(-rows // 2), -(-columns // 2)))

    def forward(self, value, guides, ctx):
        _, rows, columns = ctx.coded.shape
        bottom, right = rows * 2 - value.shape[1], columns * 2 - value.shape[2]
        padded = np.pad(np.abs(value), ((0, 0), (0, bottom), (0, right)), mode="edge")
        cells = padded.reshape(value.shape[0], rows, 2, columns, 2).mean(axis=(2, 4))
        return np.log2(cells + 0.1).astype(np.float32)


@component
class GainStep(Quantizer):
    """Residual quantizer with a gain of RATIO**k where a map says so: an exact index shift.

    Attributes:
        step: step at gain 1.
        fine: k where the map is 1.
        skip: leave background cells out altogether.
    """

    ports = {"saliency": Port(Map)}

    step: Annotated[float, Gt(0)] = 4.0
    fine: Annotated[int, Interval(ge=0, le=16)] = 6
    skip: bool = False

    def _levels(self, guides, shape):
        saliency = guides["saliency"]
        _, rows, columns = shape
        y = np.minimum(
            (2 * np.arange(rows) + 1) * saliency.shape[0] // (2 * rows), saliency.shape[0] - 1
        )
        x = np.minimum(
            (2 * np.arange(columns) + 1) * saliency.shape[1] // (2 * columns), saliency.shape[1] - 1
        )
        return saliency[np.ix_(y, x)]

    def layout(self, shape, guides, ctx):
        if not self.skip:
            return Symbols(shape.shape)
        kept = self._levels(guides, shape.shape) > 0
        return Symbols(shape.shape, mask=np.broadcast_to(kept, shape.shape).copy())

    def _steps(self, guides, ctx):
        k = np.rint(self._levels(guides, ctx.shape.shape) * self.fine)
        return np.float32(self.step) / np.float32(RATIO) ** k.astype(np.float32)

    def index_shift(self, guides, ctx):
        k = np.rint(self._levels(guides, ctx.shape.shape) * self.fine).astype(np.int32)
        return np.broadcast_to(k, ctx.shape.shape)

    def quantize(self, x, guides, ctx):
        return np.rint(x / self._steps(guides, ctx)).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return (q * self._steps(guides, ctx)).astype(np.float32)


@component
class Checkerboard(EntropyModel):
    """Two passes: anchors from the hyperprior alone, the others from their decoded neighbours too.

    Attributes:
        step: the quantizer's step, which scales the tables.
    """

    ports = {"hyper": Port(Latent)}
    index_ratio: ClassVar[float] = RATIO

    step: Annotated[float, Gt(0)] = 4.0

    def passes(self, symbols, guides, ctx):
        _, rows, columns = symbols.shape
        # The decoded hyper-latent is a multiple of its step, so these integers are exact.
        halves = np.rint(guides["hyper"] * 2).astype(np.int64)
        index = np.clip(
            22 + (halves * 28) // 10 - int(np.rint(np.log2(self.step) * 5.6)), 0, 63
        ).astype(np.int32)
        index = index.repeat(2, axis=1).repeat(2, axis=2)[:, :rows, :columns]
        flat = np.arange(symbols.size, dtype=np.int64).reshape(symbols.shape)
        anchor = (np.add.outer(np.arange(rows), np.arange(columns)) % 2 == 0)[None]
        anchor = np.broadcast_to(anchor, symbols.shape)
        tables = gaussian_tables()
        known = yield TablePass(tables=tables, indexes=index[anchor], positions=flat[anchor])
        around = np.zeros(symbols.shape, dtype=np.int64)
        around[:, 1:] += known[:, :-1]
        around[:, :-1] += known[:, 1:]
        around[:, :, 1:] += known[:, :, :-1]
        around[:, :, :-1] += known[:, :, 1:]
        means = (around * np.float32(self.step / 4)).astype(np.float32)
        other = ~anchor
        yield TablePass(
            tables=tables,
            indexes=index[other],
            positions=flat[other],
            means=means[other] * np.float32(0.5),
        )
