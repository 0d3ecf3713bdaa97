"""Data sets of the field over a local copy, checked by hash where hashes are known."""

from __future__ import annotations

import hashlib
import re
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from semcodec.components.labels import read_labels
from semcodec.contracts.kinds import Dataset, Sample
from semcodec.contracts.params import component
from semcodec.errors import ImageError, SettingError

__all__ = ["Ade20k", "Bsds500", "Cityscapes", "Clic", "CocoStuff", "Kodak", "Listing"]

_LINE = re.compile(r"([0-9a-f]{64}) [ *]?(.+)")
_MOST = 1 << 20


class _Local(Dataset):
    """Pictures below a folder, by name."""

    path: str

    @abstractmethod
    def _pictures(self, root: Path) -> Mapping[str, Path]:
        """Find the pictures, by name."""

    def _inputs(self, name: str, root: Path) -> Mapping[str, Any]:
        return {}

    def _digest(self, name: str) -> str:
        """SHA-256 of a picture's file in hexadecimal; empty where it is not known."""
        return ""

    def names(self) -> Sequence[str]:
        """List the pictures, sorted by name.

        Raises:
            SettingError: the folder is not there, or holds none.
        """
        return sorted(self._found())

    def read(self, name: str) -> Sample:
        """Read a picture and what belongs to it.

        Raises:
            SettingError: no picture has that name.
            ImageError: it cannot be read, its hash is not the known one, or its label map has
                another size.
        """
        from semcodec.image import read_image

        found = self._found()
        if name not in found:
            raise SettingError(
                f"{self._who}: no picture {name!r} in {self.path}",
                hint="names() lists what is there.",
            )
        try:
            data = found[name].read_bytes()
        except OSError as error:
            raise ImageError(f"{found[name]}: cannot be read: {error.strerror}") from None
        digest = self._digest(name)
        if digest and hashlib.sha256(data).hexdigest() != digest:
            raise ImageError(
                f"{found[name]}: expected the file with SHA-256 {digest[:16]}..., got another",
                hint="Fetch it again; a picture that was converted is not that of the data set.",
            )
        image = read_image(data)
        inputs = self._inputs(name, self._root())
        for key, value in inputs.items():
            if isinstance(value, np.ndarray) and value.shape != image.shape[:2]:
                raise ImageError(
                    f"{self._who}: {key} of {name}: expected {image.shape[:2]} like the picture, "
                    f"got {value.shape}"
                )
        return Sample(name=name, image=image, inputs=MappingProxyType(dict(inputs)))

    @property
    def _who(self) -> str:
        return type(self).__name__.lower()

    def _found(self) -> Mapping[str, Path]:
        root = self._root()
        try:
            found = self._pictures(root)
        except OSError as error:
            raise SettingError(
                f"{self._who}: {self.path} cannot be listed: {error.strerror}"
            ) from None
        if not found:
            raise SettingError(
                f"{self._who}: expected its pictures in {self.path}, there are none",
                hint="The page on comparing says how each data set is laid out.",
            )
        return found

    def _root(self) -> Path:
        try:
            root = Path(self.path).expanduser()
            if root.is_dir():
                return root
        except (OSError, RuntimeError, ValueError):
            pass
        raise SettingError(f"{self._who}: expected a folder, there is none at {self.path!r}")


@component
class Listing(_Local):
    """The pictures that a list names with their hashes, in the form of ``sha256sum``.

    Each line is a SHA-256 in hexadecimal, two spaces and a path below the folder of the list, or
    below ``path``. A picture whose file has another hash is refused when it is read.

    Attributes:
        path: folder of the pictures.
        list: the list; a relative path starts at ``path``.
    """

    path: str
    list: str = "SHA256SUMS"

    def names(self) -> Sequence[str]:
        """List the pictures in the order of the list."""
        return tuple(self._digests())

    def _pictures(self, root: Path) -> Mapping[str, Path]:
        return {name: root / name for name in self._digests()}

    def _digest(self, name: str) -> str:
        return self._digests()[name]

    def _digests(self) -> Mapping[str, str]:
        file = self._root() / Path(self.list).expanduser()
        try:
            with file.open(encoding="utf-8") as opened:
                text = opened.read(_MOST * 64)
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", None) or "no text"
            raise SettingError(f"listing: {file} cannot be read: {said}") from None
        return _parse(text, str(file))


def _parse(text: str, where: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line)
        name = match[2] if match else ""
        if not match or ".." in PurePosixPath(name).parts or name.startswith("/") or "\0" in name:
            raise SettingError(
                f"{where}: line {number}: expected a SHA-256 and a path below the folder",
                hint="Write it with: sha256sum *.png > SHA256SUMS",
            )
        if name in found:
            raise SettingError(f"{where}: line {number}: {name} stands twice")
        found[name] = match[1]
    return found


