# if metric
"""A metric: compares a decoded picture with its reference."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from semcodec import Metric, component

__all__ = ["MaxError"]


@component
class MaxError(Metric):
    """Largest error of any sample, in levels."""

    unit = "levels"
    higher_is_better = False

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two pictures of one shape and dtype."""
        return float(np.abs(reference.astype(np.int32) - decoded).max())
# end
