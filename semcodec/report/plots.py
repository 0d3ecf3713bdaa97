"""Plots for papers, by matplotlib."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from semcodec.errors import SettingError
from semcodec.report.analysis import Analysis
from semcodec.report.bars import COLOURS
from semcodec.report.cost import Cost, costs
from semcodec.report.published import Published, metric_key
from semcodec.report.rows import Measure
from semcodec.report.run import Run

__all__ = ["FORMATS", "write_plots"]

FORMATS = ("svg", "png")
"""What is written of every plot."""

_MARKS = "os^D"
_COLUMNS = 2
_WIDTH = 3.5  # inches: a column of a paper, so that 8 points stay 8 points
_ACRONYMS = {
    *("dists", "dss", "fid", "fsim", "gmsd", "iw-ssim", "kid", "lpips", "mdsi", "mse", "ms-ssim"),
    *("musiq", "niqe", "psnr", "psnr-b", "psnr-y", "roi-psnr", "ssim", "sr-sim", "swd", "vif"),
    *("vmaf", "vsi", "xpsnr"),
}
_COSTS: dict[str, tuple[str, Callable[[Cost], float | None], bool]] = {
    "cost-seconds": ("seconds to encode", lambda one: one.encode, True),
    "cost-memory": ("peak memory, MiB", lambda one: one.peak, False),
}
_SHADED = 3  # more shades than these cannot be told apart


def write_plots(
    run: Run, analysis: Analysis, folder: Path, published: Sequence[Published] = ()
) -> list[Path]:
    """Draw each metric over the rate, time and memory over the size, as SVG and PNG of 300 dpi.

    One column of a paper wide, 3.5 inches, at 8 points. The curves are means over the same pictures
    for all codecs; the shade, of up to three codecs, is the middle half of the pictures. Open marks
    are targets out of reach. Published curves are dashed and named so. Text stays text, and equal
    runs give equal SVG files.

    Args:
        run: what ran.
        analysis: what it says.
        folder: where ``METRIC.svg`` and ``METRIC.png`` go, and of pictures of several sizes
            ``cost-seconds`` and ``cost-memory`` likewise; made if it is missing.
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
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "semcodec", "font.size": 8}):
        for metric in metrics:
            drawn = len(run.codecs) + sum(metric_key(metric) in one.metrics for one in published)
            figure = _figure(figures, drawn)
            _draw(figure.subplots(), run, analysis, metric, metrics[metric], published)
            stem = "".join(c if c.isalnum() or c in "-_." else "_" for c in metric)
            files += _saved(figure, folder, stem)
        found = costs(run)
        for stem, (title, value, logarithmic) in _COSTS.items():
            lines = {
                codec: [(one.megapixels, y) for one in of_codec if (y := value(one))]
                for codec, of_codec in found.items()
            }
            # One size has no slope; the table says it all.
            if any(len(points) > 1 for points in lines.values()):
                figure = _figure(figures, len(lines))
                _draw_cost(figure.subplots(), lines, title, logarithmic)
                files += _saved(figure, folder, stem)
    return files


def _figure(figures: Any, drawn: int) -> Any:
    size = (_WIDTH, 2.6 + 0.14 * -(-drawn // _COLUMNS))
    return figures.Figure(figsize=size, layout="constrained")


def _saved(figure: Any, folder: Path, stem: str) -> list[Path]:
    figure.legend(loc="outside lower center", ncols=_COLUMNS, fontsize=6.5, frameon=False)
    files = [folder / f"{stem}.{kind}" for kind in FORMATS]
    for file in files:
        try:
            figure.savefig(
                file, dpi=300, metadata={"Date": None} if file.suffix == ".svg" else None
            )
        except OSError as error:
            raise SettingError(f"cannot write {file}: {error.strerror}") from None
    return files


def _draw_cost(
    axes: Any, lines: Mapping[str, list[tuple[float, float]]], title: str, logarithmic: bool
) -> None:
    ticker: Any = importlib.import_module("matplotlib.ticker")
    for place, (codec, points) in enumerate(lines.items()):
        if points:
            axes.plot(
                *zip(*points, strict=True),
                color=COLOURS[place % len(COLOURS)],
                linewidth=1.2,
                marker=_MARKS[place % len(_MARKS)],
                markersize=3.5,
                label=_plain(codec),
            )
    axes.set(xscale="log", xlabel="megapixels", ylabel=title)
    if logarithmic:
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    for axis in (axes.xaxis, axes.yaxis)[: 1 + logarithmic]:
        axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_locator(ticker.NullLocator())
    axes.grid(alpha=0.3, linewidth=0.5)


def _draw(
    axes: Any,
    run: Run,
    analysis: Analysis,
    metric: str,
    measure: Measure,
    published: Sequence[Published],
) -> None:
    ground = analysis.grounds[metric]
    for place, codec in enumerate(run.codecs):
        found = analysis.places[codec, metric]
        if not found:
            continue
        colour, mark = COLOURS[place % len(COLOURS)], _MARKS[place % len(_MARKS)]
        rates = [point.bpp for point in found]
        axes.plot(
            rates,
            [point.value for point in found],
            color=colour,
            linewidth=1.2,
            marker=mark,
            markersize=3.5,
            label=_plain(codec),
        )
        missed = [(point.bpp, point.value) for point in found if point.missed]
        if missed:
            form = {"color": colour, "markerfacecolor": "white", "markersize": 3.5}
            axes.plot(*zip(*missed, strict=True), mark, **form)
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
                linestyle="--",
                linewidth=1,
                label=_plain(f"{one.name} (published)"),
            )
    if axes.lines and limits[0][1] > limits[0][0]:
        axes.set_xlim(limits[0])
        axes.set_ylim(limits[1])
    axes.set(xlabel="bits per pixel, whole files", ylabel=_plain(_titled(metric, measure)))
    what = "mean" if metric in run.metrics else "set"
    axes.set_title(f"{what} of {len(ground.images)} pictures", fontsize=7)
    axes.grid(alpha=0.3, linewidth=0.5)


def _titled(metric: str, measure: Measure) -> str:
    name = metric.rpartition(".")[2]
    text = name.upper() if name in _ACRONYMS else metric
    text += f" ({measure.unit})" if measure.unit else ""
    return text if measure.higher_is_better else f"{text}, lower is better"


def _plain(text: str) -> str:
    """Keep matplotlib from reading mathematics, or a label to hide, into a name."""
    return text.replace("$", r"\$").lstrip("_") or "codec"
