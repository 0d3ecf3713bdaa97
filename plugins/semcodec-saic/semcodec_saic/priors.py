"""Bits of symbols in training: a prior a channel for hyper-latents, Gaussians for latents.

This module imports torch.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

__all__ = ["Prior", "gaussian_bits"]

_LEAST_SCALE = 0.11
_LEAST = 2.0**-30
# Adam moves a parameter by about the learning rate a step; these would take thousands of steps.
_QUICK = 20.0


class _Bound(torch.autograd.Function):  # type: ignore[misc]
    """``max(x, bound)`` whose gradient still leads back above the bound."""

    @staticmethod
    def forward(ctx: Any, x: Any, bound: float) -> Any:
        ctx.save_for_backward(x)
        ctx.bound = bound
        return x.clamp(min=bound)

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> tuple[Any, None]:
        (x,) = ctx.saved_tensors
        return gradient * ((x >= ctx.bound) | (gradient < 0)), None


def gaussian_bits(residual: Any, scale: Any) -> Any:
    """Give the bits of unit bins under zero-mean Gaussians.

    Ballé et al., arXiv 1802.01436, equation 11: ``Φ((v + 1/2) / σ) - Φ((v - 1/2) / σ)``.

    Args:
        residual: float32 values v: integers, or with uniform noise in their stead.
        scale: float32 σ of the same shape; raised to 0.11, the smallest of the tables.
    """
    scale = _Bound.apply(scale, _LEAST_SCALE) * math.sqrt(2)
    size = residual.abs()  # the tail on the positive side loses no digits
    probability = torch.special.erfc((size - 0.5) / scale) - torch.special.erfc(
        (size + 0.5) / scale
    )
    return -torch.log2(_Bound.apply(probability * 0.5, _LEAST))


class Prior(nn.Module):  # type: ignore[misc]
    """A mixture of logistics for each channel of a hyper-latent.

    Args:
        channels: how many.
        parts: logistics in a mixture.
    """

    def __init__(self, channels: int, parts: int = 3) -> None:
        super().__init__()
        self.centres = nn.Parameter(torch.linspace(-1, 1, parts).repeat(channels, 1) / _QUICK)
        self.widths = nn.Parameter(torch.zeros(channels, parts))
        self.shares = nn.Parameter(torch.zeros(channels, parts))

    def forward(self, values: Any) -> Any:
        """Give the bits of unit bins.

        Args:
            values: float32 (batch, channels, rows, columns): integers, or with noise.
        """
        x = values[..., None] - self.centres[None, :, None, None] * _QUICK
        width = torch.exp((self.widths * _QUICK).clamp(-4, 6))[None, :, None, None]
        # Both tails on the side where their difference loses no digits.
        far = -x.abs()
        bins = torch.sigmoid((far + 0.5) / width) - torch.sigmoid((far - 0.5) / width)
        shares = torch.softmax(self.shares * _QUICK, dim=1)[None, :, None, None]
        return -torch.log2(_Bound.apply((bins * shares).sum(-1), _LEAST))
