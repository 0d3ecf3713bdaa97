"""Decoded pictures in flat files: a worker maps them and cuts crops without decoding anything.

A pack is a folder with ``index.json`` and ``pixels-000.npy``, ``pixels-001.npy`` ...: uint8 of one
axis, the pixels of its pictures one after another in rows, red, green, blue. No file is larger than
asked, so that a pack can be carried in parts to a machine that has no pictures; a pack that lacks
some of its files is a pack of the pictures in the others.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.errors import ImageError, SettingError
from semcodec_torch.training.pictures import Source

__all__ = ["Pack", "Packed", "pack"]

_INDEX = "index.json"
_VERSION = 1


@dataclass(frozen=True)
class Packed:
    """A picture in a pack.

    Attributes:
        name: of its file, relative to the folder it came from.
        sha256: of that file.
        licence: as that folder's listing states it.
        file: which of the pack's files holds it.
        offset: of its first byte there, behind the header.
        height: rows.
        width: columns.
    """

    name: str
    sha256: str
    licence: str
    file: str
    offset: int
    height: int
    width: int


class Pack:
    """A pack that was written before.

    Args:
        folder: where it is.

    Raises:
        SettingError: there is none, or it is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pictures = [p for p in _read_index(folder) if (folder / p.file).is_file()]
        if not self.pictures:
            raise SettingError(f"{folder}: none of the files of this pack are here")

    def __getitem__(self, number: int) -> NDArray[np.uint8]:
        """Map a picture.

        Returns:
            uint8 (height, width, 3), a read-only view of the file.
        """
        picture = self.pictures[number]
        pixels = _mapped(self.folder / picture.file)
        size = picture.height * picture.width * 3
        part = pixels[picture.offset : picture.offset + size]
        return part.reshape(picture.height, picture.width, 3)

    def __len__(self) -> int:
        return len(self.pictures)

    def licences(self) -> dict[str, int]:
        """Count the pictures of each licence."""
        return dict(sorted(Counter(p.licence or "not stated" for p in self.pictures).items()))


def pack(
    sources: Sequence[Source],
    folder: Path,
    *,
    largest: int = 0,
    mebibytes: float = 60,
    say: Callable[[str], None] = lambda what: None,
) -> Pack:
    """Decode pictures into a pack; the index is written last, so a pack is whole or none.

    Args:
        sources: the pictures; one that cannot be read is left out, and said so.
        folder: where to; made if it is missing.
        largest: keep at most this many rows and columns around each picture's middle, at its own
            scale; 0 keeps all.
        mebibytes: size that no file exceeds, unless one picture does.
        say: is told what happens.

    Raises:
        SettingError: no picture could be read.
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _INDEX).unlink(missing_ok=True)
    packed: list[Packed] = []
    parts: list[NDArray[np.uint8]] = []
    size = files = 0
    limit = int(mebibytes * 2**20) - 128  # behind the header of a .npy file
    for source, pixels in _decoded(sources, largest, say):
        if parts and size + pixels.size > limit:
            _write(folder, files, parts)
            parts, size, files = [], 0, files + 1
        height, width, _ = pixels.shape
        place = (_file(files), size, height, width)
        packed.append(Packed(source.name, source.sha256, source.licence, *place))
        parts.append(pixels.reshape(-1))
        size += pixels.size
    if not parts:
        raise SettingError("none of the pictures to train on can be read")
    _write(folder, files, parts)
    index = {"version": _VERSION, "pictures": [asdict(picture) for picture in packed]}
    (folder / _INDEX).write_text(json.dumps(index, indent=1), encoding="utf-8")
    say(f"{folder}: {len(packed)} pictures in {files + 1} files")
    return Pack(folder)


def _decoded(
    sources: Sequence[Source], largest: int, say: Callable[[str], None]
) -> Iterator[tuple[Source, NDArray[np.uint8]]]:
    import warnings

    from semcodec.image import flatten, read_image, to_depth8

    for source in sources:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # frames and profiles: no matter here
                pixels = to_depth8(flatten(read_image(source.path)))
        except ImageError as error:
            say(f"left out {source.name}: {error}")
            continue
        if largest:
            top, left = (max(0, (side - largest) // 2) for side in pixels.shape[:2])
            pixels = pixels[top : top + largest, left : left + largest]
        yield source, np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))


def _write(folder: Path, number: int, parts: Sequence[NDArray[np.uint8]]) -> None:
    np.save(folder / _file(number), np.concatenate(parts))


def _file(number: int) -> str:
    return f"pixels-{number:03}.npy"


@lru_cache(maxsize=256)
def _mapped(path: Path) -> NDArray[np.uint8]:
    mapped: Any = np.load(path, mmap_mode="r", allow_pickle=False)
    return mapped  # type: ignore[no-any-return]


def _read_index(folder: Path) -> list[Packed]:
    try:
        index = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
        if index["version"] != _VERSION:
            raise ValueError(f"version {index['version']!r}")
        pictures = [Packed(**row) for row in index["pictures"]]
        if any(Path(picture.file).name != picture.file for picture in pictures):
            raise ValueError("a file outside the folder")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingError(
            f"{folder}: expected a pack of pictures, version {_VERSION}; {error!r}",
            hint="Pack it anew: semcodec train --help.",
        ) from None
    return pictures
