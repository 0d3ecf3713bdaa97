"""Whether edges stayed where they were."""

from __future__ import annotations

from typing import Any, ClassVar

from numpy.typing import NDArray

from semcodec import Metric, component
from semcodec_metrics.packages import made_by
from semcodec_metrics.pictures import correlation, luma, pair, peak

__all__ = ["EdgeCorrelation"]


@component
class EdgeCorrelation(Metric):
    """Correlation (Pearson) of the Sobel gradients' magnitudes of the luma; in [-1, 1].

    1 for equal pictures. Where both have no edge at all it is 1, where one has none 0. Alpha is
    laid over white.
    """

    version: ClassVar[str] = made_by("scikit-image", "sobel of BT.709 luma, Pearson")

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or are no pictures.
        """
        from skimage.filters import sobel

        left, right = pair(reference, decoded, "metrics.edge-correlation")
        edges: Any = sobel
        top = peak(reference)
        return correlation(edges(luma(left) / top), edges(luma(right) / top))
