"""The tables of the page, as HTML that stands there without the script."""

from __future__ import annotations

import html
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import fmean

from semcodec.report.analysis import Analysis
from semcodec.report.rows import Measure, Row
from semcodec.report.run import Run

__all__ = ["figure", "objective", "provenance", "results", "table"]


def table(
    name: str,
    caption: str,
    head: Sequence[str],
    body: Iterable[Sequence[str]],
    *,
    words: int = 1,
    sortable: bool = False,
) -> str:
    """Write a table.

    Args:
        name: its id.
        caption: its title, read out first.
        head: titles of the columns.
        body: cells of plain text; the first of each row is its heading.
        words: how many columns, from the left, hold words and not figures.
        sortable: whether the script may put buttons on the titles.
    """

    def cell(index: int, text: str) -> str:
        tag = "th scope=row" if index == 0 else "td"
        note = " class=note" if 0 < index < words else ""
        return f"<{tag}{note}>{html.escape(text)}</{tag.partition(' ')[0]}>"

    titles = "".join(
        f"<th scope=col{' class=note' if index < words else ''}>{html.escape(title)}</th>"
        for index, title in enumerate(head)
    )
    rows = "\n".join(
        "<tr>" + "".join(cell(index, text) for index, text in enumerate(row)) + "</tr>"
        for row in body
    )
    mark = " class=sortable" if sortable else ""
    return (
        f'<div class=scroll role=region tabindex=0 aria-label="{html.escape(caption)}">'
        f"<table id={name}{mark}><caption><span>{html.escape(caption)}</span></caption>\n"
        f"<thead><tr>{titles}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>"
    )


def figure(value: float | None, digits: int = 4) -> str:
    """Write a figure with so many significant digits; a dash for none."""
    if value is None:
        return "-"
    if value and (abs(value) >= 10**digits or abs(value) < 10 ** -(digits + 1)):
        return f"{value:.{digits - 1}g}"
    return f"{value:#.{digits}g}".rstrip(".")


def results(run: Run) -> str:
    """Average figures of each codec at each rate."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in run.rows:
        groups[row.cell, row.rate].append(row)
    metrics, of_sets = run.metrics, run.set_metrics
    order = {codec: place for place, codec in enumerate(run.codecs)}

    def size(group: Sequence[Row]) -> float:
        return fmean([row.size for row in group if row.coded] or [0])

    body = []
    for (codec, rate), group in sorted(
        groups.items(), key=lambda item: (order[item[0][0]], size(item[1]), item[0][1])
    ):
        coded = [row for row in group if row.coded]
        cells = [codec, rate, f"{len(coded)} of {len(group)}"]
        cells += [
            figure(_mean([row.bpp for row in coded])),
            f"{size(group):.0f}" if coded else "-",
            *(figure(_mean([row.value(metric) for row in coded])) for metric in metrics),
            *(figure(_mean(_of_sets(run, codec, rate, metric))) for metric in of_sets),
            *(
                figure(_mean([_number(row, name) for row in coded]), 3)
                for name in ("encode_seconds", "decode_seconds")
            ),
            figure(_mean([_number(row, "kmac_per_pixel") for row in coded]), 3),
        ]
        body.append(cells)
    head = ["codec", "rate asked for", "coded", "bpp", "bytes"]
    head += [_titled(name, found) for name, found in metrics.items()]
    head += [f"{_titled(name, found)} of the set" for name, found in of_sets.items()]
    head += ["encode s", "decode s", "kMAC a pixel"]
    caption = "Means over the pictures that were coded; where those are not all, compare the curves"
    return table("results", caption, head, body, words=2, sortable=True)


def _titled(name: str, found: Measure) -> str:
    return f"{name} ({found.unit})" if found.unit else name


def _of_sets(run: Run, codec: str, rate: str, metric: str) -> list[float | None]:
    """Values of a metric of sets, one a seed."""
    return [
        each.metrics[metric].value
        for each in run.sets
        if (each.cell, each.rate) == (codec, rate) and metric in each.metrics
    ]


def objective(analysis: Analysis) -> str:
    """Codecs under the composite objective."""
    wanted = analysis.objective
    formula = "rate"
    formula += f" + {wanted.semantic_weight:g} {wanted.semantic}" if wanted.semantic else ""
    formula += f" - {wanted.quality_weight:g} {wanted.quality}" if wanted.quality else ""
    rates = list(dict.fromkeys(rate for found in analysis.outcomes for rate in found.rates))
    body = [
        [found.codec, str(found.pictures), figure(found.best)]
        + [figure(found.rates.get(rate)) for rate in rates]
        for found in analysis.outcomes
    ]
    head = ["codec", "pictures", "best rate of each", *rates]
    return table("objective-table", f"{formula}, bits a pixel, lower is better", head, body)


def provenance(run: Run) -> str:
    """What ran, with which versions, where."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in run.rows:
        versions = row.data.get("versions")
        for name, version in (versions if isinstance(versions, dict) else {}).items():
            found[str(name)].add(str(version))
        for name in ("python", "platform", "device", "seed"):
            if row.data.get(name) not in (None, ""):
                found[name].add(str(row.data[name]))
        for name, measure in row.metrics.items():
            found[f"metric {name}"].add(measure.version)
    for each in run.sets:
        for name, measure in each.metrics.items():
            found[f"metric {name}"].add(measure.version)
    body = [(name, ", ".join(sorted(values))) for name, values in sorted(found.items())]
    cells = [
        (cell.name, cell.status, cell.digest[:16], cell.full_digest[:16]) for cell in run.cells
    ]
    return (
        table("versions", "Versions", ("what", "version"), body, words=2)
        + "\n"
        + table("cells", "Codecs", ("codec", "status", "digest", "full digest"), cells, words=4)
    )


def _number(row: Row, name: str) -> float | None:
    value = row.data.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
