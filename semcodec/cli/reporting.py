"""The commands that show and pass on what a comparison found."""

from __future__ import annotations

from pathlib import Path

import click

from semcodec.cli.output import emit
from semcodec.cli.paths import check_output

__all__ = ["export", "report"]

_REPORT_EXAMPLES = """\b
Examples:
  semcodec report results
  semcodec report results -o page.html --anchor jpeg --plots plots
  semcodec report results --published vtm.json --quality psnr=0.02
"""

_EXPORT_EXAMPLES = """\b
Example:
  semcodec export results --format compressai --codec flat-dct -o flat-dct.json
"""

_path = click.Path(path_type=Path)


@click.command(epilog=_REPORT_EXAMPLES)
@click.argument("folder", metavar="DIR", type=_path)
@click.option("-o", "--output", metavar="FILE", type=_path, help="Page; DIR/index.html if none.")
@click.option("--anchor", metavar="CODEC", default="", help="Compare with it; the first if none.")
@click.option(
    "--interpolation",
    type=click.Choice(("pchip", "akima", "cubic")),
    default="pchip",
    show_default=True,
    help="Of the curves, for BD figures.",
)
@click.option(
    "--published", "tables", multiple=True, metavar="FILE", type=_path, help="Table to draw beside."
)
@click.option("--dataset", metavar="NAME", default="", help="Data set of a table that has several.")
@click.option(
    "--curve",
    "curves",
    multiple=True,
    metavar="NAME",
    help="Which of the tables' codecs; all if none.",
)
@click.option("--semantic", metavar="METRIC=WEIGHT", help="Distance of the composite objective.")
@click.option("--quality", metavar="METRIC=WEIGHT", help="Quality of the composite objective.")
@click.option("--plots", metavar="DIR", type=_path, help="Folder for SVG and PNG plots.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the bootstrap.")
def report(
    folder: Path,
    output: Path | None,
    anchor: str,
    interpolation: str,
    tables: tuple[Path, ...],
    dataset: str,
    curves: tuple[str, ...],
    semantic: str | None,
    quality: str | None,
    plots: Path | None,
    seed: int,
) -> None:
    """Write one HTML page of a run of 'semcodec compare' in the folder DIR.

    --published and --curve may be given several times. With --semantic or --quality codecs are
    ranked by rate + WEIGHT x distance - WEIGHT x quality, in bits a pixel.
    """
    page = folder / "index.html" if output is None else output
    if folder.is_dir():
        check_output(page, folder / "rows.jsonl", *tables)
    distance, distance_weight = _weighted("--semantic", semantic)
    good, good_weight = _weighted("--quality", quality)

    from semcodec.report import write_report
    from semcodec.report.bd import METHODS
    from semcodec.report.objective import Objective
    from semcodec.report.published import choose, read_published

    method = METHODS[METHODS.index(interpolation)]
    objective = Objective(distance, distance_weight, good, good_weight)
    found = [one for path in tables for one in read_published(path, dataset=dataset)]
    published = choose(found, curves)
    write_report(
        folder,
        page,
        anchor=anchor,
        method=method,
        objective=objective if distance or good else None,
        published=published,
        seed=seed,
    )
    emit(f"{page}: {page.stat().st_size / 1e6:.1f} MB, opens without a network")
    if plots is not None:
        from semcodec.report.analysis import analyse
        from semcodec.report.plots import write_plots
        from semcodec.report.run import read_run

        run = read_run(folder)
        analysis = analyse(run, anchor=anchor, method=method, seed=seed)
        files = write_plots(run, analysis, plots, published)
        emit(f"{plots}: {', '.join(path.name for path in files)}")


@click.command(epilog=_EXPORT_EXAMPLES)
@click.argument("folder", metavar="DIR", type=_path)
@click.option(
    "--format",
    "form",
    type=click.Choice(("compressai",)),
    default="compressai",
    show_default=True,
    help="Form to write.",
)
@click.option("-o", "--output", required=True, metavar="FILE_OR_DIR", type=_path, help="Where to.")
@click.option(
    "--codec", metavar="CODEC", default="", help="Which of the run's codecs; all if none."
)
def export(folder: Path, form: str, output: Path, codec: str) -> None:
    """Write the averages of a run of 'semcodec compare' for other tools.

    CompressAI's form has one file a codec: of several codecs the output is a folder.
    """
    from semcodec.report.compressai import export_compressai
    from semcodec.report.run import read_run

    for path in export_compressai(read_run(folder), output, codec):
        emit(f"{path}: for python -m compressai.utils.plot -f")


def _weighted(option: str, text: str | None) -> tuple[str, float]:
    if text is None:
        return "", 0.0
    name, found, weight = text.rpartition("=")
    try:
        value = float(weight)
    except ValueError:
        value = -1.0
    if not found or not name or not 0 <= value < float("inf"):
        raise click.UsageError(
            f"{option} expects METRIC=WEIGHT, a weight of at least 0, got {text!r}"
        )
    return name, value
