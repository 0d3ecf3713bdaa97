"""How energy is spread over a picture."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

__all__ = ["Statistics", "statistics"]


class Statistics(TypedDict):
    """What is known of an energy map; ratios are shares of the pixels."""

    mean_energy: float
    max_energy: float
    energy_std: float
    high_importance_ratio: float
    low_importance_ratio: float
    size: tuple[int, int]


def statistics(energy: NDArray[np.float32]) -> Statistics:
    """Describe an energy map of values in [0, 1]: above 0.7 is high, below 0.3 low."""
    return {
        "mean_energy": float(energy.mean(dtype=np.float64)),
        "max_energy": float(energy.max()),
        "energy_std": float(energy.std(dtype=np.float64)),
        "high_importance_ratio": float((energy > 0.7).mean()),
        "low_importance_ratio": float((energy < 0.3).mean()),
        "size": (energy.shape[0], energy.shape[1]),
    }
