"""What data sets over a local copy share: names, safe look-up, reading, checks."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from semcodec.contracts.kinds import Dataset, Sample
from semcodec.errors import ImageError, SettingError

__all__ = ["Local", "Tree"]


class Local(Dataset):
    """Pictures below a folder, by name.

    Attributes:
        path: the folder.
    """

    who: ClassVar[str] = ""
    path: str

    @abstractmethod
    def listed(self, root: Path) -> Sequence[str]:
        """List the names of the pictures below the folder.

        Raises:
            OSError: the system refuses.
        """

    @abstractmethod
    def place(self, name: str, root: Path) -> Path | None:
        """Say where a picture is, without listing all others; None where there is no such name."""

    def inputs(self, name: str, root: Path) -> Mapping[str, Any]:
        """Read what belongs to a picture."""
        return {}

    def digest(self, name: str) -> str:
        """Give the SHA-256 of a picture's file in hexadecimal; empty where it is not known."""
        return ""

    def names(self) -> Sequence[str]:
        """List the pictures.

        Raises:
            SettingError: the folder is not there, or holds none.
        """
        root = self.root()
        try:
            found = self.listed(root)
        except OSError as error:
            raise SettingError(
                f"{self.who}: {self.path} cannot be listed: {error.strerror}"
            ) from None
        if not found:
            raise SettingError(
                f"{self.who}: expected its pictures in {self.path}, there are none",
                hint="The page on comparing says how each data set is laid out.",
            )
        return found

    def read(self, name: str) -> Sample:
        """Read a picture and what belongs to it.

        Raises:
            SettingError: no picture has that name.
            ImageError: it cannot be read, its hash is not the known one, or its label map has
                another size.
        """
        from semcodec.image import read_image

        root = self.root()
        path = self.place(name, root)
        if path is None:
            raise SettingError(
                f"{self.who}: no picture {name!r} in {self.path}",
                hint="names() lists what is there.",
            )
        digest = self.digest(name)
        if digest:
            _verify(path, digest)
        image = read_image(path)
        inputs = self.inputs(name, root)
        for key, value in inputs.items():
            if isinstance(value, np.ndarray) and value.shape != image.shape[:2]:
                raise ImageError(
                    f"{self.who}: {key} of {name}: expected {image.shape[:2]} like the picture, "
                    f"got {value.shape}"
                )
        return Sample(name=name, image=image, inputs=MappingProxyType(dict(inputs)))

    def root(self) -> Path:
        """Give the folder.

        Raises:
            SettingError: there is none.
        """
        return self.folder_at(self.path)

    def folder_at(self, path: str) -> Path:
        """Give a folder that the user named.

        Raises:
            SettingError: there is none.
        """
        try:
            found = Path(path).expanduser()
            if found.is_dir():
                return found
        except (OSError, RuntimeError, ValueError):
            pass
        raise SettingError(f"{self.who}: expected a folder, there is none at {path!r}")


class Tree(Local):
    """All pictures of one suffix at any depth below a folder; names are their paths in it.

    Hidden files and folders are left out.
    """

    suffix: ClassVar[str] = ".png"

    def base(self, root: Path) -> Path:
        """Give the folder that the names start at."""
        return root

    def fits(self, name: str, root: Path) -> bool:
        """Whether a picture of that name belongs to the data set."""
        return True

    def listed(self, root: Path) -> Sequence[str]:
        """List the names, sorted by code point."""
        base = self.base(root)
        return sorted(
            name
            for path in base.rglob(f"*{self.suffix}")
            if _visible(name := path.relative_to(base).as_posix())
            and path.is_file()
            and self.fits(name, root)
        )

    def place(self, name: str, root: Path) -> Path | None:
        """Say where a picture is."""
        inside = PurePosixPath(name).as_posix() == name and not name.startswith("/")
        if not inside or "\\" in name or "\0" in name or not name.endswith(self.suffix):
            return None
        path = self.base(root) / name
        return path if _visible(name) and path.is_file() and self.fits(name, root) else None


def _visible(name: str) -> bool:
    # ".." is hidden too, and so leads out of no folder.
    return not any(part.startswith(".") for part in PurePosixPath(name).parts)


def _verify(path: Path, digest: str) -> None:
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ImageError(f"{path}: cannot be read: {error.strerror}") from None
    if found != digest:
        raise ImageError(
            f"{path}: expected the file with SHA-256 {digest[:16]}..., got {found[:16]}...",
            hint="Fetch it again; a picture that was converted is not that of the data set.",
        )
