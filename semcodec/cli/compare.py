"""The commands that compare: codecs on pictures, and two specs or files with each other."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from semcodec.cli.compared import emit_comparison, emit_comparison_json
from semcodec.cli.output import emit, emit_json, paragraph, table

if TYPE_CHECKING:
    from semcodec.compare.cells import Cell
    from semcodec.compare.model import Plan

__all__ = ["compare", "diff"]

_COMPARE_EXAMPLES = """\b
Examples:
  semcodec compare roi-dct flat-dct --data photos --target-bpp 0.25,0.5,1 -o run
  semcodec compare swaps.yaml -o run --workers 2
  semcodec compare swaps.yaml -o run --data photos

\b
A run that was interrupted goes on where it stopped: run the same command
again. Rows stand in DIR/rows.jsonl, one JSON object a line.
"""

_WIDEST = 28
_path = click.Path(path_type=Path)


def _numbers(ctx: click.Context, option: click.Parameter, value: str | None) -> list[float]:
    try:
        return [float(each) for each in value.split(",")] if value is not None else []
    except ValueError:
        raise click.UsageError(
            f"{option.opts[0]} expects numbers such as 0.25,0.5, got {value!r}"
        ) from None


@click.command(epilog=_COMPARE_EXAMPLES)
@click.argument("codecs", metavar="FILE.yaml|CODEC...", nargs=-1, required=True)
@click.option("-o", "--output", required=True, metavar="DIR", type=_path, help="Folder of results.")
@click.option("--data", metavar="DIR", help="Folder of pictures; in place of FILE's.")
@click.option("--target-bpp", metavar="LIST", callback=_numbers, help="Most bits a pixel.")
@click.option("--target-bytes", metavar="LIST", callback=_numbers, help="Most bytes of a file.")
@click.option(
    "--scope",
    type=click.Choice(["image", "dataset"]),
    help="Whether targets hold for each image, the default, or for all together.",
)
@click.option("--metric", "metrics", multiple=True, metavar="ID", help="What to measure [psnr].")
@click.option("--masks", metavar="DIR", help="Masks for metrics to grade with; no codec sees them.")
@click.option("--captions", metavar="DIR", help="Captions for metrics, as DIR/PICTURE.txt.")
@click.option("--limit", metavar="N", type=int, help="Take the first N pictures only.")
@click.option("--workers", metavar="N", type=int, help="Processes of one thread each [1].")
@click.option("--timeout", metavar="S", type=float, help="Most seconds of one row.")
@click.option("--device", metavar="NAME", help="Where networks run [cpu].")
@click.option("--retry-failed", is_flag=True, help="Compute failed rows again.")
@click.option("--page/--no-page", default=True, help="Write DIR/index.html at the end [yes].")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def compare(
    ctx: click.Context,
    codecs: tuple[str, ...],
    output: Path,
    data: str | None,
    target_bpp: list[float],
    target_bytes: list[float],
    scope: str | None,
    metrics: tuple[str, ...],
    masks: str | None,
    captions: str | None,
    limit: int | None,
    workers: int | None,
    timeout: float | None,
    device: str | None,
    retry_failed: bool,
    page: bool,
    as_json: bool,
) -> None:
    """Run codecs on pictures at equal bytes and measure what comes of it.

    What to compare is in FILE.yaml, or named here. Exits with 1 when a row failed.
    """
    from semcodec.compare.run import run

    given: dict[str, Any] = {
        "data": data,
        "rates": {"target_bpp": target_bpp, "target_bytes": target_bytes},
        "metrics": list(metrics),
        "masks": masks,
        "captions": captions,
        "limit": limit,
    }
    if scope is not None:
        given["rates"]["scope"] = scope
    common = {"workers": workers, "timeout": timeout, "device": device}
    plan = _plan(codecs, given, {k: v for k, v in common.items() if v is not None})
    outcome = run(plan, output, checked=_warn, progress=_progress(ctx), retry_failed=retry_failed)
    if page:
        from semcodec.report import write_report

        write_report(outcome.folder)
    if as_json:
        emit_comparison_json(plan, outcome)
    else:
        emit_comparison(plan, outcome)
        if page:
            emit(f"page: {outcome.folder / 'index.html'}")
    if any(row["status"] == "failed" for row in outcome.rows):
        ctx.exit(1)


def _warn(cells: Sequence[Cell]) -> None:
    """Name what will not run before hours are spent on the rest."""
    for cell in cells:
        if cell.status == "invalid":
            click.echo(f"not run: {cell.name}\n{paragraph(cell.reason, 2)}", err=True)


def _plan(codecs: tuple[str, ...], given: dict[str, Any], common: dict[str, Any]) -> Plan:
    """Read the file, or make of the options what would stand in one."""
    from semcodec.compare.form import is_compare_file, plan_of
    from semcodec.spec.sources import is_path, read_file
    from semcodec.spec.text import Document

    if len(codecs) == 1 and is_path(codecs[0]) and is_compare_file(Path(codecs[0])):
        rates, pictures = given.pop("rates"), given.pop("data")
        named = [key for key, value in given.items() if value] + [k for k, v in rates.items() if v]
        if named:
            options = ", ".join(f"--{key.replace('_', '-')}" for key in named)
            raise click.UsageError(f"{options}: the compare file says that")
        document = read_file(Path(codecs[0]))
        data = {**document.data, **common}
        if pictures is not None:
            data["data"] = _elsewhere(data.get("data"), pictures)
        return plan_of(Document(data, document.lines, document.source))
    if given["data"] is None:
        raise click.UsageError("--data is needed: the folder of pictures")
    kept = {key: value for key, value in given.items() if value}
    return plan_of({"compare": 1, "codecs": list(codecs), **kept, **common})


def _elsewhere(said: Any, pictures: str) -> Any:
    """Give the data set of a compare file with another folder, or the folder itself."""
    # Relative paths of the file start at its own folder, those of the command line here.
    folder = str(Path(pictures).expanduser().absolute())
    return {**said, "path": folder} if isinstance(said, dict) else folder


def _progress(ctx: click.Context) -> Any:
    """Report on standard error: a line that rewrites itself on a terminal, lines with -v."""
    if sys.stderr.isatty():
        return _rewrite
    if ctx.find_root().params.get("verbose"):
        return lambda done, whole, left, what: click.echo(
            f"{done}/{whole}, {_time(left)} left: {what}", err=True
        )
    return None


def _rewrite(done: int, whole: int, left: float, what: str) -> None:
    line = "" if done >= whole else f"{done}/{whole}, {_time(left)} left: {what:.50}"
    click.echo(f"\r{line:<79}\r", nl=False, err=True)


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _clip(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}..."


@click.command(
    epilog="\b\nExamples:\n  semcodec diff flat-dct mine.yaml\n  semcodec diff one.smc other.smc"
)
@click.argument("one", metavar="A")
@click.argument("other", metavar="B")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def diff(one: str, other: str, as_json: bool) -> None:
    """Say what differs between two specs or two coded files, by address.

    A and B are both specs, by name or path, or both coded files.
    """
    from dataclasses import asdict

    from semcodec.compare.differences import between

    found = between(one, other)
    if as_json:
        emit_json({"a": one, "b": other, **asdict(found)})
        return
    rows = [(d.address, _clip(d.one), _clip(d.other)) for d in found.differences]
    emit(table(rows, ("ADDRESS", "A", "B")) if rows else "no difference", "", found.verdict)
