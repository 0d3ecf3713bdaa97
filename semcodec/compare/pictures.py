"""The pictures of a comparison, what belongs to each, and names for them that differ."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.compare.model import file_name
from semcodec.components.labels import read_labels
from semcodec.contracts.kinds import Dataset, Sample
from semcodec.errors import ImageError, SemcodecError, SettingError
from semcodec.spec.build import build_component

__all__ = ["Item", "Source", "labels_of", "pixels_digest"]


@dataclass(frozen=True, slots=True)
class Item:
    """A picture.

    Attributes:
        name: its name in the data set.
        label: its name in results: the stem of ``name``, or more of it where two share a stem.
    """

    name: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the pictures come from; every process opens it anew.

    Attributes:
        use: the data set, as ``{"use": ..., parameters}``.
        masks: folder of masks that metrics grade with, or None.
        captions: folder of texts that metrics grade with, or None.
        inputs: folders of what codecs are given, by input.
    """

    use: Mapping[str, Any]
    masks: Path | None = None
    captions: Path | None = None
    inputs: Mapping[str, Path] = field(default_factory=dict)

    def open(self) -> Dataset:
        """Make the data set.

        Raises:
            SpecError: its parameters make no sense.
            ComponentNotFound: nobody provides it.
        """
        made = build_component(self.use, kind="dataset", where="data")
        assert isinstance(made, Dataset)
        return made

    def items(self, limit: int | None = None) -> list[Item]:
        """List the pictures, in the data set's order.

        Raises:
            SettingError: there is none, or two cannot be told apart.
        """
        try:
            names = list(self.open().names())[:limit]
        except SemcodecError:
            raise
        except Exception as error:  # a data set of anybody's; whatever it raises, it cannot serve
            raise SettingError(f"data: {type(error).__name__}: {error}") from error
        if not names:
            raise SettingError("data: there are no pictures", hint="Name a folder that holds some.")
        return labels_of(names)

    def given(self, item: Item, sample: Sample) -> dict[str, Any]:
        """What codecs may be given beside a picture, by input.

        Raises:
            ImageError: a file of a folder of inputs cannot be read.
        """
        found: dict[str, Any] = dict(sample.inputs)
        for name, folder in self.inputs.items():
            path = _beside(folder, item.name)
            if path is not None:
                found[name] = _text(path) if path.suffix == ".txt" else read_labels(path)
        return found

    def graded(self, item: Item, sample: Sample) -> dict[str, Any]:
        """What metrics may use beside a picture: the data set's own, ``mask`` and ``caption``.

        Raises:
            ImageError: a mask or a caption cannot be read.
        """
        found: dict[str, Any] = dict(sample.inputs)
        mask, caption = (
            _beside(folder, item.name) if folder is not None else None
            for folder in (self.masks, self.captions)
        )
        if mask is not None:
            found["mask"] = read_labels(mask)
        if caption is not None:
            found["caption"] = _text(caption)
        return found


def labels_of(names: Sequence[str]) -> list[Item]:
    """Give every picture a label of its own.

    Raises:
        SettingError: two names are one on file systems that fold case, or once made fit for them.
    """
    for form in (
        lambda name: PurePosixPath(name).stem,
        lambda name: PurePosixPath(name).name,
        lambda name: name,
    ):
        stems = [file_name(form(name)).casefold() for name in names]
        if len(set(stems)) == len(names):
            return [Item(name, file_name(form(name))) for name in names]
    clash = Counter(file_name(name).casefold() for name in names).most_common(1)[0][0]
    both = [name for name in names if file_name(name).casefold() == clash]
    raise SettingError(
        f"data: {both[0]!r} and {both[1]!r} cannot be told apart", hint="Rename one of them."
    )


def pixels_digest(picture: NDArray[Any]) -> str:
    """SHA-256 over dtype, shape and samples, rows first, in hexadecimal."""
    head = f"{picture.dtype.str[1:]} {picture.shape}".encode()
    samples = np.ascontiguousarray(picture, picture.dtype.newbyteorder("<"))
    return hashlib.sha256(head + samples.tobytes()).hexdigest()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or "no UTF-8"
        raise ImageError(f"{path}: cannot be read as a caption: {said}") from None


def _beside(folder: Path, name: str) -> Path | None:
    """Find the file of a folder that belongs to a picture: of its stem."""
    relative = PurePosixPath(name)
    try:
        found = sorted(
            path
            for path in (folder / relative.parent).iterdir()
            if path.stem == relative.stem and path.is_file()
        )
    except OSError:
        return None
    if len(found) > 1:
        raise ImageError(
            f"{folder}: expected one file for {name}, got {found[0].name} and {found[1].name}",
            hint="Remove one.",
        )
    return found[0] if found else None
