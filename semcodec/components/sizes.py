"""A folder of pictures, each at several sizes: how a codec scales with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from semcodec.components.datasets import Folder
from semcodec.contracts.kinds import Dataset, Sample
from semcodec.contracts.params import component
from semcodec.errors import ImageError, SettingError

__all__ = ["Sizes"]

_NAME = re.compile(r"(?P<stem>.+)@(?P<size>[1-9][0-9]*)(?P<suffix>\.[^./]+)", re.DOTALL)


@component
class Sizes(Dataset):
    """The pictures of a folder, each scaled down to every one of some sizes, by Lanczos' kernel.

    A size is the longer side in pixels; the shorter one follows, halves rounded up. None is
    enlarged: a picture comes in the sizes that it has, and one that is smaller than all is left
    out. ``photo.png`` at 512 is ``photo@512.png``. A file that cannot be opened is listed once, at
    the smallest size, so that reading it says what is wrong.

    Attributes:
        path: the folder; ``~`` is the user's home.
        sizes: longer sides in pixels, each once.
        recursive: whether to take the folders in it too.
    """

    path: str
    sizes: tuple[int, ...] = (256, 512, 1024)
    recursive: bool = False

    def __post_init__(self) -> None:
        if not self.sizes or min(self.sizes) < 1 or len(set(self.sizes)) < len(self.sizes):
            raise ValueError(f"expected sizes of at least 1, each once, got {self.sizes}")

    def names(self) -> Sequence[str]:
        """List the pictures by name, each by size; headers are read, no pixels.

        Raises:
            SettingError: no such folder, or no picture in it is as large as any size.
        """
        folder = self._folder()
        found = [each for name in folder.names() for each in self._names(name)]
        if not found:
            raise SettingError(
                f"sizes: expected pictures of at least {min(self.sizes)} pixels a side in "
                f"{self.path}, there are none",
                hint="None is enlarged. List a smaller size, or name a folder of larger pictures.",
            )
        return found

    def read(self, name: str) -> Sample:
        """Read a picture and scale it.

        Raises:
            SettingError: no picture has that name, or it is smaller than that.
            ImageError: it cannot be read as a picture.
        """
        from semcodec.image.scaling import scaled

        match = _NAME.fullmatch(name)
        size = int(match["size"]) if match else 0
        if not match or size not in self.sizes:
            raise SettingError(
                f"sizes: no picture {name!r}: expected NAME@SIZE.SUFFIX of a size in {self.sizes}",
                hint="names() lists what is there.",
            )
        sample = self._folder().read(match["stem"] + match["suffix"])
        height, width = sample.image.shape[:2]
        longer = max(height, width)
        if longer < size:
            raise SettingError(
                f"sizes: {sample.name} has {longer} pixels on its longer side, fewer than {size}",
                hint="None is enlarged; names() lists what is there.",
            )
        sides = (max(1, (2 * side * size + longer) // (2 * longer)) for side in (height, width))
        return Sample(name=name, image=scaled(sample.image, *sides), inputs=sample.inputs)

    def _folder(self) -> Folder:
        return Folder(path=self.path, recursive=self.recursive)

    def _names(self, name: str) -> Iterator[str]:
        path = PurePosixPath(name)
        for size in self._of(Path(self.path).expanduser() / name):
            yield str(path.with_name(f"{path.stem}@{size}{path.suffix}"))

    def _of(self, file: Path) -> list[int]:
        """Give the sizes that a picture has."""
        from semcodec.image.opening import open_picture, read_source

        try:
            where, data = read_source(file)
            longer = max(open_picture(data, where, max_pixels=1 << 62).size)
        except ImageError:
            return [min(self.sizes)]
        return [size for size in self.sizes if size <= longer]
