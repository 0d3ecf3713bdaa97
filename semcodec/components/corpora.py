"""Data sets of the field over a local copy, with their label maps; of none are hashes published."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from semcodec.components.labels import read_labels
from semcodec.components.local import Tree
from semcodec.contracts.params import component
from semcodec.errors import ImageError

__all__ = ["Ade20k", "Bsds500", "Cityscapes", "Clic", "CocoStuff"]


@component
class Clic(Tree):
    """Pictures of the CLIC challenges: all PNG files below a folder.

    Attributes:
        path: the folder.
    """

    who: ClassVar[str] = "clic"
    path: str


@component
class Bsds500(Tree):
    """The Berkeley segmentation data set: ``images/SPLIT/*.jpg`` with ``groundTruth/SPLIT/*.mat``.

    The input ``labels`` is one annotator's segmentation, int32 (height, width) from 1.

    Attributes:
        path: the folder that holds ``images`` and ``groundTruth``: ``BSDS500/data``.
        split: which part.
        annotator: whose segmentation, from 0; the last one where there are fewer.
    """

    who: ClassVar[str] = "bsds500"
    suffix: ClassVar[str] = ".jpg"
    path: str
    split: Literal["train", "val", "test"] = "test"
    annotator: int = 0

    def base(self, root: Path) -> Path:
        """Give the folder of the pictures."""
        return root / "images" / self.split

    def inputs(self, name: str, root: Path) -> Mapping[str, Any]:
        """Read the segmentation."""
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
class CocoStuff(Tree):
    """COCO photographs with COCO-Stuff's label maps: a folder of ``*.jpg`` and one of ``*.png``.

    The input ``labels`` is uint8 (height, width): ids of classes, 255 for unlabelled.

    Attributes:
        path: folder of the photographs.
        labels: folder of the label maps; photographs without one are left out.
    """

    who: ClassVar[str] = "coco-stuff"
    suffix: ClassVar[str] = ".jpg"
    path: str
    labels: str

    def root(self) -> Path:
        """Give the folder of the photographs.

        Raises:
            SettingError: there is none, or none of the label maps.
        """
        self.folder_at(self.labels)
        return super().root()

    def fits(self, name: str, root: Path) -> bool:
        """Whether there is a label map."""
        return self._map(name).is_file()

    def inputs(self, name: str, root: Path) -> Mapping[str, Any]:
        """Read the label map."""
        return {"labels": read_labels(self._map(name))}

    def _map(self, name: str) -> Path:
        return Path(self.labels).expanduser() / f"{PurePosixPath(name).stem}.png"


@component
class Ade20k(Tree):
    """ADE20K of the scene parsing benchmark: ``images/SPLIT/*.jpg``, ``annotations/SPLIT/*.png``.

    The input ``labels`` is uint8 (height, width): 1 to 150, 0 for everything else.

    Attributes:
        path: the folder ``ADEChallengeData2016``.
        split: which part.
    """

    who: ClassVar[str] = "ade20k"
    suffix: ClassVar[str] = ".jpg"
    path: str
    split: Literal["training", "validation"] = "validation"

    def base(self, root: Path) -> Path:
        """Give the folder of the pictures."""
        return root / "images" / self.split

    def inputs(self, name: str, root: Path) -> Mapping[str, Any]:
        """Read the label map."""
        file = root / "annotations" / self.split / f"{PurePosixPath(name).stem}.png"
        return {"labels": read_labels(file)} if file.is_file() else {}


@component
class Cityscapes(Tree):
    """Cityscapes: ``leftImg8bit/SPLIT/CITY`` with ``gtFine`` beside it.

    The input ``labels`` is uint8 (height, width), the ``labelIds`` of the fine annotation.

    Attributes:
        path: the folder that holds ``leftImg8bit`` and ``gtFine``.
        split: which part.
    """

    who: ClassVar[str] = "cityscapes"
    suffix: ClassVar[str] = "_leftImg8bit.png"
    path: str
    split: Literal["train", "val", "test"] = "val"

    def base(self, root: Path) -> Path:
        """Give the folder of the cities."""
        return root / "leftImg8bit" / self.split

    def inputs(self, name: str, root: Path) -> Mapping[str, Any]:
        """Read the label map."""
        labels = name.removesuffix(self.suffix) + "_gtFine_labelIds.png"
        file = root / "gtFine" / self.split / labels
        return {"labels": read_labels(file)} if file.is_file() else {}
