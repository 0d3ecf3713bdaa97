"""The learning rate: a short rise, a long plateau, a fall to zero at the end."""

from __future__ import annotations

__all__ = ["factor"]


def factor(step: int, progress: float, *, warmup: int, cooldown: float) -> float:
    """Say what to multiply the learning rate by.

    The plateau keeps a run open: what continues from it does not have to undo a decay (warm-up,
    stable, decay; Hu et al., MiniCPM, arXiv 2404.06395, section 4). It is a function, not an
    object with a state, so there is nothing to save.

    Args:
        step: steps done before this one, since the weights were new or given.
        progress: how much of the run is over, 0 to 1, in steps or in time.
        warmup: steps of linear rise.
        cooldown: the part of the run, 0 to 1, over which the rate falls linearly to zero.

    Returns:
        A factor from 0 to 1.
    """
    rise = min(1.0, (step + 1) / max(1, warmup))
    fall = 1.0 if cooldown <= 0 else min(1.0, max(0.0, (1 - progress) / cooldown))
    return rise * fall
