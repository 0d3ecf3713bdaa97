"""Randomness as a function of the place: nothing has to be saved to go on exactly."""

from __future__ import annotations

import numpy as np

__all__ = ["SAMPLES", "STEPS", "WEIGHTS", "rng_of", "seed_of"]

WEIGHTS, SAMPLES, STEPS = range(3)
"""What a number is drawn for; keeps equal counters of different uses apart."""


def seed_of(seed: int, use: int, *counters: int) -> int:
    """Derive a seed of 63 bits, for ``torch.Generator.manual_seed``.

    Args:
        seed: the run's, not negative.
        use: one of the constants of this module.
        counters: where in the run, such as step and process; not negative.
    """
    state = np.random.SeedSequence((seed, use, *counters)).generate_state(1, np.uint64)
    return int(state[0] >> np.uint64(1))


def rng_of(seed: int, use: int, *counters: int) -> np.random.Generator:
    """Derive a NumPy generator; the arguments are :func:`seed_of`'s."""
    return np.random.default_rng(np.random.SeedSequence((seed, use, *counters)))
