"""Plots for papers, by matplotlib."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from semcodec.errors import SettingError
from semcodec.report.analysis import Analysis
from semcodec.report.bars import COLOURS
from semcodec.report.published import Published, metric_key
from semcodec.report.run import Run

__all__ = ["FORMATS", "write_plots"]

FORMATS = ("svg", "png")
"""What is written of every plot."""

_MARKS = "os^D"
_COLUMNS = 3
_SHADED = 3  # more shades than these cannot be told apart


def write_plots(
    run: Run, analysis: Analysis, folder: Path, published: Sequence[Published] = ()
) -> list[Path]:
    """Draw a rate-distortion plot of each metric, as SVG with real text and as PNG of 300 dpi.

    The curves are means over the same pictures for all codecs; the shade, of up to three codecs, is
    the middle half of the pictures. Published curves are dotted and named so. Equal runs give equal
    SVG files.

    Args:
        run: what ran.
        analysis: what it says.
        folder: where ``METRIC.svg`` and ``METRIC.png`` go; made if it is missing.
        published: curves of others.

    Raises:
        SettingError: matplotlib is not installed, or the folder cannot be written.
    """
    try:
        mpl: Any = importlib.import_module("matplotlib")
        figures: Any = importlib.import_module("matplotlib.figure")
    except ImportError:
        raise SettingError("plots need matplotlib", hint='pip install "semcodec[report]"') from None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"cannot make the folder {folder}: {error.strerror}") from None
    files = []
    metrics = {**run.metrics, **run.set_metrics}
    # Text stays text and ids do not change from run to run.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "semcodec", "font.size": 10}):
        for metric in metrics:
            drawn = len(run.codecs) + sum(metric_key(metric) in one.metrics for one in published)
            size = (6.5, 4.2 + 0.18 * -(-drawn // _COLUMNS))
            figure = figures.Figure(figsize=size, layout="constrained")
            _draw(figure.subplots(), run, analysis, metric, metrics[metric].unit, published)
            figure.legend(loc="outside lower center", ncols=_COLUMNS, fontsize=7, frameon=False)
            stem = "".join(c if c.isalnum() or c in "-_." else "_" for c in metric)
            for kind in FORMATS:
                files.append(folder / f"{stem}.{kind}")
                try:
                    figure.savefig(
                        files[-1], dpi=300, metadata={"Date": None} if kind == "svg" else None
                    )
                except OSError as error:
                    raise SettingError(f"cannot write {files[-1]}: {error.strerror}") from None
    return files


def _draw(
    axes: Any,
    run: Run,
    analysis: Analysis,
    metric: str,
    unit: str,
    published: Sequence[Published],
) -> None:
    ground = analysis.grounds[metric]
    for place, codec in enumerate(run.codecs):
        found = analysis.places[codec, metric]
        if not found:
            continue
        colour = COLOURS[place % len(COLOURS)]
        rates = [point.bpp for point in found]
        axes.plot(
            rates,
            [point.value for point in found],
            color=colour,
            marker=_MARKS[place % len(_MARKS)],
            markersize=4,
            label=_plain(codec),
        )
        if len(run.codecs) > _SHADED:
            continue
        low, high = [point.low for point in found], [point.high for point in found]
        if None not in low:
            axes.fill_between(rates, low, high, color=colour, alpha=0.1, linewidth=0)
    limits = axes.get_xlim(), axes.get_ylim()
    for place, one in enumerate(published):
        points = one.metrics.get(metric_key(metric))
        if points:
            axes.plot(
                *zip(*points, strict=True),
                color=COLOURS[(len(run.codecs) + place) % len(COLOURS)],
                linestyle=":",
                label=_plain(f"{one.name} (published)"),
            )
    if axes.lines and limits[0][1] > limits[0][0]:
        axes.set_xlim(limits[0])
        axes.set_ylim(limits[1])
    label = f"{metric} in {unit}" if unit else metric
    axes.set(xlabel="bits per pixel, whole files", ylabel=_plain(label))
    axes.set_title(f"mean of {len(ground.images)} pictures", fontsize=9)
    axes.grid(alpha=0.3)


def _plain(text: str) -> str:
    """Keep matplotlib from reading mathematics, or a label to hide, into a name."""
    return text.replace("$", r"\$").lstrip("_") or "codec"
