"""The commands about plugins: list the installed ones, start one, check one."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from semcodec.cli.listing import KINDS
from semcodec.cli.output import emit, emit_json, paragraph, table
from semcodec.discovery import catalog

__all__ = ["plugins"]

_EXAMPLES = """\b
Examples:
  semcodec plugins --json
  semcodec plugins new acme --kind quantizer --kind metric
  semcodec plugins check semcodec-acme
"""
_NEW_EXAMPLES = """\b
Examples:
  semcodec plugins new acme
  semcodec plugins new acme --kind transform --kind quantizer --author "A. Uthor"
  semcodec plugins new acme --kind all --licence MIT -o ~/code
"""
_CHECK_EXAMPLES = """\b
Examples:
  semcodec plugins check
  semcodec plugins check plugins/semcodec-anchors --json
"""
_LICENCES = ("Apache-2.0", "MIT")
_ALL = "all"
_path = click.Path(path_type=Path)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(invoke_without_command=True, epilog=_EXAMPLES)
@_json
@click.pass_context
def plugins(ctx: click.Context, as_json: bool) -> None:
    """List the installed plugins, importing no implementation; or make and check your own."""
    if ctx.invoked_subcommand is not None:
        if as_json:
            raise click.UsageError(f"give --json after {ctx.invoked_subcommand}")
        return
    found = catalog()
    if as_json:
        emit_json({"plugins": [_plugin(p) for p in found.plugins], "problems": [*found.problems]})
        return
    rows = [
        (
            plugin.name,
            plugin.distribution,
            plugin.version,
            str(len(plugin.refs)) if plugin.usable else "-",
            ", ".join(ref.name for ref in plugin.pipelines) or "-",
        )
        for plugin in found.plugins
    ]
    emit(table(rows, ("NAME", "DISTRIBUTION", "VERSION", "COMPONENTS", "PIPELINES")))
    if found.problems:
        emit("", "Problems:", *(paragraph(problem, 2) for problem in found.problems))


@plugins.command(epilog=_NEW_EXAMPLES, short_help="Write a package to start a plugin from.")
@click.argument("name", metavar="NAME")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([*KINDS, _ALL]),
    metavar="KIND",
    default=("quantizer",),
    help=f"Component to start with, several times for more: {', '.join(KINDS)} or {_ALL}.  "
    "[default: quantizer]",
)
@click.option("--prefix", metavar="P", help="What the ids start with, if not NAME.")
@click.option("--author", metavar="NAME", default="", help="Author, for the metadata.")
@click.option(
    "--licence",
    type=click.Choice(_LICENCES),
    default=_LICENCES[0],
    show_default=True,
    help="Licence of the package.",
)
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=_path,
    default=Path(),
    help="Folder to write semcodec-NAME into, if not here.",
)
def new(
    name: str, kinds: Sequence[str], prefix: str | None, author: str, licence: str, output: Path
) -> None:
    """Write a package semcodec-NAME that can be installed, tested and published as it is.

    It holds one worked component of each KIND, pipelines that use them, tests from the
    conformance kit, a README, a licence and a CI file.
    """
    from semcodec.authoring.make import Plugin, new_plugin
    from semcodec.authoring.names import names_of

    names = names_of(name, prefix=prefix, author=author)
    plugin = Plugin(names, KINDS if _ALL in kinds else kinds, licence)
    folder = new_plugin(plugin, output)
    emit(f"{folder}: {', '.join(plugin.kinds)} under the prefix {names.prefix}", "", "Next:")
    # Without a dot in front pip would take it for the name of a package.
    start = "" if folder.is_absolute() or folder.parts[0] == ".." else "./"
    emit(f'  pip install -e "{start}{folder}[test]"')
    emit(f"  semcodec plugins check {shlex.quote(str(folder))}")
    pipeline = next(iter(plugin.pipelines), "")
    if pipeline:
        emit(f"  semcodec encode photo.png -p {pipeline} -o photo.smc")


@plugins.command(epilog=_CHECK_EXAMPLES, short_help="Check a plugin before it is published.")
@click.argument("folder", metavar="[PATH]", type=_path, default=Path())
@_json
@click.pass_context
def check(ctx: click.Context, folder: Path, as_json: bool) -> None:
    """Check the plugin in the folder PATH: its package, and its components by its own tests.

    Builds the wheel, looks at what would be published, runs the tests, and writes
    conformance.json beside pyproject.toml. Exits with 1 if a check fails or a component has no
    test class of the kit.
    """
    from semcodec.authoring.conformance import conforms
    from semcodec.authoring.verdict import DOCUMENT, check_plugin

    found = check_plugin(folder, _say if sys.stderr.isatty() else lambda what: None)
    good = conforms(found["checks"])
    if as_json:
        emit_json(found)
    else:
        emit(f"{found['distribution']} {found['version']}".rstrip())
        _show(found["checks"])
        counts = ", ".join(f"{count} {outcome}" for outcome, count in found["summary"].items())
        emit("", f"{folder / DOCUMENT}: {counts}")
        emit("It conforms." if good else "It does not conform.")
    ctx.exit(0 if good else 1)


def _plugin(plugin: Any) -> dict[str, Any]:
    return {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "module": plugin.module,
        "usable": plugin.usable,
        "ids": list(plugin.ids),
        "pipelines": [ref.name for ref in plugin.pipelines],
        "commands": [ref.name for ref in plugin.commands],
        "problems": list(plugin.problems),
    }


def _show(rows: Sequence[dict[str, Any]]) -> None:
    """Print counts for each subject, then what did not pass, equal reasons together."""
    from semcodec.authoring.conformance import NO_TEST, OUTCOMES

    counts: dict[str, Counter[str]] = {}
    for row in rows:
        counts.setdefault(row["subject"], Counter())[row["outcome"]] += 1
    cells = [(name, *(str(count[o] or "-") for o in OUTCOMES)) for name, count in counts.items()]
    emit("", table(cells, ("SUBJECT", *(outcome.upper() for outcome in OUTCOMES)), 2))
    never = _those(rows, "never")
    untested = [row for row in never if row["reason"] == NO_TEST]
    noted = [row for row in _those(rows, "passed") if row["reason"]]
    for title, chosen in (
        ("Failed", _those(rows, "failed")),
        ("Without a test", untested),
        ("Expected to fail", _those(rows, "expected")),
        ("Skipped", _those(rows, "skipped")),
        ("Notes", noted),
    ):
        if chosen:
            emit("", f"{title}:")
            _list(chosen, each=title == "Failed")
    if len(never) > len(untested):
        emit("", f"{len(never) - len(untested)} checks never applied: nothing here calls for them.")


def _those(rows: Sequence[dict[str, Any]], outcome: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["outcome"] == outcome]


def _list(rows: Sequence[dict[str, Any]], *, each: bool) -> None:
    """List rows: each with its place, or those of one reason on one line."""
    if each:
        for row in rows:
            settings = ", ".join(f"{k}={v}" for k, v in row["configuration"].items())
            emit(f"  {row['id']}  {row['subject']}{f' ({settings})' if settings else ''}")
            emit(paragraph(row["reason"], 6))
            if row["where"]:
                emit(f"      at {row['where']}")
        return
    together: dict[str, list[str]] = {}
    for row in rows:
        # What no test names is known by its subject, all else by the check.
        name = row["subject"] if row["outcome"] == "never" else row["id"]
        together.setdefault(row["reason"], []).append(name)
    for reason, ids in together.items():
        names = ", ".join(dict.fromkeys(ids))
        emit(paragraph(f"{names}: {reason}", 2))


def _say(what: str) -> None:
    click.echo(f"{what} ...", err=True)
