"""The tables of the page, as HTML that stands there without the script."""

from __future__ import annotations

import html
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import fmean

from semcodec.report.analysis import Analysis, Versus
from semcodec.report.rows import Row
from semcodec.report.run import Run

__all__ = ["failures", "figure", "objective", "provenance", "results", "table", "versus"]


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
        f"<table id={name}{mark}><caption>{html.escape(caption)}</caption>\n"
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
    metrics = run.metrics
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
            *(
                figure(_mean([_number(row, name) for row in coded]), 3)
                for name in ("encode_seconds", "decode_seconds")
            ),
            figure(_mean([_number(row, "kmac_per_pixel") for row in coded]), 3),
        ]
        body.append(cells)
    head = ["codec", "rate asked for", "coded", "bpp", "bytes"]
    head += [f"{name} ({found.unit})" if found.unit else name for name, found in metrics.items()]
    head += ["encode s", "decode s", "kMAC a pixel"]
    caption = "Means over the pictures that were coded; where those are not all, compare the curves"
    return table("results", caption, head, body, words=2, sortable=True)


def versus(run: Run, analysis: Analysis) -> str:
    """BD-rates with their intervals, wins and losses."""
    body = []
    for found in analysis.versus:
        wins = sum(delta.value is not None and delta.value < 0 for delta in found.images.values())
        losses = sum(delta.value is not None and delta.value > 0 for delta in found.images.values())
        quality = found.quality.value
        unit = run.metrics[found.metric].unit
        body.append(
            (
                found.codec,
                found.metric,
                _percent(found.average.value),
                f"{found.average.overlap:.0%}" if found.average.value is not None else "-",
                found.average.reason or str(found.pictures),
                "-" if quality is None else f"{quality:+.3g} {unit}".strip(),
                _interval(found),
                f"{wins} : {losses} of {len(found.images)}",
                "\n".join(
                    f"{duel.wins} : {duel.losses} of {len(duel.gains)} at {duel.bpp:.3g} bpp"
                    for duel in found.duels
                    if duel.gains
                )
                or "-",
            )
        )
    head = ["codec", "metric", "BD-rate", "overlap", "pictures", "BD-quality"]
    head += ["mean of pictures, 95 %", "saves : costs", "better : worse at equal rate"]
    return table("versus", f"Against {analysis.anchor}", head, body, words=2, sortable=True)


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


def failures(run: Run) -> str:
    """What failed, what was missed, and which metrics gave nothing."""
    body = [
        (cell.name, "invalid", "all", "all", cell.reason or "no reason was given")
        for cell in run.cells
        if cell.status == "invalid"
    ]
    body += [
        (row.cell, row.status, row.image, row.rate, f"{row.error} {row.hint}".strip())
        for row in run.rows
        if row.status != "ok"
    ]
    absent: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in run.rows:
        for name, found in row.metrics.items():
            if row.coded and found.value is None:
                absent[row.cell, name, found.error] += 1
    body += [
        (cell, f"no {name}", f"{count} rows", "-", error)
        for (cell, name, error), count in sorted(absent.items())
    ]
    if not body:
        return "<p>Nothing failed and every target was met.</p>"
    head = ("codec", "what", "picture", "rate", "why")
    return table("failures", "Failures and missed targets", head, body, words=5)


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


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:+.1f} %"


def _interval(found: Versus) -> str:
    mean = found.mean
    if mean is None:
        return "-"
    if mean.low is None or mean.high is None:
        return f"{mean.mean:+.1f} % of one picture"
    return f"{mean.mean:+.1f} % [{mean.low:+.1f}, {mean.high:+.1f}]"
