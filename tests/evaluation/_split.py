"""Reads a list of pictures and holds every file against its hash."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["Picture", "fitted", "folder", "read_split"]

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a list.

    Attributes:
        sha256: hash of the file, 64 hexadecimal digits; empty where any will do.
        file: path below the folder of the data, with forward slashes.
    """

    sha256: str
    file: str

    def read(self, data: Path) -> NDArray[np.uint8]:
        """Read its pixels, uint8 (height, width, 3).

        Raises:
            OSError: the file is not there, or is no picture.
            ValueError: it is not the file that the list means.
        """
        content = (data / self.file).read_bytes()
        found = hashlib.sha256(content).hexdigest()
        if self.sha256 and found != self.sha256:
            raise ValueError(f"{self.file}: expected SHA-256 {self.sha256}, got {found}")
        with Image.open(io.BytesIO(content)) as image:
            return np.asarray(image.convert("RGB"))


def read_split(path: Path) -> list[Picture]:
    """Read a list of pictures.

    Raises:
        ValueError: an entry is listed twice, has no hash, or leads out of the data's folder.
    """
    entries = json.loads(path.read_text(encoding="utf-8"))["pictures"]
    pictures = [Picture(entry["sha256"], entry["file"]) for entry in entries]
    for picture in pictures:
        place = PurePosixPath(picture.file)
        if place.is_absolute() or ".." in place.parts:
            raise ValueError(f"{path}: expected a path inside the data, got {picture.file}")
        if len(picture.sha256) != 64:
            raise ValueError(f"{path}: expected a SHA-256 for {picture.file}")
    if len({picture.sha256 for picture in pictures}) != len(pictures):
        raise ValueError(f"{path}: a picture is listed twice")
    return pictures


def folder(data: Path) -> Iterator[Picture]:
    """List all pictures below a folder by path, unchecked."""
    for path in sorted(data.rglob("*")):
        if path.suffix.lower() in SUFFIXES:
            yield Picture("", path.relative_to(data).as_posix())


def fitted(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Reduce a picture to the short side, then cut out its middle.

    Lanczos reduction until its short side is that of ``size``, unless it is smaller already, then
    the middle, at most ``size``, turned upright with the picture. 768x512 keeps photographs close
    to Kodak's statistics and leaves Kodak's own pictures untouched.

    Args:
        pixels: uint8 (height, width, 3).
        size: long and short side.

    Returns:
        uint8 (rows, columns, 3), contiguous.
    """
    long, short = max(size), min(size)
    height, width = pixels.shape[:2]
    if min(height, width) > short:
        scale = short / min(height, width)
        reduced = (max(short, round(width * scale)), max(short, round(height * scale)))
        pixels = np.asarray(Image.fromarray(pixels).resize(reduced, Image.Resampling.LANCZOS))
        height, width = pixels.shape[:2]
    rows, columns = (min(height, short), min(width, long))
    if height > width:
        rows, columns = (min(height, long), min(width, short))
    top, left = (height - rows) // 2, (width - columns) // 2
    return np.ascontiguousarray(pixels[top : top + rows, left : left + columns])
