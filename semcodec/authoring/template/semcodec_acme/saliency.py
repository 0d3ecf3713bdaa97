# if saliency
"""A saliency source: where the picture matters. The encoder's alone: it may change any time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from semcodec import Context, Interval, SaliencySource, component

__all__ = ["Edges"]


@component
class Edges(SaliencySource):
    """Edges matter: the gradient of the brightness, over its largest.

    Attributes:
        floor: the least that flat areas matter.
    """

    floor: Annotated[float, Interval(ge=0, le=1)] = 0.1

    def saliency(
        self, image: NDArray[Any], guides: Mapping[str, Any], ctx: Context
    ) -> NDArray[np.float32]:
        """Rate every pixel: float32 (height, width) in [0, 1]."""
        brightness = image.astype(np.float32).mean(axis=2)
        change = np.zeros_like(brightness)
        change[1:] += np.abs(np.diff(brightness, axis=0))
        change[:, 1:] += np.abs(np.diff(brightness, axis=1))
        rated = np.maximum(change / max(float(change.max()), 1.0), self.floor)
        return np.asarray(rated, np.float32)
# end
