"""Curves of metrics that compare sets of pictures, such as FID: a point a rate, no pictures."""

from __future__ import annotations

from collections import Counter, defaultdict
from statistics import fmean

from semcodec.report.curves import Ground, Place
from semcodec.report.run import Run

__all__ = ["set_places"]


def set_places(run: Run, metric: str) -> tuple[dict[str, list[Place]], Ground]:
    """Collect the curves of a metric of sets.

    Distances of sets depend on which pictures are in them, and on how many: only sets of the same
    pictures are kept, those that most codecs and rates have. Seeds are averaged.

    Args:
        run: the run.
        metric: its id.

    Returns:
        The points of each codec, in order of the mean bits a pixel of the pictures; and the
        pictures and rates that they are of.
    """
    members: dict[tuple[str, str], set[str]] = defaultdict(set)
    rates: dict[tuple[str, str], list[float]] = defaultdict(list)
    missed: Counter[tuple[str, str]] = Counter()
    for row in run.rows:
        if row.coded:
            members[row.cell, row.rate].add(row.image)
            rates[row.cell, row.rate].append(row.bpp)
            missed[row.cell, row.rate] += row.status == "missed"
    values: dict[tuple[str, str], list[float]] = defaultdict(list)
    for each in run.sets:
        found = each.metrics.get(metric)
        if found is not None and found.value is not None and each.pictures:
            values[each.cell, each.rate].append(found.value)
    have = Counter(frozenset(members[place]) for place in values)
    shared = max(have, key=lambda names: (have[names], len(names), sorted(names)), default=None)
    places: dict[str, list[Place]] = {codec: [] for codec in run.codecs}
    for (codec, rate), known in values.items():
        if frozenset(members[codec, rate]) == shared:
            places[codec].append(
                Place(
                    rate=rate,
                    bpp=fmean(rates[codec, rate]),
                    value=fmean(known),
                    low=None,
                    high=None,
                    pictures=len(members[codec, rate]),
                    missed=missed[codec, rate],
                )
            )
    for found_places in places.values():
        found_places.sort(key=lambda place: (place.bpp, place.rate))
    ground = Ground(
        tuple(sorted(shared or ())),
        {codec: tuple(p.rate for p in found) for codec, found in places.items() if found},
    )
    return places, ground
