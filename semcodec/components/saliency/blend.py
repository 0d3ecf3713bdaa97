"""Saliency of several sources at once."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from semcodec.components.saliency._working import unit
from semcodec.components.saliency.barrier import MinimumBarrier
from semcodec.components.saliency.contrast import SpectralResidual
from semcodec.components.saliency.plain import Centre
from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Guides, SaliencySource
from semcodec.contracts.params import Interval, component

__all__ = ["Blend"]


@component
class Blend(SaliencySource):
    """Two sources averaged, and weighed by a third.

    ``((1 - share) first + share second) prior``, scaled to the largest value it had before the
    prior, which so moves weight and takes none. The defaults are the best blend without a
    learned model that was measured (docs/saliency.md).

    Attributes:
        first: a source.
        second: another.
        share: share of the second.
        prior: the source that the mean of the two is multiplied by; ``everywhere`` for none.
    """

    first: SaliencySource = MinimumBarrier(background=False, centre=0.0)
    second: SaliencySource = SpectralResidual()
    share: Annotated[float, Interval(ge=0.0, le=1.0)] = 0.5
    prior: SaliencySource = Centre(width=0.35)

    def saliency(self, image: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[np.float32]:
        """Give float32 (height, width) in [0, 1]; see the class."""
        total = self.second.saliency(image, guides, ctx) * np.float32(self.share)
        total += self.first.saliency(image, guides, ctx) * np.float32(1 - self.share)
        largest = min(total.max(), np.float32(1))  # the two shares may round to more than 1
        total *= self.prior.saliency(image, guides, ctx)
        result: NDArray[np.float32] = unit(total, 1e-6) * largest
        return result
