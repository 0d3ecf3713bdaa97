"""Uniform scalar quantizers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.tables import RATIO
from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Guides, Port, Quantizer
from semcodec.contracts.params import EncodeOnly, Interval, component
from semcodec.contracts.values import Latent, Map
from semcodec.errors import PluginBroken

__all__ = ["SaliencyStep", "Uniform", "at_places", "quantized"]

Floats: TypeAlias = NDArray[np.float32]
# The bounds keep 2**30 steps, and one, normal float32 numbers.
Step: TypeAlias = Annotated[float, Interval(ge=2.0**-20, le=2.0**20)]
Rounding: TypeAlias = EncodeOnly[Annotated[float, Interval(ge=0.0, le=0.5)]]
Weight: TypeAlias = EncodeOnly[Annotated[float, Interval(ge=0.0, le=4.0)]]

_BOUND = 2**30


@component
class Uniform(Quantizer):
    """Dead-zone quantizer: ``q = sign(x) floor(|x| / step + rounding)``, decoded as ``q * step``.

    The dead-zone quantizer of ITU-T T.800 (JPEG 2000), eq. (E-1), with the rounding offset of the
    H.264 reference encoder. The offset is the encoder's choice: 0.5 gives the least error, less
    zeroes more of a peaked distribution and saves more rate than it costs. An entry in range comes
    back within ``(1 - rounding) * step``.

    With ``rdo`` the encoder weighs error against bits instead, block by block of a DCT
    (``semcodec.coding.rdoq``); other latents are rounded as above.

    Attributes:
        step: distance of two decoded values.
        rounding: what is added before rounding down; 0.5 rounds to the nearest, the default suits
            DCT coefficients.
        rdo: what a bit is worth, in squared steps; about 0.1 is best, 0 does without.
    """

    step: Step = 16.0
    rounding: Rounding = 0.36
    rdo: Weight = 0.0

    def quantize(self, x: Floats, guides: Guides, ctx: Context) -> NDArray[np.int32]:
        """Turn finite float32 of any shape into int32 in [-2**30, 2**30]; larger ones are clipped.

        Raises:
            PluginBroken: an entry is NaN or infinite.
        """
        return quantized(x, np.array(self.step, dtype=np.float32), self, ctx)

    def dequantize(self, q: NDArray[np.int32], guides: Guides, ctx: Context) -> Floats:
        """Turn int32 of any shape into float32: one IEEE multiplication, the same everywhere."""
        out: Floats = q.astype(np.float32)
        out *= np.float32(self.step)
        return out

    def steps(self, guides: Guides, ctx: Context) -> Floats:
        """Give the step, float32 without dimensions."""
        return np.array(self.step, dtype=np.float32)


@component
class SaliencyStep(Quantizer):
    """Uniform quantizer whose step is finer where a transmitted map is high.

    ``step(M) = step / (1 + beta M)``, as in SAIC, snapped to powers of ``RATIO`` (the ratio of the
    scales of the table grid, 1.131, so that a model of scale tables follows by whole indexes).
    M is the decoded map where the centre of a block or cell lies, so both sides use the same.

    Attributes:
        step: distance of two decoded values where the map is 0.
        beta: how much finer the step is where the map is 1; 0 is the uniform quantizer.
        rounding: as of ``uniform``.
        rdo: as of ``uniform``; errors count in squared steps of their place.
    """

    ports: ClassVar[Mapping[str, Port]] = {"saliency": Port(Map)}

    step: Step = 16.0
    beta: Annotated[float, Interval(ge=0.0, le=64.0)] = 1.0
    rounding: Rounding = 0.36
    rdo: Weight = 0.0

    def quantize(self, x: Floats, guides: Guides, ctx: Context) -> NDArray[np.int32]:
        """Turn finite float32 into int32 of the same shape; see :meth:`Uniform.quantize`."""
        return quantized(x, self.steps(guides, ctx), self, ctx)

    def dequantize(self, q: NDArray[np.int32], guides: Guides, ctx: Context) -> Floats:
        """Turn int32 into float32 of the same shape: one IEEE multiplication an entry."""
        out: Floats = q.astype(np.float32)
        out *= self.steps(guides, ctx)
        return out

    def steps(self, guides: Guides, ctx: Context) -> Floats:
        """Give the step of every place: float32 (blocks, 1, ...), or (rows, columns)."""
        shifts = self._shifts(guides, ctx)
        step = np.float64(self.step)
        ladder = [step]
        for _ in range(int(shifts.max(initial=0))):
            ladder.append(ladder[-1] / RATIO)
        # At least the smallest step of all, however large beta is.
        return np.maximum(np.array(ladder), 2.0**-24).astype(np.float32)[shifts]

    def index_shift(self, guides: Guides, ctx: Context) -> NDArray[np.int32]:
        """Shift scale indexes up by as many as the step is finer; int32 of ``ctx.shape``."""
        shifts = self._shifts(guides, ctx).astype(np.int32)
        assert isinstance(ctx.shape, Latent)
        return np.broadcast_to(shifts, ctx.shape.shape)

    def _shifts(self, guides: Guides, ctx: Context) -> NDArray[np.int64]:
        """Count by how many ratios the step is finer, broadcastable to the latent."""
        assert isinstance(ctx.shape, Latent)
        levels = at_places(guides["saliency"], ctx.shape).astype(np.float64)
        gain = 1.0 + self.beta * levels
        # Half-way points in the logarithm, by multiplication alone: the same on every machine.
        bounds = [math.sqrt(RATIO)]
        while bounds[-1] <= 1.0 + self.beta:
            bounds.append(bounds[-1] * RATIO)
        return np.searchsorted(np.array(bounds), gain, side="right")


def at_places(saliency: Floats, latent: Latent) -> Floats:
    """Sample a map in the middle of every place of a latent.

    Args:
        saliency: float32 (height, width).
        latent: what the places are: the blocks of its grid, or, without a grid, its last two
            axes as rows and columns over the picture, cells of its size or spread evenly.

    Returns:
        float32, broadcastable to the latent: (blocks, 1, ...) or (rows, columns).
    """
    height, width = saliency.shape
    planes = latent.grid or (latent.shape[-2:] if len(latent.shape) > 1 else (1, *latent.shape),)
    parts = []
    for rows, columns in planes:
        y = _middles(rows, height, 0 if latent.grid else latent.cell)
        x = _middles(columns, width, 0 if latent.grid else latent.cell)
        parts.append(saliency[np.ix_(y, x)])
    if not latent.grid:
        return parts[0]
    flat = np.concatenate([part.reshape(-1) for part in parts])
    return flat.reshape(-1, *[1] * (len(latent.shape) - 1))


def _middles(count: int, side: int, cell: int) -> NDArray[np.intp]:
    """Give the pixel in the middle of every place along a side; beyond the picture its last."""
    place = np.arange(count)
    if cell:
        return np.minimum(place * cell + cell // 2, side - 1)
    return (2 * place + 1) * side // (2 * count)


def quantized(
    x: Floats, steps: Floats, choice: Uniform | SaliencyStep, ctx: Context
) -> NDArray[np.int32]:
    """Quantise by a step, or one for every place, as an encoder's parameters say.

    Args:
        x: float32 of any shape.
        steps: float32, broadcastable to it.
        choice: whose ``rounding`` and ``rdo`` count.
        ctx: tells the latent's grid.

    Raises:
        PluginBroken: an entry is NaN or infinite.
    """
    # A sum is finite only if every entry is (or it overflows, which the second look tells).
    if not np.isfinite(x.sum(dtype=np.float64)):
        _refuse(x)
    if choice.rdo and isinstance(ctx.shape, Latent) and _is_blocks(ctx.shape):
        from semcodec.coding.rdoq import optimised_levels

        of_blocks = np.broadcast_to(steps.reshape(-1), x.shape[:1])
        return optimised_levels(x, of_blocks, ctx.shape.grid, choice.rdo, ctx.progress)
    size = np.abs(x)
    np.minimum(size, steps * np.float32(_BOUND), out=size)
    size /= steps
    size += np.float32(choice.rounding)
    np.floor(size, out=size)
    np.copysign(size, x, out=size)
    return size.astype(np.int32)


def _is_blocks(latent: Latent) -> bool:
    shape = latent.shape
    return bool(latent.grid) and len(shape) == 3 and shape[1] == shape[2] and shape[1] in (4, 8, 16)


def _refuse(x: Floats) -> None:
    finite = np.isfinite(x)
    if finite.all():
        return
    place = np.unravel_index(int(np.argmin(finite)), x.shape)
    where = ", ".join(map(str, place))
    raise PluginBroken(
        f"quantizer: expected finite coefficients, got {x[place]} at [{where}] "
        f"({x.size - np.count_nonzero(finite)} of {x.size} are not finite)",
        hint="The transform before this quantizer made them: check its weights and input.",
    )
