"""Plain text and JSON for standard output; aligned, at most 100 columns, the same in a pipe."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from typing import Any

import click

__all__ = ["WIDTH", "emit", "emit_json", "paragraph", "table"]

WIDTH = 100
_NARROWEST = 20


def emit(*lines: str) -> None:
    """Print lines to standard output, without spaces at their ends."""
    for line in lines:
        click.echo(line.rstrip())


def emit_json(data: Any) -> None:
    """Print a value as JSON; ASCII only, so that no terminal or pipe can spoil it."""
    click.echo(json.dumps(data, indent=2))


def paragraph(text: str, indent: int = 0) -> str:
    """Fill text to the width, every line indented."""
    space = " " * indent
    return "\n".join(space + line for line in _fill(text, WIDTH - indent))


def _fill(text: str, width: int) -> list[str]:
    """Wrap at spaces alone: paths and names are copied, so they stay in one piece."""
    lines = textwrap.wrap(text, width, break_on_hyphens=False, break_long_words=False)
    return lines or [""]


def table(rows: Sequence[Sequence[str]], head: Sequence[str] = (), indent: int = 0) -> str:
    """Align rows in columns; the last column wraps under itself.

    Args:
        rows: cells, equally many in each row.
        head: titles of the columns; none leaves the line out.
        indent: spaces before every line.

    Returns:
        The lines, joined by line feeds; without a trailing one.
    """
    everything = [[*head]] * bool(head) + [list(row) for row in rows]
    if not everything:
        return ""
    widths = [max(map(len, column)) for column in list(zip(*everything, strict=True))[:-1]]
    left = indent + sum(width + 2 for width in widths)
    lines = []
    for *cells, last in everything:
        start = " " * indent + "".join(
            f"{cell:<{width}}  " for cell, width in zip(cells, widths, strict=True)
        )
        wrapped = _fill(last, max(WIDTH - left, _NARROWEST))
        lines.append((start + wrapped[0]).rstrip())
        lines += [" " * left + more for more in wrapped[1:]]
    return "\n".join(lines)
