"""The guided quantizer of SAIC: a gain on residuals, and scale tables that follow it exactly."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.tables import RATIO
from semcodec.components.quantizers import at_places
from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Guides, Port, Price, Quantizer
from semcodec.contracts.params import EncodeOnly, Interval, component
from semcodec.contracts.values import Latent, Map, Symbols
from semcodec.errors import PluginBroken, SettingError

__all__ = ["SaliencyGain"]

Floats: TypeAlias = NDArray[np.float32]

_BOUND = 2**24
_LARGEST = 64.0
_NEARLY = 0.999  # a quotient that rounds up may come of less than its product


@component
class SaliencyGain(Quantizer):
    """Quantises residuals with a gain that a transmitted map raises.

    ``step(M) = step / (1 + beta M)``, the step of SAIC, with M in [0, 1] the decoded map in the
    middle of every latent cell. An entropy model subtracts its mean before and adds it after, so
    that with ``g = 1 / step(M)``

        q = round((y - mu) g),    P(q) of a unit bin under scale sigma g,    y' = mu + q / g.

    Steps are powers of ``RATIO``, the ratio of neighbouring scales of the tables, so ``sigma g`` is
    the table index plus a whole number. With ``step`` 1 and ``beta`` 0 the symbols are those of the
    network without any gain.

    Attributes:
        step: step where the map is 0, in units of the network's own step; snapped to a power of
            ``RATIO``.
        beta: how much finer the step is where the map is 1.
        skip: whether cells whose map is 0 are left out: they cost nothing and decode to the mean.
        rounding: what is added to a magnitude before it is rounded down; 0.5 is the nearest.
        rdo: what a bit is worth, in squared steps of its place: a symbol is brought one nearer to 0
            where that saves more than it spoils. 0 does without.
    """

    ports: ClassVar[Mapping[str, Port]] = {"saliency": Port(Map, optional=True)}

    step: Annotated[float, Interval(ge=1 / _LARGEST, le=_LARGEST)] = 1.0
    beta: Annotated[float, Interval(ge=0.0, le=_LARGEST)] = 0.0
    skip: bool = False
    rounding: EncodeOnly[Annotated[float, Interval(ge=0.0, le=0.5)]] = 0.5
    rdo: EncodeOnly[Annotated[float, Interval(ge=0.0, le=1.0)]] = 0.0

    def layout(self, shape: Latent, guides: Guides, ctx: Context) -> Symbols:
        """Describe one symbol an entry; with ``skip`` those of cells whose map is above 0.

        Raises:
            SettingError: ``skip`` without a map.
        """
        if not self.skip:
            return Symbols(shape.shape, shape.grid)
        if "saliency" not in guides:
            raise SettingError(
                "skip leaves out cells where the map is 0, and there is no map",
                hint="Connect one, guides: {saliency: map}, or leave skip false.",
            )
        kept = self._levels(guides, shape) > 0
        return Symbols(shape.shape, shape.grid, mask=np.broadcast_to(kept, shape.shape).copy())

    def quantize(self, x: NDArray[np.float32], guides: Guides, ctx: Context) -> NDArray[np.int32]:
        """Turn finite float32 residuals into int32 of the same shape, within 2**24.

        Raises:
            PluginBroken: an entry is NaN or infinite.
        """
        return self._rounded(self._sizes(x, self.steps(guides, ctx)), x)

    def choose(
        self, x: Floats, places: NDArray[np.int64], price: Price, guides: Guides, ctx: Context
    ) -> NDArray[np.int32]:
        """Quantise the entries of a pass; see :meth:`Quantizer.choose`.

        Raises:
            PluginBroken: an entry is NaN or infinite.
        """
        assert isinstance(ctx.shape, Latent)
        steps = _taken(self.steps(guides, ctx), ctx.shape.shape, places)
        # Most entries are far below half a step: only the others are divided and looked at.
        least = steps * np.float32(_NEARLY * (1 - self.rounding))
        which = np.flatnonzero(~(np.abs(x) < least))
        some = x[which]
        sizes = self._sizes(some, steps[which] if steps.ndim else steps)
        level = self._rounded(sizes, some)
        if self.rdo and which.size:
            nearer = level - np.sign(level)
            spoilt = (sizes - np.abs(nearer)) ** 2 - (sizes - np.abs(level)) ** 2
            bits = price(np.append(level, nearer), np.append(which, which))
            saved = bits[: len(level)] - bits[len(level) :]
            level = np.where(spoilt < self.rdo * saved, nearer, level)
        q = np.zeros(x.shape, np.int32)
        q[which] = level
        return q

    def _sizes(self, x: Floats, steps: Floats) -> Floats:
        """Give magnitudes in steps."""
        # A sum of finite floats in double precision is finite.
        if not np.isfinite(x.sum(dtype=np.float64)):
            raise PluginBroken("expected finite latents, got NaN or infinity")
        made: Floats = np.minimum(np.abs(x), steps * np.float32(_BOUND))  # a quotient may overflow
        made /= steps
        return made

    def _rounded(self, sizes: Floats, x: Floats) -> NDArray[np.int32]:
        whole = np.floor(sizes + np.float32(self.rounding))
        made: NDArray[np.int32] = np.copysign(whole, x, out=whole).astype(np.int32)
        return made

    def dequantize(self, q: NDArray[np.int32], guides: Guides, ctx: Context) -> NDArray[np.float32]:
        """Turn int32 into float32 of the same shape: one IEEE multiplication an entry."""
        out: NDArray[np.float32] = q.astype(np.float32)
        out *= self.steps(guides, ctx)
        return out

    def steps(self, guides: Guides, ctx: Context) -> NDArray[np.float32]:
        """Give the step of every place: float32, broadcastable to the latent."""
        powers = _powers(_snapped(self.step) - self._finer(guides, ctx))
        made: NDArray[np.float32] = powers.astype(np.float32)
        return made

    def index_shift(self, guides: Guides, ctx: Context) -> NDArray[np.int32]:
        """Shift table indexes by the logarithm of the gain; int32 of ``ctx.shape``."""
        assert isinstance(ctx.shape, Latent)
        shifts = self._finer(guides, ctx) - _snapped(self.step)
        return np.broadcast_to(shifts.astype(np.int32), ctx.shape.shape)

    def _finer(self, guides: Guides, ctx: Context) -> NDArray[np.int64]:
        """Count by how many ratios the step is finer than where the map is 0."""
        if "saliency" not in guides or self.beta == 0:
            return np.zeros((), np.int64)
        assert isinstance(ctx.shape, Latent)
        gain = 1.0 + self.beta * self._levels(guides, ctx.shape).astype(np.float64)
        return np.searchsorted(_halfway(1.0 + self.beta), gain, side="right")

    def _levels(self, guides: Guides, shape: Latent) -> NDArray[np.float32]:
        """Give the map in the middle of every cell, broadcastable to the latent."""
        return at_places(guides["saliency"], shape)


def _taken(steps: Floats, shape: tuple[int, ...], places: NDArray[np.int64]) -> Floats:
    """Take steps, broadcastable to a latent, at flat places of it."""
    if steps.size == 1:
        return steps.reshape(())
    if steps.shape == shape[-steps.ndim :]:
        return steps.reshape(-1)[places % steps.size]
    made: Floats = np.broadcast_to(steps, shape)[np.unravel_index(places, shape)]
    return made


def _snapped(step: float) -> int:
    """Give the power of ``RATIO`` nearest in ratio."""
    over = step if step >= 1 else 1 / step
    power = int(np.searchsorted(_halfway(over), over, side="right"))
    return power if step >= 1 else -power


def _halfway(most: float) -> NDArray[np.float64]:
    """List the geometric means of neighbouring powers, by multiplication alone: always the same."""
    bounds = [math.sqrt(RATIO)]
    while bounds[-1] <= most:
        bounds.append(bounds[-1] * RATIO)
    return np.array(bounds)


def _powers(exponents: NDArray[np.int64]) -> NDArray[np.float64]:
    """Raise ``RATIO`` to whole powers, by multiplication and one division alone."""
    ladder = [1.0]
    for _ in range(int(np.abs(exponents).max(initial=0))):
        ladder.append(ladder[-1] * RATIO)
    up = np.array(ladder)[np.abs(exponents)]
    return np.where(exponents < 0, 1.0 / up, up)
