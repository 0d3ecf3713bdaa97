"""Data sets whose pictures are known by hash: a list of anybody's, and Kodak."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import ClassVar

from semcodec.components.local import Local
from semcodec.contracts.params import component
from semcodec.errors import SettingError

__all__ = ["Kodak", "Listing"]

_LINE = re.compile(r"([0-9a-f]{64}) [ *]?(.+)")
_MOST = 1 << 26


@component
class Listing(Local):
    """The pictures that a list names with their hashes, in the form of ``sha256sum``.

    Each line is a SHA-256 in hexadecimal, two spaces and a path below ``path``. A picture whose
    file has another hash is refused when it is read.

    Attributes:
        path: folder of the pictures.
        list: the list; a relative path starts at ``path``.
    """

    who: ClassVar[str] = "listing"
    path: str
    list: str = "SHA256SUMS"

    def listed(self, root: Path) -> Sequence[str]:
        """List the names in the order of the list."""
        return tuple(self._digests())

    def place(self, name: str, root: Path) -> Path | None:
        """Say where a picture is."""
        return root / name if name in self._digests() else None

    def digest(self, name: str) -> str:
        """Give the hash that the list says."""
        return self._digests()[name]

    def _digests(self) -> Mapping[str, str]:
        try:
            file = self.root() / Path(self.list).expanduser()
            found = file.stat()
            if found.st_size > _MOST:
                raise SettingError(f"listing: {file}: expected at most {_MOST} bytes")
            return _read(file, found.st_mtime_ns, found.st_size)
        except (OSError, RuntimeError, ValueError) as error:
            said = getattr(error, "strerror", None) or "no UTF-8 text"
            raise SettingError(f"listing: {self.list!r} cannot be read: {said}") from None


@lru_cache(maxsize=2)
def _read(file: Path, changed: int, size: int) -> Mapping[str, str]:
    """Parse a list once for all its pictures, as long as the file stays as it is."""
    return _parse(file.read_text(encoding="utf-8"), str(file))


def _parse(text: str, where: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line)
        name = match[2] if match else ""
        leads_out = ".." in PurePosixPath(name).parts or name.startswith("/")
        if not match or leads_out or "\\" in name or "\0" in name:
            raise SettingError(
                f"{where}: line {number}: expected a SHA-256 and a path below the folder",
                hint="Write it with: sha256sum *.png > SHA256SUMS",
            )
        if name in found:
            raise SettingError(f"{where}: line {number}: {name} stands twice")
        found[name] = match[1]
    return found


@component
class Kodak(Local):
    """The 24 pictures of the Kodak Lossless True Color Image Suite, ``kodim01.png`` and so on.

    Every file is checked against the hash of the one at r0k.us/graphics/kodak; those that are not
    there are left out of the names.

    Attributes:
        path: the folder that holds them.
        verify: whether a file with another hash is refused; without it, results may be of
            pictures that were converted.
    """

    who: ClassVar[str] = "kodak"
    path: str
    verify: bool = True

    def listed(self, root: Path) -> Sequence[str]:
        """List the names of those that are there."""
        return [name for name in _kodak() if (root / name).is_file()]

    def place(self, name: str, root: Path) -> Path | None:
        """Say where a picture is."""
        return root / name if name in _kodak() and (root / name).is_file() else None

    def digest(self, name: str) -> str:
        """Give the known hash, unless it is not to be verified."""
        return _kodak()[name] if self.verify else ""


def _kodak() -> Mapping[str, str]:
    text = files("semcodec.components").joinpath("kodak.sha256").read_text(encoding="ascii")
    return _parse(text, "kodak.sha256")
