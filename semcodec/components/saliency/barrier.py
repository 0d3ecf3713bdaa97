"""Saliency by the minimum barrier distance to the picture's border."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from semcodec.components.saliency._scans import barrier_distance, reconstruct
from semcodec.components.saliency._working import JUST_NOTICEABLE, enlarge, lab, shrink, unit
from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Guides, SaliencySource
from semcodec.contracts.params import Interval, component

__all__ = ["MinimumBarrier"]

Floats = NDArray[np.float32]

_TINY = 1e-6
"""Divides a map of zeros, and nothing else."""

_WITHIN = 3.0
"""Standard deviations within which a colour is the border's own."""

_PLAIN = 3 * JUST_NOTICEABLE
"""Largest barrier, a sum over three channels, below which a picture is plain: the map then stays
below 1 instead of showing what can hardly be seen."""


@component
class MinimumBarrier(SaliencySource):
    """What no smooth path from the border reaches matters (MB, and MB+ by ``background``).

    J. Zhang, S. Sclaroff, Z. Lin, X. Shen, B. Price, R. Mech, "Minimum Barrier Salient Object
    Detection at 80 FPS", ICCV 2015. B is the minimum barrier distance to the border, summed over
    the channels of Lab; U says how far a colour is from those of the border regions, in each
    region's whitened colours. B, or the mean of B and U, each divided by its largest, is smoothed
    by opening and closing by reconstruction, weighted towards the centre and put through a sigmoid.
    A flat picture gives zeros. The paper has 300 pixels, smoothing 1/6 and contrast 10, for
    segmentation; a guided codec is served better by no contrast (docs/saliency.md).

    Attributes:
        size: most pixels along a side of the picture that is looked at; the map is enlarged.
        scans: raster scans of the distance.
        background: whether to add U.
        border: width of the border regions as a share of each side.
        smoothing: width of the smoothing window as a share of the longer side, times the root of
            the map's mean; 0 for none.
        centre: how much the centre counts; at the corners, the map is multiplied by 1 - centre.
        contrast: steepness of the sigmoid about 0.5; 0 for none.
    """

    size: Annotated[int, Interval(ge=8, le=1024)] = 256
    scans: Annotated[int, Interval(ge=1, le=16)] = 4
    background: bool = True
    border: Annotated[float, Interval(ge=0.01, le=0.5)] = 0.1
    smoothing: Annotated[float, Interval(ge=0.0, le=1.0)] = 0.16
    centre: Annotated[float, Interval(ge=0.0, le=1.0)] = 1.0
    contrast: Annotated[float, Interval(ge=0.0, le=100.0)] = 0.0

    def saliency(self, image: NDArray[Any], guides: Guides, ctx: Context) -> Floats:
        """Give float32 (height, width) in [0, 1]; see the class."""
        colours = lab(shrink(image, self.size))
        distance = barrier_distance(np.moveaxis(colours, 2, 0), self.scans).sum(axis=0)
        values, seen = unit(distance, _TINY), unit(distance, _PLAIN).max()
        if self.background:
            apart = _backgroundness(colours, self.border)
            values, seen = (values + apart) * np.float32(0.5), max(seen, apart.max())
        values = _smooth(values, self.smoothing) * _centredness(values.shape, self.centre)
        values = _sigmoid(unit(values, _TINY) * seen, self.contrast)
        return enlarge(values, ctx.image.height, ctx.image.width)


def _backgroundness(colours: Floats, share: float) -> Floats:
    """Distance of every colour from those of the border regions, as in the paper's MB+.

    ``U_k = sqrt((x - m_k)ᵀ Q_k⁻¹ (x - m_k))`` with the mean and covariance of border region k,
    each scaled to a maximum of 1; the largest of the four is left out of their sum, since a
    thing may well touch one border.

    Args:
        colours: float32 (rows, columns, 3), Lab.
        share: width of the regions as a share of each side.

    Returns:
        float32 (rows, columns) in [0, 1].
    """
    rows, columns = colours.shape[:2]
    tall, wide = max(1, round(rows * share)), max(1, round(columns * share))
    total = np.zeros((rows, columns))
    largest = np.zeros((rows, columns))
    for region in (colours[:tall], colours[-tall:], colours[:, :wide], colours[:, -wide:]):
        known = region.reshape(-1, 3).astype(np.float64)
        away = (known - known.mean(axis=0)).T
        # What cannot be seen keeps the covariance of a plain border invertible.
        spread = away @ away.T / len(known) + JUST_NOTICEABLE**2 * np.eye(3)
        apart = (colours - known.mean(axis=0)) @ np.linalg.cholesky(np.linalg.inv(spread))
        near = unit(np.sqrt((apart**2).sum(axis=2)), _WITHIN)
        total += near
        np.maximum(largest, near, out=largest)
    return unit(total - largest, 2.0)


def _smooth(values: Floats, share: float) -> Floats:
    """Open and close by reconstruction: small bright and dark spots go, outlines stay."""
    from scipy.ndimage import grey_dilation, grey_erosion

    width = round(share * max(values.shape) * float(np.sqrt(values.mean())))
    if width < 2:
        return values
    window = (2 * (width // 2) + 1,) * 2
    opened = reconstruct(grey_erosion(values, window, mode="nearest"), values)
    closed: Floats = -reconstruct(-grey_dilation(opened, window, mode="nearest"), -opened)
    return closed


def _centredness(shape: tuple[int, ...], weight: float) -> Floats:
    """``1 - weight * d`` with d the distance from the centre, 1 at the corners."""
    y, x = (np.arange(side) - (side - 1) / 2 for side in shape)
    distance = np.hypot(y[:, None], x)
    weights: Floats = (1 - weight * distance / max(float(distance.max()), 0.5)).astype(np.float32)
    return weights


def _sigmoid(values: Floats, slope: float) -> Floats:
    """``1 / (1 + exp(-slope (v - 0.5)))``, stretched so that 0 and 1 stay where they are."""
    if slope == 0:
        return values
    curve = 1 / (1 + np.exp(-slope * (values.astype(np.float64) - 0.5)))
    low = 1 / (1 + np.exp(slope / 2))
    stretched: Floats = np.clip((curve - low) / (1 - 2 * low), 0, 1).astype(np.float32)
    return stretched
