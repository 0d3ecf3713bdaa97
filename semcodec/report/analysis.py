"""What a run says: averages, BD-rates with intervals, wins and losses, the objective."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from semcodec.errors import SettingError
from semcodec.report.bd import Delta, Method, bd_quality, bd_rate, missing_package, provenance
from semcodec.report.curves import Curves, Ground, Place, common_ground, curves_of
from semcodec.report.objective import Objective, Outcome, check_objective, outcomes
from semcodec.report.paired import Duel, Interval, duels, interval
from semcodec.report.rows import Measure
from semcodec.report.run import Run
from semcodec.report.sets import set_places

__all__ = ["Analysis", "Versus", "analyse"]


@dataclass(frozen=True, slots=True)
class Versus:
    """A codec against the anchor under one metric.

    Attributes:
        codec: its name.
        metric: id of the metric.
        pictures: over how many the average is, as :func:`common_ground` has it for the two.
        average: BD-rate of the curves that are averaged over those pictures, percent.
        quality: BD-quality of the same curves, in the metric's unit; positive is better.
        images: BD-rate of each picture, percent.
        mean: geometric mean of the pictures' rate ratios, as a percentage, with its bootstrap
            interval; None where no picture has a BD-rate, as under a metric of sets.
        duels: wins and losses at rates between the anchor's mean rates.
    """

    codec: str
    metric: str
    pictures: int
    average: Delta
    quality: Delta
    images: dict[str, Delta]
    mean: Interval | None
    duels: list[Duel]


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything that is computed of a run.

    Attributes:
        anchor: the codec that others are compared with.
        provenance: package, version and interpolation of BD figures; or what to install.
        curves: of each picture, by (codec, metric).
        places: average curves, and those of metrics of sets, by (codec, metric).
        grounds: the pictures and rates that ``places`` are over, by metric.
        versus: every other codec under every metric; empty without the package.
        outcomes: codecs under the objective, best first; empty where none is asked for.
        objective: what was asked for.
        seed: of the bootstrap.
    """

    anchor: str
    provenance: str
    curves: dict[tuple[str, str], Curves]
    places: dict[tuple[str, str], list[Place]]
    grounds: dict[str, Ground]
    versus: list[Versus]
    outcomes: list[Outcome]
    objective: Objective
    seed: int


def analyse(
    run: Run,
    *,
    anchor: str = "",
    method: Method = "pchip",
    objective: Objective | None = None,
    seed: int = 0,
) -> Analysis:
    """Compute what the page shows.

    Args:
        run: the run.
        anchor: the codec to compare with; the first of the run if empty.
        method: interpolation of BD figures.
        objective: the composite; none if None.
        seed: of the bootstrap.

    Raises:
        SettingError: there is no such anchor, or the objective does not fit the metrics.
    """
    anchor = anchor or run.codecs[0]
    if anchor not in run.codecs:
        raise SettingError(
            f"{run.folder}: has no codec {anchor!r} to compare with",
            hint=f"It has {', '.join(run.codecs)}.",
        )
    metrics = run.metrics
    wanted = objective or Objective()
    check_objective(wanted, metrics)
    curves = {
        (codec, metric): curves_of(run.rows, codec, metric)
        for metric in metrics
        for codec in run.codecs
    }
    grounds = {
        metric: common_ground([curves[codec, metric] for codec in run.codecs]) for metric in metrics
    }
    places = {
        (codec, metric): found.average(grounds[metric]) for (codec, metric), found in curves.items()
    }
    for metric in run.set_metrics:
        of_codec, grounds[metric] = set_places(run, metric)
        places.update({(codec, metric): found for codec, found in of_codec.items()})
    missing = missing_package()
    others = [codec for codec in run.codecs if codec != anchor and not missing]
    versus = [
        _versus(curves[anchor, metric], curves[codec, metric], metric, found, method, seed)
        for metric, found in metrics.items()
        for codec in others
    ]
    versus += [
        _versus_sets(places[anchor, metric], places[codec, metric], codec, metric, found, method)
        for metric, found in run.set_metrics.items()
        for codec in others
    ]
    return Analysis(
        anchor=anchor,
        provenance=missing or provenance(method),
        curves=curves,
        places=places,
        grounds=grounds,
        versus=versus,
        outcomes=outcomes(run.rows, wanted) if objective else [],
        objective=wanted,
        seed=seed,
    )


def _versus(
    anchor: Curves, test: Curves, metric: str, found: Measure, method: Method, seed: int
) -> Versus:
    higher = found.higher_is_better
    ground = common_ground([anchor, test])

    images = {
        image: bd_rate(
            anchor.points(image), test.points(image), higher_is_better=higher, method=method
        )
        for image in sorted(set(anchor.images) & set(test.images))
    }
    reference, tested = (_points(curves.average(ground)) for curves in (anchor, test))
    return Versus(
        codec=test.codec,
        metric=metric,
        pictures=len(ground.images),
        average=bd_rate(reference, tested, higher_is_better=higher, method=method),
        quality=bd_quality(reference, tested, higher_is_better=higher, method=method),
        images=images,
        mean=_ratio([delta.value for delta in images.values() if delta.value is not None], seed),
        duels=duels(anchor, test, _between(anchor), higher_is_better=higher),
    )


def _versus_sets(
    anchor: list[Place],
    test: list[Place],
    codec: str,
    metric: str,
    found: Measure,
    method: Method,
) -> Versus:
    reference, tested, higher = _points(anchor), _points(test), found.higher_is_better
    return Versus(
        codec=codec,
        metric=metric,
        pictures=max((place.pictures for place in test), default=0),
        average=bd_rate(reference, tested, higher_is_better=higher, method=method),
        quality=bd_quality(reference, tested, higher_is_better=higher, method=method),
        images={},
        mean=None,
        duels=[],
    )


def _points(places: Sequence[Place]) -> list[tuple[float, float]]:
    return [(place.bpp, place.value) for place in places]


def _between(anchor: Curves) -> list[float]:
    """Rates in the middle of neighbours: at the ends, half of the pictures' curves stop short."""
    rates = [place.bpp for place in anchor.average(common_ground([anchor]))]
    return [math.sqrt(one * other) for one, other in pairwise(rates)] or rates


def _ratio(percents: Sequence[float], seed: int) -> Interval | None:
    """Average rate ratios as ratios: half and double cancel, as +100 % and -50 % do not."""
    logs = [math.log1p(percent / 100) for percent in percents if percent > -100]
    if not logs:
        return None
    found = interval(logs, seed=seed)

    def back(value: float) -> float:
        return 100 * math.expm1(value)

    return Interval(
        mean=back(found.mean),
        low=None if found.low is None else back(found.low),
        high=None if found.high is None else back(found.high),
        count=found.count,
        level=found.level,
    )
