"""What a swap takes with it: settings of parameters that are gone, streams that served it alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from semcodec.contracts.params import parameters
from semcodec.errors import PluginError
from semcodec.spec.address import AddressError, locate

__all__ = ["prune"]

_SETTINGS = ("wire", "encode", "controls")


def prune(before: dict[str, Any], after: dict[str, Any], kind_of: Callable[[str], str]) -> None:
    """Take out of a general form what hung on components that were swapped.

    Args:
        before: the form as it was; what was wrong in it stays to be told.
        after: the form with other components; changed in place.
        kind_of: as for :func:`semcodec.spec.address.locate`.
    """
    for table in _SETTINGS:
        for name, entry in list(after.get(table, {}).items()):
            path = entry.get("path") if isinstance(entry, dict) else None
            if isinstance(path, str) and _gone(before, after, path, kind_of):
                del after[table][name]
        if table in after and not after[table]:
            del after[table]
    streams = after.get("streams", {})
    while True:
        unused = (_used(before) - _used(after)) & streams.keys()
        if not unused:
            return
        for name in unused:
            del streams[name]
        if "saliency" in _used(before) - _used(after):
            after.pop("saliency", None)


def _gone(
    before: dict[str, Any], after: dict[str, Any], path: str, kind_of: Callable[[str], str]
) -> bool:
    """Whether a path led to a parameter, and to another component now that has none such."""
    try:
        old, new = locate(before, path, kind_of), locate(after, path, kind_of)
    except AddressError:
        return False
    if not new.node or "." in new.name or old.holder.get("use") == new.holder.get("use"):
        return False
    return new.name not in _parameters(new.holder.get("use", ""))


def _parameters(use: str) -> set[str]:
    from semcodec.discovery import catalog

    try:
        cls = catalog().component(use.partition("@")[0])
    except PluginError:
        return set()
    return {each.name for each in parameters(cls)}


def _used(form: dict[str, Any]) -> set[str]:
    """Name everything that guides, inputs and stages refer to."""
    return {text.removeprefix("source.").partition(".")[0] for text in _references(form)}


def _references(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            inside = key in ("guides", "inputs")
            yield from _references(item, "from" if inside else name)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item, key)
    elif isinstance(value, str) and key in ("from", "output"):
        yield value
