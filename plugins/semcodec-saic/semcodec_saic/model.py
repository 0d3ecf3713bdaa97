"""The codec as one module to train: from picture, map and gains to rates and errors.

This module imports torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from semcodec_torch.entropy.hyperprior import Hyperprior
from semcodec_torch.entropy.likelihoods import FactorizedPrior, Family, chosen, scaled_bits
from semcodec_torch.entropy.order import Group
from semcodec_torch.entropy.tables import to_arrays
from semcodec_torch.training.task import Terms
from torch import nn

from semcodec.coding.tables import RATIO
from semcodec_saic.gains import LAMBDA
from semcodec_saic.networks import CELL, Networks, Widths, scales

__all__ = ["Coded", "Model"]

_FAMILY: Family = "laplace"
"""Of given table indexes, symbols of photographs took 3 % less in Laplace tables than in Gaussian
ones, and within 1 % of what tables of their own would take."""


@dataclass(frozen=True)
class Coded:
    """What coding a batch gave.

    Attributes:
        picture: float32 (batch, 3, height, width), not clipped.
        latent_bits: float32 (batch, latent, rows, columns).
        hyper_bits: float32 (batch, hyper, rows / 4, columns / 4).
    """

    picture: Any
    latent_bits: Any
    hyper_bits: Any


class Model(nn.Module):  # type: ignore[misc]
    """The networks and the loss ``R + λ 255² mean(w (x - x̂)²)``.

    The step λ(Δ_base) and w = (1 + β M)² are those of :mod:`semcodec_saic.gains`.

    Args:
        widths: sizes.
        groups: channels and phases of each group of the latent, in coding order.
        balance: a sample's loss is multiplied by ``Δ**balance``, Δ being its mean step. The loss of
            a trained model spans a factor of about 20 from the coarsest step to the finest, as the
            rate does; with 1 an equal percentage of rate weighs about the same at all steps.
        rdo: what a bit is worth to the encoder, as ``saic.saliency-gain`` has it.
    """

    def __init__(
        self, widths: Widths, groups: Sequence[Group], balance: float = 1.0, rdo: float = 0.0
    ) -> None:
        super().__init__()
        self.networks = Networks(widths)
        self.hyperprior = Hyperprior(
            widths.hyper,
            groups,
            width=widths.hyper,
            family=_FAMILY,
            scales=scales(widths.latent).tolist(),
        )
        self.prior = FactorizedPrior(widths.hyper)
        self._balance, self._rdo = balance, rdo

    def code(self, picture: Any, saliency: Any, gain_index: Any, kept: Any = None) -> Coded:
        """Code a batch; in training mode with noise in place of rounding where gradients need it.

        Reconstructions are made of rounded values with a straight-through gradient in either mode
        (Minnen and Singh, arXiv 2007.08739, section 3.3): the synthesis network sees at training
        what it will see in use. So do the scales, which learn from the symbols themselves: where
        a scale is far below a step, noise costs bits that no symbol costs, of 320 channels about as
        many as the least rates have. Latents and means learn from noise: rounding has no slope.

        Args:
            picture: float32 (batch, 3, height, width) in [0, 1], sides multiples of 64.
            saliency: float32 (batch, 1, height, width); zeros for a plain encoding.
            gain_index: int (batch, 1, height / 16, width / 16), k of ``RATIO**k``.
            kept: bool of the same shape, False where nothing is coded; None codes all.
        """
        latent = self.networks.analysis(picture, saliency)
        hyper = self.networks.hyper_analysis(latent)
        with torch.autocast(latent.device.type, enabled=False):
            gain = torch.pow(RATIO, gain_index.float())
            index, mean = self.hyperprior(
                hyper.float(), latent.float(), gain_index, kept, rdo=self._rdo
            )
            residual = (latent.float() - mean) * gain
            if kept is not None:
                residual = torch.where(kept, residual, 0.0)
            symbols = chosen(
                residual, index.detach(), shift=gain_index, rdo=self._rdo, family=_FAMILY
            )
            decoded = mean + symbols / gain
            latent_bits = self._latent_bits(residual, symbols, index, gain_index)
            if kept is not None:
                latent_bits = torch.where(kept, latent_bits, 0.0)
            hyper_bits = self.prior(hyper.float(), "noise" if self.training else "straight")
        return Coded(self.networks.synthesis(decoded, -gain_index.float()), latent_bits, hyper_bits)

    def _latent_bits(self, residual: Any, symbols: Any, index: Any, gain_index: Any) -> Any:
        """Give the bits of symbols, with gradients of noisy ones for what is coded."""
        made = scaled_bits(
            symbols.detach(), index, shift=gain_index, how="straight", family=_FAMILY
        )
        if not self.training:
            return made
        noisy = scaled_bits(residual, index.detach(), shift=gain_index, family=_FAMILY)
        return made + noisy - noisy.detach()

    def entropy(self) -> dict[str, NDArray[Any]]:
        """Give exact networks and tables of the weights as they are, as named integer tensors.

        Raises:
            ValueError: weights that do not fit 8 bits, or a proof that fails.
        """
        return {**self.hyperprior.export().to_arrays(), **to_arrays(self.prior.export(), "prior")}

    def forward(self, batch: dict[str, Any]) -> Terms:
        """Give the terms of a batch, as :class:`semcodec_saic.training.Saic` prepares it."""
        picture = batch["picture"].float().permute(0, 3, 1, 2) / 255
        # In the layout of the weights, whichever it is.
        picture = picture.contiguous(memory_format=_layout(self.networks.analysis.layers[0].weight))
        saliency = batch["saliency"].float()[:, None] / 255
        kept = batch["kept"][:, None]
        coded = self.code(picture, saliency, batch["gain_index"][:, None], kept)
        pixels = picture.shape[-1] * picture.shape[-2]
        latent = coded.latent_bits.sum((1, 2, 3)) / pixels
        hyper = coded.hyper_bits.sum((1, 2, 3)) / pixels
        error = ((picture - coded.picture) ** 2).mean(1)
        weight = batch["weight"].repeat_interleave(CELL, 1).repeat_interleave(CELL, 2)
        weighted = (weight * error).mean((1, 2))
        step = batch["step"]
        loss = latent + hyper + LAMBDA / step**2 * 255**2 * weighted
        share = (step / batch["weight"].mean((1, 2)).sqrt()) ** self._balance
        return Terms(
            loss=(share * loss).mean(),
            rates={"rate": (latent + hyper).mean(), "hyper": hyper.mean()},
            errors={"psnr": error.mean()},
        )


def _layout(weight: Any) -> Any:
    last = weight.is_contiguous(memory_format=torch.channels_last)
    return torch.channels_last if last else torch.contiguous_format
