"""Likelihoods to train with: bits of symbols under a factorized prior or a density of known scale.

Rounding is stood in for by uniform noise in [-1/2, 1/2), whose bits are those of a density that is
the prior convolved with that noise (Ballé et al., arXiv 1802.01436, equation 6 of the appendix), or
is carried out with a straight-through gradient. This module imports torch.
"""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise
from typing import Any, Literal, TypeAlias

import numpy as np
import torch
from torch import nn

from semcodec.coding.tables import RATIO, SCALES, gaussian_tables, scale_grid, scale_tables
from semcodec.contracts.coding import Tables
from semcodec_torch.entropy.tables import from_probabilities
from semcodec_torch.straight import bounded, replaced, rounded

__all__ = [
    "FactorizedPrior",
    "Family",
    "Rounding",
    "chosen",
    "family_tables",
    "gaussian_bits",
    "rounding",
    "scale_of",
    "scaled_bits",
]

Family: TypeAlias = Literal["gaussian", "laplace"]
"""Densities of a residual of a known scale. Scales are estimates, and what they get wrong makes
tails heavier than a Gaussian's."""

Rounding: TypeAlias = Literal["noise", "straight"]
"""``"noise"`` adds uniform noise, ``"straight"`` rounds with a straight-through gradient."""

LEAST = 2.0**-30
"""Probabilities below this count as this: a gradient would vanish."""


def rounding(x: Any, how: Rounding) -> Any:
    """Round, or stand in for it."""
    if how == "noise":
        return x + torch.rand_like(x) - 0.5
    return rounded(x)


def _bits(probability: Any) -> Any:
    return -torch.log2(bounded(probability, LEAST, math.inf))


def scale_of(index: Any) -> Any:
    """Give the scale of a table index, which may be any real number within the grid."""
    low = scale_grid()[0]
    return low * torch.exp(index.clamp(0, SCALES - 1) * math.log(RATIO))


def gaussian_bits(residual: Any, index: Any, *, shift: Any = 0, how: Rounding = "noise") -> Any:
    """Give the bits of symbols under Gaussians of the scale grid, as ``gaussian_tables`` has them.

    See :func:`scaled_bits`.
    """
    return scaled_bits(residual, index, shift=shift, how=how)


def scaled_bits(
    residual: Any,
    index: Any,
    *,
    shift: Any = 0,
    how: Rounding = "noise",
    family: Family = "gaussian",
) -> Any:
    """Give the bits of symbols under a family of the scale grid, as :func:`family_tables` has them.

    Args:
        residual: what is rounded to symbols: latents less their means, times their gain.
        index: table indexes, of the residual's shape or broadcastable, with a gradient.
        shift: what a quantizer's ``index_shift`` adds to them.
        how: noise, or rounding.
        family: the form of the density; a scale is its standard deviation.

    Returns:
        float32 bits of each symbol.
    """
    scale = scale_of(bounded(index + shift, 0, SCALES - 1).float())
    # Symmetry: both tails on the side where their difference loses no digits.
    size = rounding(residual.float(), how).abs()
    upper, lower = (size + 0.5) / scale, (size - 0.5) / scale
    if family == "gaussian":
        half = math.sqrt(0.5)
        return _bits(0.5 * (torch.special.erfc(lower * half) - torch.special.erfc(upper * half)))
    above = 0.5 * torch.exp(-math.sqrt(2) * upper)
    beside = 0.5 * torch.exp(-math.sqrt(2) * lower.abs())
    return _bits(torch.where(lower < 0, 1 - beside - above, beside - above))


