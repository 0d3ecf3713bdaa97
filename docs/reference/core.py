"""Pages about what the core provides: its components with their parameters, and its commands."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

import click
import griffe
import render

from semcodec import builtin
from semcodec.cli.main import cli
from semcodec.contracts.kinds import KINDS
from semcodec.discovery import catalog
from semcodec.discovery.describe import describe

_FACTS = (
    "format",
    "determinism",
    "consumes",
    "produces",
    "index_ratio",
    "metric_version",
    "unit",
    "higher_is_better",
)


def components(package: griffe.Object, to: render.Links) -> str:
    """Write the page of the core's components, by kind."""
    refs = [
        *builtin.semcodec_components(),
        *builtin.semcodec_metrics(),
        *builtin.semcodec_datasets(),
    ]
    found = [(ref, catalog().component(ref.id)) for ref in refs]
    parts = [
        "# Components of the core",
        "What a spec can name without any plugin; `semcodec info ID` prints one of them. A\n"
        "parameter of the *encoder only* is none that the decoder needs: it takes no part in a\n"
        "codec's identity.",
    ]
    for kind in KINDS:
        own = [(ref, cls) for ref, cls in found if cls.kind == kind]
        if own:
            parts.append(f"## {kind.capitalize()}")
        for ref, cls in own:
            parts.append(f"### {ref.id}")
            module, _, name = ref.target.partition(":")
            parts += render.docstring(package[f"{module.partition('.')[2]}.{name}"], to)
            parts += _facts(describe(catalog().entry(ref.id), cls), to)
    return "\n\n".join(parts) + "\n"


def _facts(facts: Mapping[str, Any], to: render.Links) -> Iterator[str]:
    known = [(name, facts[name]) for name in _FACTS if facts.get(name) not in (None, "")]
    yield " · ".join(f"{name.replace('_', ' ')} `{value}`" for name, value in known)
    for port in facts["ports"]:
        sides = "both sides" if port["needed_by"] == "both" else "encoder only"
        exact = "exact" if port["exact"] else "shapes pixels only"
        needed = "optional" if port["optional"] else "required"
        yield f"Port `{port['name']}` takes a `{port['type']}`: {sides}, {exact}, {needed}."
    rows = []
    for each in facts["parameters"]:
        state = "required" if each["required"] else f"default `{each['default']}`"
        side = ", encoder only" if each["encode_only"] else ""
        rows.append(
            render.item(f"`{each['name']}` ({each['type']}, {state}{side})", each["doc"], to)
        )
    if rows:
        yield "\n".join(rows)


def commands() -> str:
    """Write the page of the commands."""
    parts = [
        "# Commands",
        "What `semcodec COMMAND --help` prints, on one page. [Using semcodec](../guide.md) shows\n"
        "them at work.",
    ]
    context = click.Context(cli, info_name="semcodec")
    parts += _command(cli, context)
    for ref in builtin.COMMANDS:
        command = cli.get_command(context, ref.name)
        assert command is not None
        parts += _tree(command, context, ref.name)
    return "\n\n".join(parts) + "\n"


def _tree(command: click.Command, parent: click.Context, name: str) -> Iterator[str]:
    """Write a command, and below it those that it groups."""
    context = click.Context(command, info_name=name, parent=parent)
    yield from _command(command, context)
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            assert found is not None
            yield from _tree(found, context, inner)


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    given = [p for p in command.params if isinstance(p, click.Argument)]
    names = " ".join(_metavar(p) if p.required else f"[{_metavar(p).strip('[]')}]" for p in given)
    yield f"## {context.command_path}"
    yield f"```text\n{context.command_path} [OPTIONS] {names}".rstrip() + "\n```"
    yield from _paragraphs(inspect.cleandoc(command.help or ""))
    rows = [_option(p) for p in command.params if isinstance(p, click.Option) and not p.hidden]
    if rows:
        yield "\n".join(rows)
    yield from _paragraphs(command.epilog or "")


def _paragraphs(text: str) -> Iterator[str]:
    """Click's paragraphs: one that starts with a backspace character keeps its lines."""
    for part in re.split(r"\n\n+", text.replace("\b\n", "\b").strip("\n")):
        if part.startswith("\b"):
            yield f"```text\n{part[1:]}\n```"
        elif part:
            yield render.prose(part, render.Links())


def _metavar(parameter: click.Parameter) -> str:
    if parameter.metavar:
        return parameter.metavar
    if isinstance(parameter.type, click.Choice):
        return "|".join(map(str, parameter.type.choices))
    if isinstance(parameter, click.Option):
        return parameter.type.name.upper()
    return str(parameter.name).upper()


def _option(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    value = "" if option.is_flag or option.count else f" `{_metavar(option)}`"
    marks = ["required"] if option.required else []
    if option.show_default and option.default is not None:
        marks.append(f"default `{option.default}`")
    if option.multiple:
        marks.append("may be repeated")
    state = f" ({', '.join(marks)})" if marks else ""
    return f"- {names}{value}{state}: {option.help}"
