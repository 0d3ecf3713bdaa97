"""Operations whose gradient is not theirs: rounding, and bounds that can be left again.

This module imports torch: it is for training.
"""

from __future__ import annotations

from typing import Any

import torch

__all__ = ["bounded", "replaced", "rounded"]


class _Replaced(torch.autograd.Function):  # type: ignore[misc]
    @staticmethod
    def forward(ctx: Any, x: Any, value: Any) -> Any:
        return value

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> Any:
        return gradient, None


class _Bounded(torch.autograd.Function):  # type: ignore[misc]
    @staticmethod
    def forward(ctx: Any, x: Any, low: Any, high: Any) -> Any:
        ctx.save_for_backward(x < low, x > high)
        return torch.minimum(torch.maximum(x, low), high)

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> Any:
        below, above = ctx.saved_tensors
        # Descent goes against the gradient: from below it must be negative to lead back inside.
        stuck = (below & (gradient > 0)) | (above & (gradient < 0))
        return gradient.masked_fill(stuck, 0), None, None


def replaced(x: Any, value: Any) -> Any:
    """Give ``value`` exactly, with the gradient of ``x`` (Bengio et al., arXiv 1308.3432)."""
    return _Replaced.apply(x, value)


def rounded(x: Any) -> Any:
    """Round to the nearest integer, halves up, with the gradient of the identity."""
    return replaced(x, torch.floor(x.detach() + 0.5))


def bounded(x: Any, low: Any, high: Any) -> Any:
    """Clamp, with gradients outside that lead back inside (Ballé et al., arXiv 1802.01436).

    Args:
        x: any tensor.
        low: least value, a number or a tensor that broadcasts.
        high: greatest value likewise.
    """
    low, high = (torch.as_tensor(each, dtype=x.dtype, device=x.device) for each in (low, high))
    return _Bounded.apply(x, low, high)
