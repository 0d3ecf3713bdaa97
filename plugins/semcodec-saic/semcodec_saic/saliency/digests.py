"""Hashes of files whose hash nobody promised, to be recorded."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

__all__ = ["digest_of", "stamp"]


def stamp(path: Path) -> int:
    """Give a number that changes when a file is replaced, for caches of what was read from it."""
    return path.stat().st_mtime_ns


def digest_of(path: Path) -> str:
    """Give a file's SHA-256 in hexadecimal, computed once while the file stays as it is."""
    return _digested(path, stamp(path))


@lru_cache(maxsize=64)
def _digested(path: Path, changed: int) -> str:
    hasher = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            hasher.update(chunk)
    return hasher.hexdigest()
