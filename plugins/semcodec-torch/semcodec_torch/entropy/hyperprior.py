"""A hyperprior as a network to be trained: means and scales from integers, as the decoder has them.

Mean and scale are those of Minnen et al., arXiv 1809.02736, without its serial context model; the
optional checkerboard is that of He et al., arXiv 2103.15306. This module imports torch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from semcodec.coding.tables import RATIO, SCALES, scale_grid
from semcodec_torch.entropy.conditional import Conditional
from semcodec_torch.entropy.likelihoods import Family, family_tables
from semcodec_torch.entropy.steps import BITS, FARTHEST, step_table
from semcodec_torch.exact.training import QuantizedConv2d, QuantizedNetwork
from semcodec_torch.straight import replaced, rounded

__all__ = ["Hyperprior"]

_MEAN = (1 << 15) - 1
_INDEX_UNIT = 8.0  # a weight that moves a mean by one step moves the index by a ratio of 2.7


class Hyperprior(nn.Module):  # type: ignore[misc]
    """The exact networks of ``torch.hyperprior``, trainable.

    Args:
        hyper_channels: channels of the hyper-latent, whose step is 1.
        channels: channels of the latent.
        width: channels of the hidden layers.
        doublings: how often the hyper-latent's grid is doubled to become the latent's.
        context: whether a checkerboard's second pass sees the first.
        fraction: bits of a mean after the point.
        clamp: largest residual, in steps of gain 1, that the context tells from larger ones, at
            most 127.
        reach: kernel of the context, 3 or 5.
        family: density of a residual, for the tables that are exported.
        scales: scale that every place has at the start, or one for each channel.
    """

    def __init__(
        self,
        hyper_channels: int,
        channels: int,
        *,
        width: int = 64,
        doublings: int = 2,
        context: bool = False,
        fraction: int = 4,
        clamp: int = 127,
        reach: int = 3,
        family: Family = "gaussian",
        scales: float | Sequence[float] = 1.0,
    ) -> None:
        super().__init__()
        self.channels, self.fraction, self.family = channels, fraction, family
        # The hyper-latent's own integers come in, then 16 integers stand for 1.
        steps = [(hyper_channels, 1)] + [(width, 16)] * doublings
        layers = [
            QuantizedConv2d(inputs, 4 * width, upsampling="shuffle", unit_in=unit)
            for inputs, unit in steps[:-1]
        ]
        inputs, unit = steps[-1]
        layers.append(QuantizedConv2d(inputs, width, unit_in=unit))
        self.hyper = QuantizedNetwork(*layers)
        self.head = self._head(width + 1, width)
        self.context: QuantizedNetwork | None = None
        self.joint: QuantizedNetwork | None = None
        if context:
            self.context = QuantizedNetwork(
                QuantizedConv2d(2 * channels, width, reach, bound=clamp, unit_in=1), clamp=clamp
            )
            self.joint = self._head(2 * width + 1, width)
        table = torch.from_numpy(step_table().copy()).double() / (1 << BITS)
        self.register_buffer("steps", table, persistent=False)
        begun = torch.as_tensor(scales, dtype=torch.float32).expand(channels)
        index = (torch.log(begun / scale_grid()[0]) / math.log(RATIO)).clamp(0, SCALES - 1)
        with torch.no_grad():
            for head in (self.head, self.joint):
                if head is not None:
                    head.layers[-1].bias[:channels] = index / _INDEX_UNIT

    def _head(self, inputs: int, width: int) -> QuantizedNetwork:
        means = [float(1 << self.fraction)] * self.channels
        last = QuantizedConv2d(
            width,
            2 * self.channels,
            1,
            unit=[_INDEX_UNIT] * self.channels + means,
            low=[0] * self.channels + [-_MEAN] * self.channels,
            high=[SCALES - 1] * self.channels + [_MEAN] * self.channels,
            output=True,
        )
        with torch.no_grad():
            last.weight.mul_(0.1)
        return QuantizedNetwork(QuantizedConv2d(inputs, width, 1), last)

    def forward(self, z: Any, y: Any, shift: Any = 0, kept: Any = None) -> tuple[Any, Any]:
        """Predict a latent.

        Args:
            z: (batch, hyper_channels, rows, columns), the hyper-latent; it is rounded here.
            y: (batch, channels, rows, columns), the latent; of it the context sees the anchors,
                rounded.
            shift: integers k, broadcastable to the latent: residuals are multiplied by
                ``RATIO**k`` before they are rounded. Of shifts that differ between channels the
                plane shows the largest.
            kept: booleans that broadcast to the latent, False where the symbol is not coded and
                counts as 0; None codes all.

        Returns:
            Table indexes, before any shift, and means, both of the latent's shape: those that the
            exported networks give, with gradients.
        """
        rows, columns = y.shape[2:]
        shift = torch.as_tensor(shift, device=y.device).long().clamp(-FARTHEST, FARTHEST)
        shift = shift.expand(len(y), shift.shape[-3] if shift.ndim > 2 else 1, rows, columns)
        plane = -shift.amax(dim=1, keepdim=True).float()
        features = torch.cat([self.hyper(z)[..., :rows, :columns], plane], dim=1)
        index, mean = self._parted(self.head(features))
        if self.context is None or self.joint is None:
            return index, mean
        line = torch.arange(max(rows, columns), device=y.device)
        anchor = (line[:rows, None] + line[:columns]) % 2 == 0
        coded = anchor if kept is None else anchor & kept
        symbols = torch.where(coded, rounded((y - mean) * torch.pow(RATIO, shift.float())), 0.0)
        step = self.steps[shift + FARTHEST]
        # As integers compute it, in steps.py; the gradient is that of the residual itself.
        exact = torch.floor(symbols.detach().double() * step + 0.5).float()
        known = replaced(symbols * step.float(), exact)
        around = self.context(torch.cat([known, known.abs()], dim=1))
        seen = torch.cat([features, around], dim=1)
        late_index, late_mean = self._parted(self.joint(seen))
        return torch.where(anchor, index, late_index), torch.where(anchor, mean, late_mean)

    def _parted(self, parameters: Any) -> tuple[Any, Any]:
        index, mean = parameters.split(self.channels, dim=1)
        return index, mean / float(1 << self.fraction)

    def export(self) -> Conditional:
        """Give what ``torch.hyperprior`` takes as weights, proved exact.

        Raises:
            ValueError: weights that do not fit 8 bits, or a proof that fails.
        """
        return Conditional(
            hyper=self.hyper.export(),
            head=self.head.export(),
            context=None if self.context is None else self.context.export(),
            joint=None if self.joint is None else self.joint.export(),
            tables=family_tables(self.family),
            fraction=self.fraction,
        )
