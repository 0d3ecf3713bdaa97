"""What pictures say together: bootstrap intervals, and wins and losses at equal rate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from semcodec.report.curves import Curves, front

__all__ = ["RESAMPLES", "Duel", "Interval", "duels", "interval"]

RESAMPLES = 9999
"""Resamples of the bootstrap; the ends of a 95 % interval are then the 250th from either side."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its confidence interval.

    Attributes:
        mean: the mean.
        low: lower end; None where one value says nothing of its spread.
        high: upper end.
        count: how many values.
        level: of confidence.
    """

    mean: float
    low: float | None
    high: float | None
    count: int
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class Duel:
    """Two codecs on every picture at one rate.

    Attributes:
        bpp: bits a pixel at which their curves were read.
        gains: by how much the tested codec is better, by picture, in the metric's unit.
        wins: pictures on which it is better by more than the tolerance.
        losses: likewise worse.
        absent: pictures whose two curves do not both reach the rate.
    """

    bpp: float
    gains: Mapping[str, float] = field(repr=False)
    wins: int
    losses: int
    absent: int

    @property
    def ties(self) -> int:
        """Pictures within the tolerance."""
        return len(self.gains) - self.wins - self.losses


def interval(
    values: Sequence[float],
    *,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Bootstrap the mean of one paired difference a picture.

    Pictures are drawn with replacement, each with all that was measured on it, so that what makes
    a picture hard for every codec cancels (B. Efron and R. Tibshirani, "An Introduction to the
    Bootstrap", 1993, chapter 13: the percentile interval), by ``scipy.stats.bootstrap``. With few
    pictures it is too narrow: of 24 pictures, a 95 % interval holds the mean in about 93 % of
    cases. It says nothing of other data sets.

    Args:
        values: finite differences; at least one. Their order does not matter.
        level: of confidence, between 0 and 1.
        resamples: how often the pictures are drawn.
        seed: of the generator; equal seeds give equal intervals.
    """
    import numpy as np

    data = np.sort(np.asarray(values, dtype=float))
    mean = float(data.mean())
    if data.size < 2:
        return Interval(mean, None, None, data.size, level)
    from scipy.stats import bootstrap

    found = bootstrap(
        (data,),
        np.mean,
        n_resamples=resamples,
        confidence_level=level,
        method="percentile",
        random_state=np.random.default_rng(seed),
    ).confidence_interval
    return Interval(mean, float(found.low), float(found.high), data.size, level)


def duels(
    anchor: Curves,
    test: Curves,
    rates: Sequence[float],
    *,
    higher_is_better: bool = True,
    tolerance: float = 0.0,
) -> list[Duel]:
    """Count wins and losses per picture at equal rate.

    Both curves of a picture are read at the rate, by monotone piecewise cubic interpolation over
    the logarithm of the rate; never beyond their ends.

    Args:
        anchor: the reference.
        test: the tested codec.
        rates: bits a pixel, positive.
        higher_is_better: direction of the metric.
        tolerance: a difference up to this is a tie.
    """
    sign = 1.0 if higher_is_better else -1.0
    images = sorted(set(anchor.images) | set(test.images))
    made = []
    for rate in rates:
        gains = {}
        for image in images:
            found = [
                _read([(bpp, sign * value) for bpp, value in curves.points(image)], rate)
                for curves in (anchor, test)
            ]
            if found[0] is not None and found[1] is not None:
                gains[image] = found[1] - found[0]
        made.append(
            Duel(
                bpp=rate,
                gains=gains,
                wins=sum(gain > tolerance for gain in gains.values()),
                losses=sum(gain < -tolerance for gain in gains.values()),
                absent=len(images) - len(gains),
            )
        )
    return made


def _read(points: Sequence[tuple[float, float]], rate: float) -> float | None:
    kept = front(points)
    if not kept or not kept[0][0] <= rate <= kept[-1][0]:
        return None
    if len(kept) == 1:
        return kept[0][1]
    from scipy.interpolate import PchipInterpolator

    rates, values = zip(*kept, strict=True)
    return float(PchipInterpolator([math.log(bpp) for bpp in rates], values)(math.log(rate)))
