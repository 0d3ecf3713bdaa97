"""Rate-distortion curves: of each picture, and their average with its spread."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from semcodec.report.rows import Row

__all__ = ["Curves", "Ground", "Place", "common_ground", "curves_of", "front"]


@dataclass(frozen=True, slots=True)
class Place:
    """A point of an average curve.

    Attributes:
        rate: what was asked for, in words.
        bpp: mean bits a pixel over the pictures.
        value: mean of the metric over the pictures, or the metric of the set of them.
        low: 25th percentile of the metric; None of a set, which has one value.
        high: 75th percentile, likewise.
        pictures: how many are in it.
        missed: in how many of them the target was out of reach.
    """

    rate: str
    bpp: float
    value: float
    low: float | None
    high: float | None
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

    def points(self, image: str) -> list[tuple[float, float]]:
        """Give (bits a pixel, value) of a picture, by rate."""
        return sorted(self.images.get(image, {}).values())

    def average(self, ground: Ground) -> list[Place]:
        """Average over the pictures of a ground at each of its rates of this codec."""
        import numpy as np

        made = []
        for rate in ground.rates.get(self.codec, ()):
            points = np.array([self.images[name][rate] for name in ground.images])
            low, high = np.percentile(points[:, 1], (25, 75))
            made.append(
                Place(
                    rate=rate,
                    bpp=float(points[:, 0].mean()),
                    value=float(points[:, 1].mean()),
                    low=float(low),
                    high=float(high),
                    pictures=len(points),
                    missed=sum((name, rate) in self.missed for name in ground.images),
                )
            )
        return made


@dataclass(frozen=True, slots=True)
class Ground:
    """What several codecs can be averaged over.

    Attributes:
        images: pictures that have a value at each of ``rates`` of each codec, sorted.
        rates: what stays of the rates of each codec, by name; of a codec without any value there
            is nothing.
    """

    images: tuple[str, ...]
    rates: Mapping[str, tuple[str, ...]]


def common_ground(curves: Sequence[Curves]) -> Ground:
    """Find pictures and rates at which every codec has a value.

    Means over other pictures at one rate than at the next bend a curve, and means over other
    pictures for one codec than for another decide a comparison: low rates are often reached by easy
    pictures alone. So where values are missing, either a picture goes for all, or a rate goes
    from a codec: again and again the one that takes most holes with it for each value lost.
    """
    present = {
        (one.codec, rate): {name for name in one.images if rate in one.images[name]}
        for one in curves
        for rate in one.rates
    }
    images = {name for one in curves for name in one.images}
    while images and any(images - there for there in present.values()):
        removals: list[tuple[float, tuple[str, ...]]] = [
            (_worth(len(images - there), len(images & there)), place)
            for place, there in present.items()
        ]
        for name in images:
            holes = sum(name not in there for there in present.values())
            removals.append((_worth(holes, len(present) - holes), (name,)))
        _, place = max(removals)
        if len(place) == 1:
            images.discard(place[0])
        else:
            del present[place[0], place[1]]
    rates = {
        one.codec: tuple(rate for rate in one.rates if (one.codec, rate) in present)
        for one in curves
    }
    return Ground(tuple(sorted(images)), rates if images else {})


def _worth(holes: int, lost: int) -> float:
    return holes / lost if lost else float("inf")


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
