"""Colour: differences as the eye sees them, of pixels, of large areas, of distributions."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from semcodec import Interval, Metric, component
from semcodec_metrics.packages import made_by
from semcodec_metrics.pictures import correlation, pair, unit_rgb

__all__ = ["Ciede2000", "ColourMap", "LabHistogram"]

_RANGES = ((0.0, 100.0), (-128.0, 127.0), (-128.0, 127.0))


def _lab(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn sRGB in [0, 1] into CIELAB, white D65, 2 degree observer."""
    from skimage.color import rgb2lab

    return rgb2lab(samples)  # type: ignore[no-any-return]


def _difference(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    from skimage.color import deltaE_ciede2000

    difference: Any = deltaE_ciede2000
    return float(np.mean(difference(_lab(left), _lab(right))))


@component
class Ciede2000(Metric):
    """Mean colour difference CIEDE2000 over the pixels (Sharma et al. 2005); 0 for equal ones.

    About 1 is just visible on large patches. Alpha is laid over white.
    """

    version: ClassVar[str] = made_by("scikit-image", "kL=kC=kH=1, D65, mean")
    unit: ClassVar[str] = "ΔE00"
    higher_is_better: ClassVar[bool] = False

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or are no pictures.
        """
        left, right = pair(reference, decoded, "metrics.ciede2000")
        return _difference(unit_rgb(left), unit_rgb(right))


@component
class ColourMap(Metric):
    """Mean CIEDE2000 between the colour maps: the box averages over blocks of the picture.

    Says whether the large areas kept their colour, whatever became of texture: the guide of
    codecs that send a small colour map and generate the rest. Averages are of the sRGB values;
    blocks at the right and lower edge are those that remain.

    Attributes:
        block: side of a block in pixels.
    """

    version: ClassVar[str] = made_by("scikit-image", "box averages of sRGB, CIEDE2000")
    unit: ClassVar[str] = "ΔE00"
    higher_is_better: ClassVar[bool] = False
    block: Annotated[int, Interval(ge=1, le=1024)] = 16

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or are no pictures.
        """
        left, right = pair(reference, decoded, "metrics.colour-map")
        return _difference(self._map(unit_rgb(left)), self._map(unit_rgb(right)))

    def _map(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        rows, columns = (np.arange(0, side, self.block) for side in samples.shape[:2])
        sums = np.add.reduceat(np.add.reduceat(samples, rows, axis=0), columns, axis=1)
        heights = np.diff(np.append(rows, samples.shape[0]))
        widths = np.diff(np.append(columns, samples.shape[1]))
        return sums / (heights[:, None, None] * widths[None, :, None])  # type: ignore[no-any-return]


@component
class LabHistogram(Metric):
    """Correlation of CIELAB histograms, mean over L*, a* and b*; in [-1, 1], 1 for equal ones.

    Of every channel a histogram over its whole range, L* in [0, 100] and a*, b* in [-128, 127],
    and Pearson's coefficient of the two histograms. Blind to where colours are. Alpha is laid
    over white.

    Attributes:
        bins: of each channel's histogram.
    """

    version: ClassVar[str] = made_by("scikit-image", "marginal histograms, Pearson")
    bins: Annotated[int, Interval(ge=2, le=1024)] = 64

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or are no pictures.
        """
        left, right = pair(reference, decoded, "metrics.lab-histogram")
        one, other = self._histograms(unit_rgb(left)), self._histograms(unit_rgb(right))
        return float(np.mean([correlation(a, b) for a, b in zip(one, other, strict=True)]))

    def _histograms(self, samples: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        lab = _lab(samples)
        return [
            np.histogram(np.clip(lab[..., c], *span), self.bins, span)[0].astype(np.float64)
            for c, span in enumerate(_RANGES)
        ]
