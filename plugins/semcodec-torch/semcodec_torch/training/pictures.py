"""Which pictures a run learns from: folders, less what is excluded by hash or by licence."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from semcodec.errors import SettingError

__all__ = ["Source", "excluded", "find_pictures"]

_SUFFIXES = frozenset({".avif", ".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"})
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LISTING = "manifest.csv"


@dataclass(frozen=True)
class Source:
    """A picture file.

    Attributes:
        path: where it is.
        name: relative to the folder that was given, with forward slashes.
        sha256: of the file's bytes, 64 hexadecimal digits.
        licence: as the folder's ``manifest.csv`` states it; empty where there is none.
    """

    path: Path
    name: str
    sha256: str
    licence: str = ""


def find_pictures(
    folders: Sequence[Path],
    *,
    exclude: Collection[str] = (),
    without_licences: Collection[str] = (),
) -> list[Source]:
    """Find the picture files in folders and all folders below, each content once.

    A ``manifest.csv`` with the columns ``file`` and ``licence``, at the top of a folder, states
    the licences of its files.

    Args:
        folders: where to look.
        exclude: SHA-256 of files to leave out.
        without_licences: licences to leave out, as the listing words them.

    Returns:
        By SHA-256, so that the order depends on the contents alone.

    Raises:
        SettingError: a folder is missing or its listing unreadable, or nothing is left.
    """
    found: dict[str, Source] = {}
    for folder in folders:
        if not folder.is_dir():
            raise SettingError(f"expected a folder of pictures, there is none at {folder}")
        licences = _licences(folder / _LISTING)
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() not in _SUFFIXES or not path.is_file():
                continue
            name = path.relative_to(folder).as_posix()
            licence = licences.get(name, "")
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            if sha256 not in exclude and licence not in without_licences:
                found.setdefault(sha256, Source(path, name, sha256, licence))
    if not found:
        raise SettingError(
            f"no pictures to train on in {', '.join(map(str, folders))}",
            hint=f"Files that end in {', '.join(sorted(_SUFFIXES))} count, at any depth.",
        )
    return [found[sha256] for sha256 in sorted(found)]


def excluded(files: Iterable[Path]) -> frozenset[str]:
    """Read lists of pictures that must not be trained on.

    Args:
        files: JSON as ``tests/evaluation/development.json`` is (``pictures``, each with a
            ``sha256``), or text with one SHA-256 at the start of each line, as ``sha256sum``
            writes it.

    Returns:
        The hashes.

    Raises:
        SettingError: a file is missing, or holds anything else.
    """
    hashes: set[str] = set()
    for file in files:
        try:
            text = file.read_text(encoding="utf-8")
            if file.suffix == ".json":
                listed = [str(picture["sha256"]) for picture in json.loads(text)["pictures"]]
            else:
                listed = [line.split()[0] for line in text.splitlines() if line.strip()]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingError(f"{file}: expected a list of pictures by hash; {error!r}") from None
        if not listed or not all(map(_SHA256.fullmatch, listed)):
            raise SettingError(f"{file}: expected SHA-256 of 64 lower-case hexadecimal digits")
        hashes.update(listed)
    return frozenset(hashes)


def _licences(listing: Path) -> dict[str, str]:
    if not listing.is_file():
        return {}
    try:
        with listing.open(encoding="utf-8", newline="") as file:
            return {row["file"]: row["licence"] for row in csv.DictReader(file)}
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise SettingError(f"{listing}: expected columns file and licence; {error!r}") from None
