"""Rate-distortion curves: of each picture, and their average with its spread."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from semcodec.report.rows import Row

__all__ = ["Curves", "Place", "curves_of", "front"]


@dataclass(frozen=True, slots=True)
class Place:
    """A point of an average curve.

    Attributes:
        rate: what was asked for, in words.
        bpp: mean bits a pixel over the pictures.
        value: mean of the metric over the pictures.
        low: 25th percentile of the metric.
        high: 75th percentile.
        pictures: how many are in it.
        missed: in how many of them the target was out of reach.
    """

    rate: str
    bpp: float
    value: float
    low: float
    high: float
    pictures: int
    missed: int


@dataclass(frozen=True, slots=True)
class Curves:
    """A codec under one metric.

    Attributes:
        codec: its name.
        images: (bits a pixel, value) by picture and rate; seeds are averaged.
        missed: (picture, rate) whose target was out of reach.
        rates: what was asked for, in order of the mean bits a pixel.
    """

    codec: str
    images: Mapping[str, Mapping[str, tuple[float, float]]]
    missed: frozenset[tuple[str, str]]
    rates: tuple[str, ...]

    @property
    def complete(self) -> tuple[str, ...]:
        """The pictures that have a value at every rate."""
        return tuple(name for name, found in self.images.items() if len(found) == len(self.rates))

    def points(self, image: str) -> list[tuple[float, float]]:
        """Give (bits a pixel, value) of a picture, by rate."""
        return sorted(self.images.get(image, {}).values())

    def average(self, images: Sequence[str] | None = None) -> list[Place]:
        """Average over pictures at each rate.

        A mean over other pictures at one rate than at the next would bend the curve, so only
        pictures with a value at every rate count. Where no picture has that, each point is over
        what there is; ``Place.pictures`` tells.

        Args:
            images: which pictures; all complete ones if None.
        """
        import numpy as np

        chosen = list(self.complete if images is None else images) or list(self.images)
        made = []
        for rate in self.rates:
            there = [name for name in chosen if rate in self.images.get(name, {})]
            if not there:
                continue
            points = np.array([self.images[name][rate] for name in there])
            low, high = np.percentile(points[:, 1], (25, 75))
            made.append(
                Place(
                    rate=rate,
                    bpp=float(points[:, 0].mean()),
                    value=float(points[:, 1].mean()),
                    low=float(low),
                    high=float(high),
                    pictures=len(there),
                    missed=sum((name, rate) in self.missed for name in there),
                )
            )
        return made


def curves_of(rows: Iterable[Row], codec: str, metric: str) -> Curves:
    """Collect a codec's curves; rows without a finite value of the metric do not count."""
    found: dict[str, dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    missed = set()
    for row in rows:
        value = row.value(metric)
        if row.cell != codec or value is None:
            continue
        found[row.image][row.rate].append((row.bpp, value))
        if row.status == "missed":
            missed.add((row.image, row.rate))
    images = {
        image: {rate: _mean(points) for rate, points in sorted(found[image].items())}
        for image in sorted(found)
    }
    by_rate: dict[str, list[float]] = defaultdict(list)
    for points in images.values():
        for rate, (bpp, _) in points.items():
            by_rate[rate].append(bpp)
    order = sorted(by_rate, key=lambda rate: (sum(by_rate[rate]) / len(by_rate[rate]), rate))
    return Curves(codec, images, frozenset(missed), tuple(order))


def front(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Sort (rate, quality) and leave out what a cheaper point equals or beats.

    Quality scales of real encoders step back now and then; nobody would choose such a setting, and
    without them a curve has one rate for a quality, as BD-rate needs it.
    """
    kept: list[tuple[float, float]] = []
    for rate, quality in sorted(points, key=lambda point: (point[0], -point[1])):
        if not kept or quality > kept[-1][1]:
            kept.append((rate, quality))
    return kept


def _mean(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    # Sorted, so that the order of the rows cannot move the last bit.
    rates, values = zip(*sorted(points), strict=True)
    return sum(rates) / len(rates), sum(values) / len(values)
