"""What the script of the page draws: curves and pictures, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from semcodec.report.analysis import Analysis
from semcodec.report.bars import COLOURS
from semcodec.report.curves import Curves
from semcodec.report.embed import Gallery, Shown
from semcodec.report.published import Published, metric_key
from semcodec.report.run import Run

__all__ = ["page_data"]


def page_data(
    run: Run, analysis: Analysis, gallery: Gallery, published: Sequence[Published]
) -> dict[str, Any]:
    """Collect what the page's script draws.

    Args:
        run: what ran.
        analysis: what it says.
        gallery: its pictures.
        published: curves of others.

    Returns:
        What JSON can hold, every number finite.
    """
    metrics = {**run.metrics, **run.set_metrics}
    curves = {
        metric: {codec: _curves(analysis, codec, metric) for codec in run.codecs}
        for metric in metrics
    }
    maps: dict[str, int] = {}
    for one in (one for _, shown in gallery.images.values() for one in shown if one.map):
        maps.setdefault(one.map, len(maps))
    return {
        "colours": COLOURS,
        "codecs": run.codecs,
        "images": run.images,
        "metrics": [
            {
                "id": name,
                "unit": found.unit,
                "higher": found.higher_is_better,
                "key": metric_key(name),
                "pictures": name in run.metrics,
                "ground": _ground(run, analysis, name),
            }
            for name, found in metrics.items()
        ],
        "curves": curves,
        "published": [
            {"name": one.name, "source": one.source, "metrics": one.metrics} for one in published
        ],
        "pictures": {
            name: {
                "url": url,
                "mask": gallery.masks.get(name, ""),
                "shown": [_shown(one, maps.get(one.map)) for one in shown],
            }
            for name, (url, shown) in gallery.images.items()
        },
        "maps": list(maps),
        "form": gallery.form,
    }


def _ground(run: Run, analysis: Analysis, metric: str) -> str:
    """Say what the mean curves are over, and what is left out of them."""
    ground = analysis.grounds[metric]
    what = "Sets" if metric in run.set_metrics else "Means over"
    of = "of " if metric in run.set_metrics else ""
    text = (
        f"{what} {of}{len(ground.images)} of {len(run.images)} pictures, the same for all codecs."
    )
    absent = sorted(set(run.images) - set(ground.images))
    if absent:
        text += f" Without {', '.join(absent[:8])}{' ...' * (len(absent) > 8)}."
    gone = [
        f"{codec} at {rate}"
        for codec in run.codecs
        for rate in _rates(run, analysis, codec, metric)
        if rate not in ground.rates.get(codec, ())
    ]
    if gone:
        text += f" Not every picture has {', '.join(gone[:8])}{' ...' * (len(gone) > 8)}."
    return text


def _rates(run: Run, analysis: Analysis, codec: str, metric: str) -> Sequence[str]:
    """All rates at which a codec has a value, whether they are shown or not."""
    if (codec, metric) in analysis.curves:
        return analysis.curves[codec, metric].rates
    rates = (each.rate for each in run.sets if each.cell == codec and metric in each.metrics)
    return list(dict.fromkeys(rates))


def _curves(analysis: Analysis, codec: str, metric: str) -> dict[str, Any]:
    found = analysis.curves.get((codec, metric), Curves(codec, {}, frozenset(), ()))
    return {
        "mean": [
            {
                "rate": place.rate,
                "x": place.bpp,
                "y": place.value,
                "low": place.low,
                "high": place.high,
                "pictures": place.pictures,
                "missed": place.missed,
            }
            for place in analysis.places[codec, metric]
        ],
        "images": {
            image: [
                {"rate": rate, "x": bpp, "y": value, "missed": int((image, rate) in found.missed)}
                for rate, (bpp, value) in sorted(points.items(), key=lambda item: item[1])
            ]
            for image, points in found.images.items()
        },
    }


def _shown(one: Shown, place: int | None) -> dict[str, Any]:
    row = one.row
    metrics = {name: row.value(name) for name in row.metrics if row.value(name) is not None}
    return {
        "codec": row.cell,
        "rate": row.rate,
        "seed": row.seed,
        "bpp": row.bpp,
        "bytes": row.size,
        "missed": row.status == "missed",
        "metrics": metrics,
        "url": one.url,
        "map": place,
        "mapKind": one.map_kind,
    }
