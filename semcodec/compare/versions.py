"""Versions of what made a row: the packages that provide components, and the libraries of those."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version

__all__ = ["versions_of"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def versions_of(providers: Iterable[str]) -> Mapping[str, str]:
    """Give the version of each package, and of what it requires as far as that is installed.

    Args:
        providers: distributions; the core's is always among them.
    """
    return _versions(frozenset({"semcodec", *providers}))


@cache
def _versions(providers: frozenset[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for provider in sorted(providers):
        for name in (provider, *_required(provider)):
            try:
                found[name.lower()] = version(name)
            except PackageNotFoundError:
                continue
    return found


def _required(name: str) -> list[str]:
    """Names of what a package may need, extras included, tools for its own development not."""
    try:
        lines = requires(name) or []
    except PackageNotFoundError:
        return []
    return [
        found[0]
        for line in lines
        if not re.search(r"extra\s*==\s*['\"](dev|testing)['\"]", line)
        and (found := _NAME.match(line))
    ]
