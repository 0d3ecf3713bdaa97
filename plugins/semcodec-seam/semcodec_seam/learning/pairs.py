"""Pictures, and maps of what matters in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.components.saliency._working import enlarge, shrink
from semcodec.errors import ImageError, SettingError
from semcodec_seam.energies.brightness import brightness
from semcodec_seam.pictures import SUFFIXES, taken

__all__ = ["Pairs"]

Floats = NDArray[np.float32]


class Pairs:
    """Pictures with their maps, read when they are asked for.

    Args:
        images: paths, Pillow images or arrays; or a folder.
        targets: likewise, of each picture a map that is bright where it matters: a picture, floats
            in [0, 1] or bool, of any size of the picture's proportions; or a folder of maps, each
            with the stem of its picture. What has no picture there is left alone.
        size: most pixels along a side of what is given.

    Raises:
        SettingError: no pictures, or not one map for each; those without are named.
    """

    def __init__(self, images: Any, targets: Any, size: int) -> None:
        folders = [isinstance(given, (str, Path)) for given in (images, targets)]
        if any(folders) and not all(folders):
            raise SettingError("expected two lists or two folders, got a list and a folder")
        self._size = size
        if all(folders):
            self._pairs = _of_folders(Path(images), Path(targets))
        else:
            images, targets = list(images), list(targets)
            if len(images) != len(targets):
                raise SettingError(
                    f"expected a target for each picture, got {len(images)} pictures and "
                    f"{len(targets)} targets"
                )
            self._pairs = list(zip(images, targets, strict=True))
        if not self._pairs:
            raise SettingError("expected pictures to learn from, there are none")

    def __len__(self) -> int:
        return len(self._pairs)

    def __getitem__(self, index: int) -> tuple[Floats, Floats]:
        """Read a pair.

        Returns:
            float32 (rows, columns, 3) and (rows, columns), both in [0, 1].

        Raises:
            ImageError: no picture, no map, or a map of other proportions.
        """
        image, target = self._pairs[index]
        where = str(image) if isinstance(image, (str, Path)) else f"picture {index}"
        picture, wanted = taken(image), _map(target, where)
        rows, columns = wanted.shape
        if abs(rows * picture.shape[1] - columns * picture.shape[0]) > max(picture.shape[:2]):
            raise ImageError(
                f"{where}: expected a target of its proportions, {picture.shape[1]}x"
                f"{picture.shape[0]}, got one of {columns}x{rows}",
                hint="Cut the target as its picture was cut.",
            )
        seen = shrink(picture, self._size)
        small = shrink(np.rint(wanted * 65535).astype(np.uint16)[..., None], self._size)[..., 0]
        return seen, enlarge(np.ascontiguousarray(small), *seen.shape[:2])


def _map(target: Any, where: str) -> Floats:
    if isinstance(target, np.ndarray) and target.dtype.kind in "bf" and target.ndim == 2:
        made = target.astype(np.float32)
        if not (made.size and made.min() >= 0 and made.max() <= 1):
            raise ImageError(f"{where}: expected a target of floats in [0, 1]")
        return made
    return brightness(taken(target)) / np.float32(255)


def _of_folders(images: Path, targets: Path) -> Sequence[tuple[Path, Path]]:
    found = {path: _listed(path) for path in (images, targets)}
    for folder, paths in found.items():
        stems = Counter(path.stem for path in paths)
        twice = [path.name for path in paths if stems[path.stem] > 1]
        if twice:
            raise SettingError(f"{folder}: expected one file of each stem, got {', '.join(twice)}")
    by_stem = {path.stem: path for path in found[targets]}
    lacking = [path.name for path in found[images] if path.stem not in by_stem]
    if lacking:
        more = f" and {len(lacking) - 5} more" if len(lacking) > 5 else ""
        raise SettingError(
            f"{targets}: expected a target for each picture, there is none for "
            f"{', '.join(lacking[:5])}{more}",
            hint="A target has the stem of its picture: cat.jpg and cat.png.",
        )
    return [(path, by_stem[path.stem]) for path in found[images]]


def _listed(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise SettingError(f"{folder}: expected a folder of pictures, there is none")
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
