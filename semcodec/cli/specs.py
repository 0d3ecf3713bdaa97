"""The commands that look at specs: validate, show, lock, schema and graph."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from semcodec.cli.output import emit, emit_json
from semcodec.cli.paths import check_output, read_text
from semcodec.cli.values import pairs, typed
from semcodec.errors import SettingError

if TYPE_CHECKING:
    from semcodec.engine.codec import Codec

__all__ = ["graph", "lock", "schema", "show", "validate"]

_spec = click.argument("spec", metavar="NAME_OR_FILE")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

_SHOW = """\b
Examples:
  semcodec show flat-dct
  semcodec show flat-dct --expand --set quantizer.step=8
"""
_LOCK = """\b
Examples:
  semcodec lock mine.yaml -o mine.lock.json
  semcodec lock mine.yaml --check mine.lock.json
"""


@click.command(epilog="\b\nExample:\n  semcodec validate mine.yaml")
@_spec
@_json
def validate(spec: str, as_json: bool) -> None:
    """Check a spec and report every problem with its path and line."""
    from semcodec.engine.api import load
    from semcodec.errors import PluginError, Problem, SpecError

    try:
        codec = load(spec)
    except (SpecError, PluginError) as error:
        if not as_json:
            raise
        found = getattr(error, "problems", (Problem("", str(error.args[0]), hint=error.hint),))
        emit_json({"valid": False, "problems": [asdict(problem) for problem in found]})
        raise click.exceptions.Exit(1) from None
    codecs = getattr(codec, "candidates", (codec,))
    facts: list[dict[str, Any]] = [
        {"name": each.name, "digest": each.digest, "code": each.code} for each in codecs
    ]
    if len(codecs) > 1:
        facts = [{"name": codec.name, "candidates": facts}]
    if as_json:
        emit_json({"valid": True, **facts[0]})
        return
    for each in codecs:
        what = f"wire code {each.code}" if each.code is not None else "private codec"
        who = f"{spec}: valid" if len(codecs) == 1 else f"{spec}: valid, candidate {each.name}"
        emit(f"{who}, {what}, decode digest {each.digest[:16]}...")


@click.command(epilog=_SHOW)
@_spec
@click.option("--expand", is_flag=True, help="Print the general form with every parameter.")
@click.option("--decode", "decode_only", is_flag=True, help="Print only what a decoder needs.")
@click.option(
    "--set", "sets", multiple=True, metavar="ADDRESS=VALUE", help="Change a parameter first."
)
@click.option(
    "--swap", "swaps", multiple=True, metavar="SLOT=COMPONENT", help="Change a component first."
)
@_json
def show(
    spec: str,
    expand: bool,
    decode_only: bool,
    sets: tuple[str, ...],
    swaps: tuple[str, ...],
    as_json: bool,
) -> None:
    """Print a pipeline's spec: as written, or resolved with --expand."""
    from semcodec.engine.api import load
    from semcodec.spec.lock import decode_form, full_form

    if not (expand or decode_only or sets or swaps or as_json):
        emit(_written(spec))
        return
    changes = {key: typed(value) for key, value in pairs(sets, "--set").items()}
    codec = _single(load(spec, set=changes, swap=pairs(swaps, "--swap")))
    form = (decode_form if decode_only else full_form)(codec.pipeline)
    if as_json:
        emit_json(form)
    else:
        emit(_yaml(form).rstrip("\n"))


@click.command(epilog=_LOCK)
@_spec
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="File to write; standard output otherwise.",
)
@click.option(
    "--check",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Compare with a lock instead of writing one.",
)
def lock(spec: str, output: Path | None, check: Path | None) -> None:
    """Write the resolved spec, every parameter and format pinned, with its digests."""
    if output is not None and check is not None:
        raise click.UsageError("give at most one of --output and --check")
    if output is not None:
        check_output(output, Path(spec))

    from semcodec.engine.api import load
    from semcodec.image import write_bytes

    text = load(spec).lock()
    if check is not None:
        _compare(spec, text, check)
        emit(f"{check} is the lock of {spec}")
    elif output is not None:
        write_bytes(text.encode(), output)
        emit(f"{output}: decode digest {_digest(json.loads(text))}")
    else:
        click.echo(text, nl=False)


@click.command(epilog="\b\nExample:\n  semcodec schema > semcodec.schema.json")
def schema() -> None:
    """Print a JSON Schema of specs that knows the installed components."""
    from semcodec.spec.schema import schema as make

    emit_json(make())


@click.command(
    epilog="\b\nExamples:\n  semcodec graph flat-dct\n  semcodec graph flat-dct --format mermaid"
)
@_spec
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "mermaid", "dot"]),
    default="text",
    show_default=True,
    help="What to draw.",
)
def graph(spec: str, form: str) -> None:
    """Draw what a pipeline does, stage by stage."""
    from semcodec.engine.api import load
    from semcodec.graph.draw import draw

    emit(*draw(_single(load(spec)).pipeline, form).split("\n"))


def _single(codec: Codec) -> Codec:
    """Refuse a choice between codecs where one is meant."""
    if hasattr(codec, "candidates"):
        codec.lock()  # raises, naming the candidates
    return codec


def _compare(spec: str, text: str, check: Path) -> None:
    found = read_text(check)
    if found == text:
        return
    try:
        old = json.loads(found)
    except (ValueError, RecursionError):
        raise SettingError(
            f"{check} is no lock: expected JSON", hint=f"semcodec lock {spec} -o {check}"
        ) from None
    part = "decoding" if _digest(old) != _digest(json.loads(text)) else "encoding only"
    raise SettingError(
        f"{check} is not the lock of {spec}: they differ in what matters for {part}",
        hint=f"semcodec lock {spec} -o {check}",
    )


def _written(spec: str) -> str:
    """The text as its author wrote it."""
    from semcodec.spec.sources import is_path, read_file

    if is_path(spec):
        read_file(Path(spec))
        return read_text(Path(spec)).rstrip("\n")
    from semcodec.discovery import catalog

    return catalog().pipeline(spec).read().rstrip("\n")


def _yaml(form: dict[str, Any]) -> str:
    import yaml

    return yaml.safe_dump(form, sort_keys=False, allow_unicode=True, width=100)


def _digest(lock_data: Any) -> str:
    try:
        return str(lock_data["lock"]["decode"])
    except (KeyError, TypeError):
        return ""
