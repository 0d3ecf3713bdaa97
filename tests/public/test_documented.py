"""Nothing public is undocumented, and the reference says what the docstrings say.

What has to be documented is read from the code: hooks, methods of the contracts, value types, the
public names, the commands with their options. A new one without a page's word fails here.
"""

from __future__ import annotations

import importlib.util
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import semcodec
from semcodec.builtin import COMMANDS
from semcodec.cli.main import cli
from semcodec.contracts.coding import DecodeSession, EncodeSession
from semcodec.contracts.context import Context
from semcodec.contracts.kinds import KINDS, _Kind
from semcodec.contracts.values import ValueType
from semcodec.discovery import hookspecs

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
WRITTEN = "\n".join(
    page.read_text(encoding="utf-8") for page in [ROOT / "README.md", *DOCS.glob("*.md")]
)
"""The pages that people write."""
REFERENCE = re.sub(
    r"^```.*?^```$",
    "",
    "\n".join(page.read_text(encoding="utf-8") for page in sorted(DOCS.glob("reference/*.md"))),
    flags=re.MULTILINE | re.DOTALL,
)
"""The pages written from docstrings, without their code."""

HOOKS = [name for name, each in vars(hookspecs).items() if hasattr(each, "semcodec_spec")]
METHODS = [
    f"{base.__name__}.{name}".removeprefix("_Kind.")
    for base in (_Kind, *KINDS.values(), EncodeSession, DecodeSession, ValueType, Context)
    for name, each in vars(base).items()
    if inspect.isroutine(each)
    and (name == "__iter__" or not name.startswith("_"))
    and name not in vars(base).get("__annotations__", {})  # a function as an attribute's default
]
VALUES = [each.__name__ for each in ValueType.__subclasses__()]


def section(heading: str) -> str:
    """Give what stands below a heading of the reference, code and headings below it left out."""
    for title, text in re.findall(r"^#+ (.+)\n((?:(?!#).*\n)*)", REFERENCE, re.MULTILINE):
        if title.strip("`") == heading and text.strip():
            return str(text.strip())
    return ""


def problem(name: str) -> str:
    """Say what is missing about a name; empty when nothing is.

    A name has a section in the reference with words in it, or an entry of a list there, and stands
    as code on a page that somebody wrote.
    """
    last = name.rpartition(".")[2]
    listed = re.search(rf"^- .*`{re.escape(last)}\b.*: ", REFERENCE, re.MULTILINE)
    if not section(name) and not ("." not in name and listed):
        return f"{name} has no section in docs/reference"
    code = re.findall(r"```.*?```|`[^`\n]+`", WRITTEN, re.DOTALL)
    if not any(re.search(rf"(?<!\w){re.escape(last)}(?!\w)", span) for span in code):
        return f"{name} stands on no page of docs/"
    return ""


@pytest.mark.parametrize("name", [*HOOKS, *METHODS, *VALUES])
def test_hooks_methods_and_values_are_documented(name: str) -> None:
    assert not problem(name)


@pytest.mark.parametrize("name", sorted(set(semcodec.__all__) - {"errors"}))
def test_public_names_are_documented(name: str) -> None:
    assert not problem(name)


@pytest.mark.parametrize("name", semcodec.errors.__all__)
def test_errors_are_documented(name: str) -> None:
    assert section(name)


def commands() -> Iterator[tuple[str, click.Command]]:
    """Find the core's commands, those in groups included, by what is typed."""

    def inside(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
        yield path, command
        if isinstance(command, click.Group):
            for name, each in command.commands.items():
                yield from inside(f"{path} {name}", each)

    for ref in COMMANDS:
        command = cli.get_command(click.Context(cli), ref.name)
        assert command is not None
        yield from inside(f"semcodec {ref.name}", command)


@pytest.mark.parametrize(("path", "command"), list(commands()), ids=lambda each: str(each))
def test_commands_and_their_options_are_documented(path: str, command: click.Command) -> None:
    assert command.help
    assert re.search(rf"{path}(?![\w-])", WRITTEN), f"{path} stands on no page of docs/"
    text = section(path)
    assert text, f"{path} has no section in docs/reference/commands.md"
    for each in command.params:
        if isinstance(each, click.Option) and not each.hidden:
            assert each.help, f"{path} {each.opts[0]} has no help"
            assert re.search(rf"^- .*`{each.opts[-1]}`.*: \S", text, re.MULTILINE), each.opts


def test_what_is_not_documented_is_found() -> None:
    assert problem("semcodec_nonsense") == "semcodec_nonsense has no section in docs/reference"
    assert problem("Quantizer.nonsense") == "Quantizer.nonsense has no section in docs/reference"
    assert not section("Symbols.nonsense")


def test_the_reference_is_what_the_docstrings_say() -> None:
    if importlib.util.find_spec("griffe") is None:
        pytest.skip("griffe is not installed; pip install -e '.[dev]'")
    made = subprocess.run(
        [sys.executable, str(DOCS / "reference" / "generate.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
