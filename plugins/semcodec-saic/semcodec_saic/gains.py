"""Steps and gains: what a base step and a map mean for latents, distortion and lambda.

Latent cell (i, j) has the step ``Δ(i,j) = Δ_base / (1 + β M(i,j))`` and the gain ``1 / Δ(i,j)``, on
the grid ``RATIO**k`` of the scale tables, so that a gain moves a table index by the integer k.

**Lambda follows the step.** At high rate a latent of step Δ has the distortion ``D = c Δ²`` and
the rate ``R = R0 - n log2 Δ`` bits a pixel, with n latents a pixel; the least of ``R + λ D`` is
where ``λ = n / (2 ln 2 c Δ²)``. So of all lambdas the one proportional to ``Δ**-2`` is that for
which Δ is the best step; c is the network's own to scale. Hence ``λ(Δ) = LAMBDA / Δ²``, and within
a picture ``w(i,j) = (1 + β M(i,j))²``: a cell of a finer step counts as if all of the picture had
that step.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.coding.tables import RATIO

__all__ = ["COARSEST", "LAMBDA", "gain_index", "lambda_of", "step_of", "weight_of"]

COARSEST = 24
"""Index of the coarsest base step, ``RATIO**24`` or 19; the finest is 1, index 0."""

LAMBDA = 0.08
"""Lambda at the step 1, in the convention of CompressAI: times 255² and a mean squared error of
pixels in [0, 1]. With :data:`COARSEST` it spans about 0.05 to 1.2 bits a pixel."""

_LOG_RATIO = math.log(RATIO)


def step_of(index: int) -> float:
    """Give the base step of an index from 0 to :data:`COARSEST`."""
    return float(RATIO**index)


def lambda_of(step: float) -> float:
    """Give the lambda that a base step is for."""
    return LAMBDA / step**2


def gain_index(index: int, beta: float, saliency: NDArray[np.floating[Any]]) -> NDArray[np.int32]:
    """Snap the gains of a map to the grid.

    Args:
        index: of the base step.
        beta: how much finer the step is where the map is 1; 0 ignores the map.
        saliency: the decoded map, in [0, 1].

    Returns:
        int32 k of the map's shape; the gain is ``RATIO**k`` and k moves the table index.
    """
    finer = np.log1p(beta * saliency.astype(np.float64)) / _LOG_RATIO
    return (np.floor(finer + 0.5) - index).astype(np.int32)


def weight_of(beta: float, saliency: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Give the weight of the distortion in each cell, ``(1 + β M)²``."""
    return ((1 + beta * saliency) ** 2).astype(np.float32)
