"""Finds who registers under our entry-point group, and under what name.

``importlib.metadata`` answers the same question, but importing it takes three times as long as
starting Python does: more than everything else that ``semcodec --help`` needs beside click. So the
folders that installers write are read here, and the library is asked where distributions may lie
elsewhere: in archives on the path, or behind another finder.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.machinery import PathFinder
from typing import NamedTuple

__all__ = ["GROUP", "Registration", "normalized", "registrations"]

GROUP = "semcodec"
_SUFFIXES = (".dist-info", ".egg-info")


class Registration(NamedTuple):
    """One line of one distribution's entry points.

    Attributes:
        name: the entry point's name.
        value: what it names, as written.
        distribution: the distribution's name.
        version: its version.
    """

    name: str
    value: str
    distribution: str
    version: str

    @property
    def label(self) -> str:
        """The distribution and its version."""
        return f"{self.distribution} {self.version}".strip()


def registrations(path: Sequence[str] | None = None) -> list[Registration]:
    """List the entry points of our group.

    A distribution that is reached twice counts where it is found first, as in importing.

    Args:
        path: folders and archives to look in; None for all that Python looks in.
    """
    if path is None and any(map(_knows_distributions, sys.meta_path)):
        return list(dict.fromkeys(_ask_library(None)))
    found: list[Registration] = []
    seen: set[str] = set()
    for folder in sys.path if path is None else path:
        if os.path.isfile(folder):  # noqa: PTH113 - pathlib costs as much as all of this
            found += _ask_library([folder])
            continue
        for info in _info_folders(folder or "."):
            stem = os.path.basename(info).rpartition(".")[0]  # noqa: PTH119
            name, _, version = stem.partition("-")
            if normalized(name) not in seen:
                seen.add(normalized(name))
                found += _read(info, name, version)
    return list(dict.fromkeys(found))


def normalized(distribution: str) -> str:
    """Spell a distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _knows_distributions(finder: object) -> bool:
    return finder is not PathFinder and hasattr(finder, "find_distributions")


def _ask_library(path: list[str] | None) -> Iterator[Registration]:
    from importlib.metadata import distributions

    for found in distributions() if path is None else distributions(path=path):
        for entry in found.entry_points:
            if entry.group == GROUP:
                yield Registration(entry.name, entry.value, found.name or "", found.version or "")


def _info_folders(folder: str) -> list[str]:
    try:
        return sorted(entry.path for entry in os.scandir(folder) if entry.name.endswith(_SUFFIXES))
    except OSError:
        return []  # sys.path may name folders that do not exist


def _read(info: str, name: str, version: str) -> Iterator[Registration]:
    lines = [line.strip() for line in _lines(f"{info}/entry_points.txt")]
    if f"[{GROUP}]" not in lines:
        return
    headers = {**_headers(_lines(f"{info}/PKG-INFO")), **_headers(_lines(f"{info}/METADATA"))}
    name = headers.get("name") or name  # a damaged installation still has its folder's name
    version = headers.get("version") or version
    section = ""
    for line in lines:
        if line.startswith("["):
            section = line
        elif section == f"[{GROUP}]" and "=" in line and not line.startswith(("#", ";")):
            key, _, value = line.partition("=")
            yield Registration(key.strip(), value.strip(), name, version)


def _lines(path: str) -> Iterable[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - as above
            return file.read().splitlines()
    except OSError:
        return []


def _headers(lines: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        if not line.strip():
            break
        key, colon, value = line.partition(":")
        if colon:
            found.setdefault(key.lower(), value.strip())
    return found
