"""Bjøntegaard's delta rate over a band of rates."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from scipy.interpolate import PchipInterpolator

__all__ = ["Delta", "bd_rate", "front"]

GRID = 4001


class Delta(NamedTuple):
    """A difference of two curves.

    Attributes:
        percent: rate of the tested codec over the anchor's at equal quality, less one, in percent;
            NaN where the curves do not meet inside the band.
        covered: share of the anchor's qualities inside the band that the tested curve reaches;
            what is missing was not compared.
    """

    percent: float
    covered: float


def front(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Sort (rate, quality) and leave out what a cheaper point equals or beats.

    Quality scales of real encoders step back now and then; nobody would choose such a setting,
    and without them a curve has one rate for a quality.
    """
    kept: list[tuple[float, float]] = []
    for rate, quality in sorted(points, key=lambda point: (point[0], -point[1])):
        if not kept or quality > kept[-1][1]:
            kept.append((rate, quality))
    return kept


def bd_rate(
    anchor: Iterable[tuple[float, float]],
    test: Iterable[tuple[float, float]],
    band: tuple[float, float] = (0.0, math.inf),
) -> Delta:
    """Compare two rate-distortion curves.

    G. Bjøntegaard, "Calculation of average PSNR differences between RD-curves", ITU-T
    VCEG-M33, 2001: the mean difference of the logarithms of the rates over the common qualities;
    with monotone piecewise cubic interpolation (Fritsch and Carlson, "PCHIP") in place of one
    cubic, as JCTVC-L1100 has it, since a cubic cannot follow a dozen points. The mean is taken
    over 4001 equally spaced qualities of the anchor.

    Args:
        anchor: (rate, quality) of the anchor, at least two.
        test: (rate, quality) of the tested codec, at least two.
        band: rates of the anchor to compare at, in the unit of the rates.

    Raises:
        ValueError: a curve has less than two points that rise.
    """
    curves = []
    for points in (anchor, test):
        kept = front(points)
        if len(kept) < 2:
            raise ValueError(f"expected a curve of at least two rising points, got {kept}")
        rates, qualities = zip(*kept, strict=True)
        curves.append(PchipInterpolator(qualities, np.log(rates), extrapolate=False))
    first, second = curves
    places = np.linspace(first.x[0], first.x[-1], GRID)
    rates = first(places)
    low = math.log(band[0]) if band[0] > 0 else -math.inf
    inside = (rates >= low) & (rates <= math.log(band[1]))
    common = inside & (places >= second.x[0]) & (places <= second.x[-1])
    if not common.any():
        return Delta(math.nan, 0.0)
    mean = float(np.mean(second(places[common]) - rates[common]))
    return Delta(100 * math.expm1(mean), float(common.sum() / inside.sum()))
