"""A hyperprior as a network to be trained: means and scales from integers, as the decoder has them.

Mean and scale are those of Minnen et al., arXiv 1809.02736, with groups of channels and phases of
places (``order.py``) instead of its serial context model. This module imports torch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from semcodec.coding.tables import RATIO, SCALES, scale_grid
from semcodec_torch.entropy.conditional import Conditional
from semcodec_torch.entropy.likelihoods import Family, chosen, family_tables
from semcodec_torch.entropy.order import Group, parts, phases
from semcodec_torch.entropy.steps import BITS, FARTHEST, step_table
from semcodec_torch.exact.training import QuantizedConv2d, QuantizedNetwork
from semcodec_torch.straight import replaced

__all__ = ["Hyperprior"]

_MEAN = (1 << 15) - 1
_INDEX_UNIT = 8.0  # a weight that moves a mean by one step moves the index by a ratio of 2.7


class Hyperprior(nn.Module):  # type: ignore[misc]
    """The exact networks of ``torch.hyperprior``, trainable.

    Args:
        hyper_channels: channels of the hyper-latent, whose step is 1.
        groups: channels and phases of each group of the latent, in coding order; ``[(C, 1)]`` is
            one pass without any context.
        width: channels of the hidden layers.
        doublings: how often the hyper-latent's grid is doubled to become the latent's.
        fraction: bits of a mean after the point.
        clamp: largest residual, in steps of gain 1, that a context tells from larger ones, at
            most 127.
        reach: kernel of the contexts, 3 or 5.
        family: density of a residual, for the tables that are exported.
        scales: scale that every place has at the start, or one for each channel.
    """

    def __init__(
        self,
        hyper_channels: int,
        groups: Sequence[Group],
        *,
        width: int = 64,
        doublings: int = 2,
        fraction: int = 4,
        clamp: int = 127,
        reach: int = 3,
        family: Family = "gaussian",
        scales: float | Sequence[float] = 1.0,
    ) -> None:
        super().__init__()
        self.groups = tuple((int(channels), int(phases)) for channels, phases in groups)
        self.fraction, self.family = fraction, family
        channels = sum(each for each, _ in self.groups)
        # The hyper-latent's own integers come in, then 16 integers stand for 1.
        steps = [(hyper_channels, 1)] + [(width, 16)] * doublings
        layers = [
            QuantizedConv2d(inputs, 4 * width, upsampling="shuffle", unit_in=unit)
            for inputs, unit in steps[:-1]
        ]
        inputs, unit = steps[-1]
        layers.append(QuantizedConv2d(inputs, width, unit_in=unit))
        self.hyper = QuantizedNetwork(*layers)
        begun = torch.as_tensor(scales, dtype=torch.float32).expand(channels)
        index = (torch.log(begun / scale_grid()[0]) / math.log(RATIO)).clamp(0, SCALES - 1)
        self.heads, self.contexts = nn.ModuleList(), nn.ModuleList()
        for part in parts(self.groups):
            if part.seen:
                layer = QuantizedConv2d(2 * part.seen, width, reach, bound=clamp, unit_in=1)
                self.contexts.append(QuantizedNetwork(layer, clamp=clamp))
            taken = width + 1 + (width if part.seen else 0)
            self.heads.append(self._head(taken, width, index[part.start : part.stop]))
        table = torch.from_numpy(step_table().copy()).double() / (1 << BITS)
        self.register_buffer("steps", table, persistent=False)

    def _head(self, inputs: int, width: int, index: Any) -> QuantizedNetwork:
        count = len(index)
        last = QuantizedConv2d(
            width,
            2 * count,
            1,
            unit=[_INDEX_UNIT] * count + [float(1 << self.fraction)] * count,
            low=[0] * count + [-_MEAN] * count,
            high=[SCALES - 1] * count + [_MEAN] * count,
            output=True,
        )
        with torch.no_grad():
            last.weight.mul_(0.1)
            last.bias[:count] = index / _INDEX_UNIT
        return QuantizedNetwork(QuantizedConv2d(inputs, width, 1), last)

    def forward(
        self, z: Any, y: Any, shift: Any = 0, kept: Any = None, *, rdo: float = 0.0
    ) -> tuple[Any, Any]:
        """Predict a latent.

        Args:
            z: (batch, hyper_channels, rows, columns), the hyper-latent; it is rounded here.
            y: (batch, channels, rows, columns), the latent; contexts see what is coded before,
                rounded.
            shift: integers k, broadcastable to the latent: residuals are multiplied by
                ``RATIO**k`` before they are rounded. Of shifts that differ between channels the
                plane shows the largest.
            kept: booleans that broadcast to the latent, False where the symbol is not coded and
                counts as 0; None codes all.
            rdo: how contexts round, as :func:`~semcodec_torch.entropy.likelihoods.chosen` does.

        Returns:
            Table indexes, before any shift, and means, both of the latent's shape: those that the
            exported networks give, with gradients.
        """
        rows, columns = y.shape[2:]
        shift = torch.as_tensor(shift, device=y.device).long().clamp(-FARTHEST, FARTHEST)
        shift = shift.expand(len(y), shift.shape[-3] if shift.ndim > 2 else 1, rows, columns)
        kept = torch.ones((), dtype=torch.bool, device=y.device) if kept is None else kept
        kept = kept.expand(y.shape)
        plane = -shift.amax(dim=1, keepdim=True).float()
        features = torch.cat([self.hyper(z)[..., :rows, :columns], plane], dim=1)
        contexts = iter(self.contexts)
        done: list[Any] = []
        indexes, means = [], []
        for part, head in zip(parts(self.groups), self.heads, strict=True):
            of = slice(part.start, part.stop)
            if part.phase == 0:
                phase = torch.from_numpy(phases(part.phases, rows, columns)).to(y.device)
                index = mean = known = torch.zeros_like(y[:, of])
            seen = [*done, *_both(known)] if part.phase else done
            around = [next(contexts)(torch.cat(seen, dim=1))] if seen else []
            x = torch.cat([features, *around], dim=1)
            here = phase == part.phase
            index_here, mean_here = head(x).split(part.stop - part.start, dim=1)
            mean_here = mean_here / float(1 << self.fraction)
            index = torch.where(here, index_here, index)
            mean = torch.where(here, mean_here, mean)
            if part.stop < y.shape[1] or part.phase < part.phases - 1:
                steps = shift if shift.shape[1] == 1 else shift[:, of]
                made = self._residuals(y[:, of] - mean_here, index_here.detach(), steps, rdo)
                known = torch.where(here & kept[:, of], made, known)
            if part.phase == part.phases - 1:
                indexes.append(index)
                means.append(mean)
                done += _both(known)
        return torch.cat(indexes, dim=1), torch.cat(means, dim=1)

    def _residuals(self, wanted: Any, index: Any, shift: Any, rdo: float) -> Any:
        """Round to symbols, and give their residuals in steps of gain 1."""
        scaled = wanted * torch.pow(RATIO, shift.float())
        symbols = chosen(scaled, index, shift=shift, rdo=rdo, family=self.family)
        step = self.steps[shift + FARTHEST]
        # As integers compute it, in steps.py; the gradient is that of the residual itself.
        exact = torch.floor(symbols.detach().double() * step + 0.5).float()
        return replaced(symbols * step.float(), exact)

    def export(self) -> Conditional:
        """Give what ``torch.hyperprior`` takes as weights, proved exact.

        Raises:
            ValueError: weights that do not fit 8 bits, or a proof that fails.
        """
        return Conditional(
            hyper=self.hyper.export(),
            groups=self.groups,
            heads=tuple(head.export() for head in self.heads),
            contexts=tuple(context.export() for context in self.contexts),
            tables=family_tables(self.family),
            fraction=self.fraction,
        )


def _both(known: Any) -> list[Any]:
    return [known, known.abs()]
