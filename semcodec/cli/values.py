"""Values typed on a command line: ``key=value`` pairs and their meaning."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

__all__ = ["pairs", "split_set", "typed"]


def pairs(items: Sequence[str], option: str) -> dict[str, str]:
    """Split ``key=value`` items.

    Raises:
        UsageError: an item without ``=``, or a key that stands twice.
    """
    found: dict[str, str] = {}
    for item in items:
        key, equals, value = item.partition("=")
        if not equals or not key:
            raise click.UsageError(f"{option} expects KEY=VALUE, got {item!r}")
        if key in found:
            raise click.UsageError(f"{option} {key} is given twice")
        found[key] = value
    return found


def typed(text: str) -> Any:
    """Read a value as YAML would."""
    from semcodec.spec.text import parse

    try:
        return parse(f"value: {text}").data["value"]
    except Exception:  # any text that is not YAML is simply text
        return text


def split_set(items: Sequence[str], known: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part ``--set`` into settings of the pipeline and parameters by address."""
    settings: dict[str, Any] = {}
    addresses: dict[str, Any] = {}
    for key, value in pairs(items, "--set").items():
        (settings if key in known else addresses)[key] = typed(value)
    return settings, addresses


def read_inputs(items: Sequence[str]) -> dict[str, Any]:
    """Read ``--input name=FILE_OR_TEXT``: pictures and arrays from files, else the text itself."""
    from semcodec.image import read_image

    found: dict[str, Any] = {}
    for key, value in pairs(items, "--input").items():
        path = Path(value)
        if not _is_file(path):
            found[key] = value
        elif path.suffix == ".txt":
            found[key] = path.read_text(encoding="utf-8").strip()
        else:
            picture = read_image(path)
            found[key] = picture[..., 0] if picture.shape[2] == 1 else picture
    return found


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a caption may be too long for a file name, or hold a NUL
        return False