def chosen(
    residual: Any, index: Any, *, shift: Any = 0, rdo: float = 0.0, family: Family = "gaussian"
) -> Any:
    """Round to symbols as an encoder does that weighs bits, with the gradient of the identity.

    Args:
        residual: as of :func:`scaled_bits`.
        index: likewise; takes no gradient.
        shift: likewise.
        rdo: what a bit is worth, in squared steps: a symbol comes one nearer to 0 where that saves
            more than it spoils. 0 gives the nearest.
        family: likewise.
    """
    made = rounded(residual)
    if not rdo:
        return made
    with torch.no_grad():
        size = made.abs()
        nearer = (size - 1).clamp_min(0)
        form: dict[str, Any] = {"shift": shift, "how": "straight", "family": family}
        saved = scaled_bits(size, index, **form) - scaled_bits(nearer, index, **form)
        spoilt = (residual.abs() - nearer) ** 2 - (residual.abs() - size) ** 2
        size = torch.where(spoilt < rdo * saved, nearer, size) * made.sign()
    return replaced(residual, size)


@cache
def family_tables(family: Family) -> Tables:
    """Give the integer tables of a family, one for each scale of the core's grid."""
    if family == "gaussian":
        return gaussian_tables()
    return scale_tables(lambda x, scale: 0.5 * math.exp(-math.sqrt(2) * x / scale))


class FactorizedPrior(nn.Module):  # type: ignore[misc]
    """One learned density a channel, for latents that nothing is known about.

    The cumulative of every channel is a small monotone network (Ballé et al., arXiv 1802.01436,
    appendix 6.1).

    Args:
        channels: channels of the latent, its second axis.
        spread: about how far it reaches at the start.
        widths: of the hidden layers.
    """

    def __init__(
        self, channels: int, *, spread: float = 10.0, widths: tuple[int, ...] = (3, 3, 3)
    ) -> None:
        super().__init__()
        self.channels = channels
        sizes = (1, *widths, 1)
        scale = spread ** (1 / (len(sizes) - 1))
        self.matrices, self.offsets, self.factors = (nn.ParameterList() for _ in range(3))
        for before, after in pairwise(sizes):
            start = math.log(math.expm1(1 / scale / after))
            self.matrices.append(nn.Parameter(torch.full((channels, after, before), start)))
            self.offsets.append(nn.Parameter(torch.rand(channels, after, 1) - 0.5))
            if after != 1 or len(self.matrices) < len(sizes) - 1:
                self.factors.append(nn.Parameter(torch.zeros(channels, after, 1)))

    def _logits(self, x: Any) -> Any:
        """Logits of the cumulative: x is (channels, 1, values)."""
        for place, (matrix, offset) in enumerate(zip(self.matrices, self.offsets, strict=True)):
            x = nn.functional.softplus(matrix.to(x.dtype)) @ x + offset.to(x.dtype)
            if place < len(self.factors):
                x = x + torch.tanh(self.factors[place].to(x.dtype)) * torch.tanh(x)
        return x

    def _probability(self, x: Any) -> Any:
        lower, upper = self._logits(x - 0.5), self._logits(x + 0.5)
        # As above: the difference of two sigmoids where both are small.
        sign = -torch.sign((lower + upper).detach())
        sign = torch.where(sign == 0, torch.ones_like(sign), sign)
        return (torch.sigmoid(sign * upper) - torch.sigmoid(sign * lower)).abs()

    def forward(self, x: Any, how: Rounding = "noise") -> Any:
        """Give the bits of a latent.

        Args:
            x: (batch, channels, ...), not yet rounded.
            how: noise, or rounding.

        Returns:
            float32 bits of the same shape.
        """
        with torch.autocast(x.device.type, enabled=False):
            rows = rounding(x.float(), how).transpose(0, 1)
            made = _bits(self._probability(rows.reshape(self.channels, 1, -1)))
            return made.reshape(rows.shape).transpose(0, 1)

    def export(self, reach: int = 127) -> Tables:
        """Give one integer table a channel.

        Args:
            reach: the largest magnitude that a table holds; what lies beyond is escaped.
        """
        with torch.no_grad():
            device = self.matrices[0].device
            x = torch.arange(-reach, reach + 1, dtype=torch.float64, device=device)
            rows = self._probability(x.expand(self.channels, 1, -1))[:, 0].cpu().numpy()
        return from_probabilities(np.asarray(rows, dtype=np.float64), -reach)
