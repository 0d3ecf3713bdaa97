"""The tables of BD figures: every codec under every metric at a glance, and each metric in full."""

from __future__ import annotations

import html

from semcodec.report.analysis import Analysis, Versus
from semcodec.report.bd import Delta
from semcodec.report.rows import Measure
from semcodec.report.run import Run
from semcodec.report.tables import table

__all__ = ["glance", "headline", "versus"]

_LITTLE = 0.75
_FEW = 4


def headline(run: Run, analysis: Analysis) -> str:
    """Say in one sentence what each codec takes at equal quality; empty where nothing is known."""
    metrics = list(dict.fromkeys(found.metric for found in analysis.versus))
    metric = "psnr" if "psnr" in metrics else next(iter(metrics), "")
    told = [
        f"{found.codec} {_percent(found.average.value)}{_doubt(found.average)}"
        for found in analysis.versus
        if found.metric == metric and found.average.value is not None
    ]
    if not told:
        return ""
    text = f"Bytes against {analysis.anchor} at equal {metric} (BD-rate): {', '.join(told)}."
    return text + " A star: the figure rests on little." * ("*" in text)


def glance(run: Run, analysis: Analysis) -> str:
    """BD-rates alone: a line for each metric, a column for each codec."""
    codecs = [codec for codec in run.codecs if codec != analysis.anchor]
    known = {(found.metric, found.codec): found.average for found in analysis.versus}
    body = [
        (_name(metric, found), *(_short(known[metric, codec]) for codec in codecs))
        for metric, found in _metrics(run).items()
    ]
    caption = f"BD-rate against {analysis.anchor}"
    return table("glance", caption, ("metric", *codecs), body)


def versus(run: Run, analysis: Analysis) -> str:
    """Every metric in full: range, quality, interval, wins and losses; the first one open."""
    parts = []
    for place, (metric, found) in enumerate(_metrics(run).items()):
        members = [one for one in analysis.versus if one.metric == metric]
        opened = " open" if place == 0 else ""
        parts.append(
            f"<details{opened}><summary>{html.escape(_name(metric, found))}</summary>"
            f"{_full(place, analysis, members, found)}</details>"
        )
    return "\n".join(parts)


def _full(place: int, analysis: Analysis, members: list[Versus], found: Measure) -> str:
    body = [
        (
            one.codec,
            _percent(one.average.value),
            one.average.reason or _range(one.average, found.unit),
            "-" if one.quality.value is None else f"{one.quality.value:+.3g} {found.unit}".strip(),
            str(one.pictures),
            _interval(one),
            _saves(one),
        )
        for one in members
    ]
    head = ["codec", "BD-rate", "compared over", "BD-quality", "pictures"]
    head += ["mean of pictures, 95 %", "saves : costs"]
    caption = f"{members[0].metric}, against {analysis.anchor}"
    text = table(f"versus-{place}", caption, head, body, sortable=True)
    rates = sorted({duel.bpp for one in members for duel in one.duels if duel.gains})
    if not rates:
        return text
    wins = [(one.codec, *(_duel(one, rate) for rate in rates)) for one in members]
    caption = f"Pictures on which {members[0].metric} is better : worse at equal rate"
    head = ["codec", *(f"{rate:.2g} bpp" for rate in rates)]
    return f"{text}\n{table(f'duels-{place}', caption, head, wins)}"


def _metrics(run: Run) -> dict[str, Measure]:
    return {**run.metrics, **run.set_metrics}


def _name(metric: str, found: Measure) -> str:
    better = "higher" if found.higher_is_better else "lower"
    return f"{metric} ({found.unit + ', ' if found.unit else ''}{better} is better)"


def _doubt(delta: Delta) -> str:
    """Mark a figure that rests on little."""
    return "\u00a0*" if delta.overlap < _LITTLE or delta.points < _FEW else ""


def _short(delta: Delta) -> str:
    return "-" if delta.value is None else f"{_percent(delta.value)}{_doubt(delta)}"


def _range(delta: Delta, unit: str) -> str:
    ends = f"{delta.low:.4g} to {delta.high:.4g} {unit}".strip()
    return f"{ends} ({delta.overlap:.0%}), {delta.points} rates{_doubt(delta)}"


def _saves(found: Versus) -> str:
    known = [delta.value for delta in found.images.values() if delta.value is not None]
    if not found.images:
        return "-"
    text = f"{sum(v < 0 for v in known)} : {sum(v > 0 for v in known)}"
    without = len(found.images) - len(known)
    return f"{text} ({without} unknown)" if without else text


def _duel(found: Versus, rate: float) -> str:
    for duel in found.duels:
        if duel.bpp == rate and duel.gains:
            return f"{duel.wins} : {duel.losses}" + (
                f" of {len(duel.gains)}" if duel.absent else ""
            )
    return "-"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:+.1f}\u00a0%"


def _interval(found: Versus) -> str:
    mean = found.mean
    if mean is None:
        return "-"
    if mean.low is None or mean.high is None:
        return f"{mean.mean:+.1f} % of one picture"
    of = f" of {mean.count}" if mean.count < len(found.images) else ""
    return f"{mean.mean:+.1f} % [{mean.low:+.1f}, {mean.high:+.1f}]{of}"
