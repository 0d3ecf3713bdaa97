"""A folder of pictures as a data set."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from semcodec.contracts.kinds import Dataset, Sample
from semcodec.contracts.params import component
from semcodec.errors import SettingError

__all__ = ["Folder"]

_SUFFIXES = frozenset(
    f".{kind}"
    for kind in (
        *("avif", "bmp", "gif", "jpeg", "jpg", "pbm", "pgm"),
        *("png", "pnm", "ppm", "tif", "tiff", "webp"),
    )
)


@component
class Folder(Dataset):
    """The pictures of a folder, sorted by name.

    A name is the path below the folder, with ``/`` on every system and its suffix, so that it is
    unique. Pictures are known by their suffix; hidden files and folders are left out.

    Attributes:
        path: the folder; ``~`` is the user's home.
        recursive: whether to take the folders in it too.
    """

    path: str
    recursive: bool = False

    def names(self) -> Sequence[str]:
        """List the pictures, by code point order of their names.

        Raises:
            SettingError: no such folder, or it cannot be read.
        """
        root = self._root()
        try:
            found = [
                name
                for item in (root.rglob("*") if self.recursive else root.iterdir())
                if _is_picture(name := item.relative_to(root).as_posix()) and item.is_file()
            ]
        except OSError as error:
            raise SettingError(
                f"folder: {self.path} cannot be listed: {error.strerror}",
                hint="Name a folder that you may read.",
            ) from None
        return sorted(found)

    def read(self, name: str) -> Sample:
        """Read a picture; a folder gives no inputs beside it.

        Raises:
            SettingError: no picture has that name.
            ImageError: it cannot be read as a picture.
        """
        from semcodec.image import read_image

        path = self._root() / name
        if not self._may_hold(name) or not path.is_file():
            near = difflib.get_close_matches(name, self.names(), 1)
            raise SettingError(
                f"folder: no picture {name!r} in {self.path}",
                hint=f"Did you mean {near[0]!r}?" if near else "names() lists what is there.",
            )
        return Sample(name=name, image=read_image(path), inputs=MappingProxyType({}))

    def _root(self) -> Path:
        try:
            root = Path(self.path).expanduser()
            found = root.is_dir()
        except (OSError, RuntimeError, ValueError):
            found = False
        if not found:
            raise SettingError(
                f"folder: expected a folder, there is none at {self.path!r}",
                hint="Relative paths start at the current directory.",
            )
        return root

    def _may_hold(self, name: str) -> bool:
        path = PurePosixPath(name)
        inside = path.as_posix() == name and not path.is_absolute() and "\0" not in name
        return inside and _is_picture(name) and (self.recursive or len(path.parts) == 1)


def _is_picture(name: str) -> bool:
    path = PurePosixPath(name)
    # Hidden names start with a dot, and so does "..", which would leave the folder.
    hidden = any(part.startswith(".") for part in path.parts)
    return not hidden and path.suffix.lower() in _SUFFIXES
