"""Bars of the bytes that each part of the files takes."""

from __future__ import annotations

import html
from collections import defaultdict
from statistics import fmean

from semcodec.report.rows import Row
from semcodec.report.run import Run

__all__ = ["COLOURS", "bars"]

COLOURS = (
    "#0f83c9",
    "#d9680d",
    "#1a9850",
    "#c4458f",
    "#8a6fd1",
    "#a37c00",
    "#d1383d",
    "#17929c",
    "#7a7f87",
    "#8c5a3c",
)
"""Told apart on white and on black, and by most who see few colours; lines differ in dashes too."""


def bars(run: Run) -> str:
    """Draw mean bytes by section of every codec, a group of bars for each rate."""
    groups: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in run.rows:
        if row.coded and row.sections:
            groups[row.rate][row.cell].append(row)
    if not groups:
        return "<p>No row tells its sections.</p>"
    names = sorted({name for row in run.rows for name in row.sections})
    colour = {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(names)}
    legend = "".join(
        f'<li><span class=swatch style="background:{colour[name]}"></span>{html.escape(name)}</li>'
        for name in names
    )
    rates = sorted(
        groups, key=lambda rate: fmean(row.size for rows in groups[rate].values() for row in rows)
    )
    parts = [f"<ul class=legend>{legend}</ul>"]
    for place, rate in enumerate(rates):
        most = max(fmean(row.size for row in rows) for rows in groups[rate].values())
        lines = "\n".join(
            _bar(codec, groups[rate][codec], names, colour, most)
            for codec in run.codecs
            if codec in groups[rate]
        )
        opened = " open" if place == 0 else ""
        parts.append(
            f"<details{opened}><summary>{html.escape(rate)}</summary>"
            f"<dl class=bars>\n{lines}\n</dl></details>"
        )
    return "\n".join(parts)


def _bar(codec: str, rows: list[Row], names: list[str], colour: dict[str, str], most: float) -> str:
    sizes = {name: fmean(row.sections.get(name, 0) for row in rows) for name in names}
    parts = "".join(
        f'<span style="width:{100 * size / most:.3f}%;background:{colour[name]}" '
        f'title="{html.escape(name)}: {size:.0f} bytes"></span>'
        for name, size in sizes.items()
        if size > 0
    )
    told = ", ".join(f"{name} {size:.0f}" for name, size in sizes.items() if size > 0)
    return (
        f"<dt>{html.escape(codec)}</dt><dd><div class=bar aria-hidden=true>{parts}</div>"
        f"<span class=small>{html.escape(told)}</span></dd>"
    )
