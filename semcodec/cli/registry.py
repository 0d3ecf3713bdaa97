"""The commands of the public register: list, search, show, verify."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from semcodec.cli.output import emit, emit_json, table

if TYPE_CHECKING:
    from semcodec.discovery.health import Check
    from semcodec.registry import Found, Register

__all__ = ["registry"]

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_path = click.Path(path_type=Path)

_EXAMPLES = """\b
Examples:
  semcodec registry
  semcodec registry search dct
  semcodec registry show 17
  semcodec registry verify --against-git HEAD
"""

_VERIFY = """\b
Examples:
  semcodec registry verify
  semcodec registry verify mine.yaml --against registry.yaml
  semcodec registry verify registry.yaml --against-git origin/main
"""


@click.group(invoke_without_command=True, epilog=_EXAMPLES)
@_json
@click.pass_context
def registry(ctx: click.Context, as_json: bool) -> None:
    """List, search and verify the public register of wire codes and component prefixes.

    Without a subcommand it lists both. It needs no network and imports no plugin's implementation.
    """
    if ctx.invoked_subcommand is not None:
        if as_json:
            raise click.UsageError("--json comes after the subcommand")
        return
    from semcodec.discovery import catalog
    from semcodec.registry import everything, load_register

    found = everything(load_register(), catalog().plugins)
    _list([each for each in found if each.kind != "component"], as_json)


@registry.command(
    short_help="Find a word among names and descriptions.",
    epilog="\b\nExample:\n  semcodec registry search saliency",
)
@click.argument("word", metavar="WORD")
@_json
@click.pass_context
def search(ctx: click.Context, word: str, as_json: bool) -> None:
    """Find WORD among names, distributions and descriptions; exit with 1 if nothing has it.

    What is installed is searched too, down to its components.
    """
    from semcodec.discovery import catalog
    from semcodec.registry import load_register
    from semcodec.registry import search as find

    found = find(load_register(), catalog().plugins, word)
    _list(found, as_json)
    if not found:
        if not as_json:
            click.echo(
                f"error: nothing in the register or installed here has {word!r} in it", err=True
            )
        ctx.exit(1)


@registry.command(
    short_help="Show all of a code, a pipeline or a prefix.",
    epilog="\b\nExample:\n  semcodec registry show flat-dct",
)
@click.argument("name", metavar="CODE_OR_NAME")
@_json
def show(name: str, as_json: bool) -> None:
    """Show all that is registered of a wire code, a pipeline or a prefix."""
    from semcodec.errors import ComponentNotFound
    from semcodec.registry import load_register

    register = load_register()
    entries = _entries(register, name)
    if not entries:
        import difflib

        known = [*(c.name for c in register.codecs), *(p.prefix for p in register.providers)]
        near = difflib.get_close_matches(name, known, n=3)
        raise ComponentNotFound(
            f"the register has no code, pipeline or prefix {name!r}",
            hint=f"Did you mean {' or '.join(near)}?" if near else "See: semcodec registry",
        )
    if as_json:
        emit_json({"entries": entries})
        return
    for number, facts in enumerate(entries):
        rows = [(key, _text(value)) for key, value in facts.items() if _text(value)]
        emit(*([""] if number else []), table(rows))


@registry.command(short_help="Check the form, the installation and the growth.", epilog=_VERIFY)
@click.argument("file", metavar="[FILE]", type=_path, required=False)
@click.option("--against", metavar="FILE", type=_path, help="Refuse what is no addition to FILE.")
@click.option(
    "--against-git", metavar="REV", help="Likewise, to the file as it was committed in REV."
)
@_json
@click.pass_context
def verify(
    ctx: click.Context,
    file: Path | None,
    against: Path | None,
    against_git: str | None,
    as_json: bool,
) -> None:
    """Check a register: its form, what is installed and, if asked, that it only grew.

    FILE is the register that comes with this release unless another is given. Exits with 1 if
    anything is wrong.
    """
    if against is not None and against_git is not None:
        raise click.UsageError("give at most one of --against and --against-git")

    from semcodec.discovery import catalog
    from semcodec.discovery.health import Check
    from semcodec.engine.registration import check_register
    from semcodec.registry import parse_register, read_register, register_file
    from semcodec.registry.history import committed_text

    path = register_file() if file is None else file
    register = read_register(path)
    size = f"{len(register.providers)} prefixes, {len(register.codecs)} codes"
    checks = [Check("form", "ok", f"{path}: {size}")]
    if against is not None:
        checks += _additions(read_register(against), register, str(against))
    if against_git is not None:
        source = f"{path.name} in {against_git}"
        old = parse_register(committed_text(path, against_git), source=source)
        checks += _additions(old, register, source)
    checks += check_register(register, catalog())
    broken = sum(check.state == "broken" for check in checks)
    if as_json:
        emit_json({"register": str(path), "broken": broken, "checks": [asdict(c) for c in checks]})
    else:
        emit(table([(c.state, c.subject, " ".join(c.detail.split())) for c in checks]))
        emit("", f"{broken} broken" if broken else "Everything is in order.")
    ctx.exit(1 if broken else 0)


def _additions(old: Register, new: Register, source: str) -> list[Check]:
    from semcodec.discovery.health import Check
    from semcodec.registry import additions_problems

    problems = additions_problems(old, new)
    if not problems:
        return [Check("additions", "ok", f"nothing but additions to {source}")]
    return [Check("additions", "broken", f"against {source}: {problem}") for problem in problems]


def _entries(register: Register, name: str) -> list[dict[str, Any]]:
    """Everything of that name or code, as JSON-ready data."""
    found: list[dict[str, Any]] = []
    codec = register.code(int(name)) if name.isdecimal() else register.pipeline(name)
    if codec is not None:
        facts = {"pipeline": codec.name, **asdict(codec)}
        del facts["name"]
        facts["wire"] = {field.name: field.levels for field in codec.wire}
        found.append({**facts, "install": register.install_hint(codec.name)})
    for owner in register.providers:
        if owner.prefix == name:
            mine = [c.name for c in register.codecs if c.provider == owner.distribution]
            install = owner.install if owner.status == "available" else ""
            found.append({**asdict(owner), "install": install, "pipelines": mine})
    return found


def _list(found: Sequence[Found], as_json: bool) -> None:
    if as_json:
        emit_json({"found": [asdict(each) for each in found]})
        return
    if not found:
        return
    rows = [
        (
            each.kind,
            each.name,
            "-" if each.code is None else str(each.code),
            each.distribution,
            each.status,
            each.description or "-",
        )
        for each in found
    ]
    emit(table(rows, ("WHAT", "NAME", "CODE", "DISTRIBUTION", "STATUS", "DESCRIPTION")))
    commands = list(dict.fromkeys(each.install for each in found if each.install))
    if commands:
        emit("", "Not installed here:", *(f"  {command}" for command in commands))


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} ({levels} levels)" for key, levels in value.items())
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
