"""Which options of ``semcodec seam`` go together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from semcodec.errors import ImageError

__all__ = ["SIZES", "check_file", "check_options"]

SIZES = ("scale", "target_bytes", "target_pixels", "max_dimension")
_MASKS = ("keep_mask", "remove_mask")
_SIZELESS = ("visualize_energy", "visualize_seams", "animate", "analyze")
# With their defaults, which say that nothing was asked for.
_COSTS = {"forward": 0.0, "rigidity": 0.0, "delta_x": 1, "refresh": 0}


def check_options(given: Mapping[str, Any]) -> None:
    """See that one thing is asked for, with what it needs and nothing that it does not heed.

    Args:
        given: all options of ``semcodec seam`` by their names, None where nothing was said.

    Raises:
        click.UsageError: options that are missing or do not go together.
        ImageError: a mask that is no file.
    """
    asked = [name for name in (*_SIZELESS, "visualize_removed") if given[name]]
    if len(asked) > 1:
        raise click.UsageError(
            "Give one of --visualize-energy, --visualize-seams, --visualize-removed, --animate and "
            "--analyze at a time."
        )
    for name in _MASKS:
        if given[name] is not None:
            check_file(_flag(name), given[name])
    if asked and asked[0] in _SIZELESS:
        _refuse(given, (*SIZES, "quality_metric"), f"with {_flag(asked[0])}")
        if asked[0] == "analyze":
            _refuse(given, ("output",), "with --analyze")
        if asked[0] in ("visualize_energy", "analyze"):
            _refuse(given, (*_COSTS, *_MASKS), f"with {_flag(asked[0])}")
        return
    if all(given[name] is None for name in SIZES):
        raise click.UsageError(
            "Give a size: --scale, --target-bytes, --target-pixels or --max-dimension."
        )
    if given["target_bytes"] is None:
        _refuse(given, ("quality_metric",), "without --target-bytes")
    for name in SIZES:
        if name != "target_bytes" and given[name] is not None:
            _refuse(given, ("quality_metric",), f"with {_flag(name)}")
    if given["method"] in ("smart_crop", "jpeg"):
        _refuse(given, _COSTS, f"with -m {given['method']}")
    if given["method"] == "jpeg":
        _refuse(given, _MASKS, "with -m jpeg")


def _refuse(given: Mapping[str, Any], names: Iterable[str], when: str) -> None:
    for name in names:
        if given[name] != _COSTS.get(name):
            raise click.UsageError(f"{_flag(name)} does nothing {when}.")


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def check_file(what: str, path: Path) -> None:
    """See that a picture is there.

    Raises:
        ImageError: it is not, or is a folder.
    """
    if path.is_dir():
        hint = "Give all pictures of a folder by --batch." if what == "IMG" else ""
        raise ImageError(f"{path}: expected a picture as {what}, it is a folder", hint=hint)
    if not path.exists():
        raise ImageError(f"{path}: expected a picture as {what}, there is no such file")
