"""Values typed on a command line: ``key=value`` pairs and their meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from semcodec.cli.paths import read_text
from semcodec.errors import SettingError, SpecError

__all__ = ["colour", "pairs", "read_inputs", "split_set", "target_pair", "typed"]


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
    """Read a value as YAML would; what is no YAML is simply text."""
    from semcodec.spec.text import parse

    try:
        found = parse(f"value: {text}").data
    except SpecError:
        return text
    return found["value"] if set(found) == {"value"} else text


def split_set(items: Sequence[str], known: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part ``--set`` into settings of the pipeline and parameters by address."""
    settings: dict[str, Any] = {}
    addresses: dict[str, Any] = {}
    for key, value in pairs(items, "--set").items():
        (settings if key in known else addresses)[key] = typed(value)
    for key in addresses:
        if "." not in key and key != "seed":
            raise SettingError(
                f"--set {key}: the pipeline has no setting of that name",
                hint=f"Its settings: {', '.join(known) or 'none'}. "
                "A parameter is named by its address, such as quantizer.step.",
            )
    return settings, addresses


def target_pair(text: str | None) -> tuple[str, float] | None:
    """Read ``--target METRIC=NUMBER``.

    Raises:
        UsageError: it is something else.
    """
    if text is None:
        return None
    metric, _, value = text.partition("=")
    try:
        return metric, float(value)
    except ValueError:
        raise click.UsageError(
            f"--target expects METRIC=NUMBER such as psnr=35, got {text!r}"
        ) from None


def colour(text: str | None) -> tuple[int, int, int] | None:
    """Read ``--background #RRGGBB``; the ``#`` may be left out, as shells take it for a comment.

    Raises:
        UsageError: it is something else.
    """
    if text is None:
        return None
    digits = text.removeprefix("#")
    try:
        if len(digits) != 6:
            raise ValueError
        red, green, blue = bytes.fromhex(digits)
    except ValueError:
        raise click.UsageError(
            f"--background expects a colour such as #ffffff, got {text!r}"
        ) from None
    return red, green, blue


def read_inputs(items: Sequence[str], kinds: Mapping[str, str]) -> dict[str, Any]:
    """Read ``--input NAME=FILE_OR_TEXT``.

    Args:
        items: as typed.
        kinds: type of every input that the pipeline declares: ``text``, ``labels`` and so on.

    Returns:
        Text for inputs of that type, from a ``.txt`` file or as typed; arrays for others, (height,
        width) when they have one channel. An input that is not declared, which a saliency source
        may read, is an array when it names a file, else text.

    Raises:
        SettingError: a file that is needed is not there, or is no text.
        ImageError: it is no picture.
    """
    from semcodec.image import read_image

    found: dict[str, Any] = {}
    for key, value in pairs(items, "--input").items():
        path = Path(value)
        kind = kinds.get(key, "")
        there = _is_file(path)
        if kind == "text" or (not kind and not there):
            found[key] = read_text(path).strip() if there and path.suffix == ".txt" else value
        elif not there:
            raise SettingError(
                f"--input {key}: there is no file {value}",
                hint=f"{key!r} takes {kind}: a picture file of the same size.",
            )
        else:
            picture = read_image(path)
            found[key] = picture[..., 0] if picture.shape[2] == 1 else picture
    return found


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a caption may be too long for a file name, or hold a NUL
        return False