@component
class Kodak(_Local):
    """The 24 pictures of the Kodak Lossless True Color Image Suite, ``kodim01.png`` and so on.

    Every file is checked against the hash of the one at r0k.us/graphics/kodak; those that are not
    there are left out of the names.

    Attributes:
        path: the folder that holds them.
        verify: whether a file with another hash is refused; without it, results may be of
            pictures that were converted.
    """

    path: str
    verify: bool = True

    def _pictures(self, root: Path) -> Mapping[str, Path]:
        return {name: root / name for name in _kodak() if (root / name).is_file()}

    def _digest(self, name: str) -> str:
        return _kodak()[name] if self.verify else ""


def _kodak() -> Mapping[str, str]:
    text = files("semcodec.components").joinpath("kodak.sha256").read_text(encoding="ascii")
    return _parse(text, "kodak.sha256")


@component
class Clic(_Local):
    """Pictures of the CLIC challenges: all PNG files below a folder; no hashes are published.

    Attributes:
        path: the folder.
    """

    path: str

    def _pictures(self, root: Path) -> Mapping[str, Path]:
        return _below(root, ".png")


@component
class Bsds500(_Local):
    """The Berkeley segmentation data set: ``images/SPLIT/*.jpg`` with ``groundTruth/SPLIT/*.mat``.

    The input ``labels`` is one annotator's segmentation, int32 (height, width) from 1.

    Attributes:
        path: the folder that holds ``images`` and ``groundTruth``: ``BSDS500/data``.
        split: which part.
        annotator: whose segmentation, from 0; the last one where there are fewer.
    """

    path: str
    split: Literal["train", "val", "test"] = "test"
    annotator: int = 0

    def _pictures(self, root: Path) -> Mapping[str, Path]:
        return _below(root / "images" / self.split, ".jpg")

    def _inputs(self, name: str, root: Path) -> Mapping[str, Any]:
        file = root / "groundTruth" / self.split / f"{PurePosixPath(name).stem}.mat"
        return {"labels": _segmentation(file, self.annotator)} if file.is_file() else {}


def _segmentation(file: Path, annotator: int) -> NDArray[np.int32]:
    from scipy.io import loadmat

    try:
        truth = loadmat(file)["groundTruth"].ravel()
        chosen = truth[min(max(annotator, 0), len(truth) - 1)]
        return np.asarray(chosen["Segmentation"][0, 0]).astype(np.int32)
    except Exception as error:  # a reader of MATLAB's format fails in many ways on other data
        raise ImageError(
            f"{file}: cannot be read as ground truth of BSDS500 ({type(error).__name__})"
        ) from None


@component
class CocoStuff(_Local):
    """COCO photographs with COCO-Stuff's label maps: a folder of ``*.jpg`` and one of ``*.png``.

    The input ``labels`` is uint8 (height, width): ids of classes, 255 for unlabelled.

    Attributes:
        path: folder of the photographs.
        labels: folder of the label maps; photographs without one are left out.
    """

    path: str
    labels: str

    def _pictures(self, root: Path) -> Mapping[str, Path]:
        maps = Path(self.labels).expanduser()
        return _below(root, ".jpg", lambda path: (maps / f"{path.stem}.png").is_file())

    def _inputs(self, name: str, root: Path) -> Mapping[str, Any]:
        stem = PurePosixPath(name).stem
        return {"labels": read_labels(Path(self.labels).expanduser() / f"{stem}.png")}


@component
class Ade20k(_Local):
    """ADE20K of the scene parsing benchmark: ``images/SPLIT/*.jpg``, ``annotations/SPLIT/*.png``.

    The input ``labels`` is uint8 (height, width): 1 to 150, 0 for everything else.

    Attributes:
        path: the folder ``ADEChallengeData2016``.
        split: which part.
    """

    path: str
    split: Literal["training", "validation"] = "validation"

    def _pictures(self, root: Path) -> Mapping[str, Path]:
        return _below(root / "images" / self.split, ".jpg")

    def _inputs(self, name: str, root: Path) -> Mapping[str, Any]:
        file = root / "annotations" / self.split / f"{PurePosixPath(name).stem}.png"
        return {"labels": read_labels(file)} if file.is_file() else {}


@component
class Cityscapes(_Local):
    """Cityscapes: ``leftImg8bit/SPLIT/CITY/*_leftImg8bit.png`` with ``gtFine`` beside it.

    The input ``labels`` is uint8 (height, width), the ``labelIds`` of the fine annotation.

    Attributes:
        path: the folder that holds ``leftImg8bit`` and ``gtFine``.
        split: which part.
    """

    path: str
    split: Literal["train", "val", "test"] = "val"

    def _pictures(self, root: Path) -> Mapping[str, Path]:
        return _below(root / "leftImg8bit" / self.split, ".png")

    def _inputs(self, name: str, root: Path) -> Mapping[str, Any]:
        labels = name.replace("_leftImg8bit.png", "_gtFine_labelIds.png")
        file = root / "gtFine" / self.split / labels
        return {"labels": read_labels(file)} if file.is_file() else {}


def _below(
    folder: Path, suffix: str, fits: Callable[[Path], bool] = lambda path: True
) -> dict[str, Path]:
    """Find visible files with a suffix, by their path below a folder."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob(f"*{suffix}")
        if fits(path) and not path.name.startswith(".") and path.is_file()
    }
