"""Whether the meaning was kept: CLIP's embeddings, and the maps of a segmenter."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from semcodec import Metric, Port, Text, component
from semcodec.errors import SettingError, WeightsError
from semcodec.image import to_depth8
from semcodec_metrics.hub import backbone_of, find_model, missing_model
from semcodec_metrics.packages import Backed, absent, made_by, require
from semcodec_metrics.pictures import pair, rgb
from semcodec_metrics.tensors import quiet

__all__ = ["ClipImage", "ClipScore", "SegmenterIou"]

_MODULES = ("transformers", "torch", "torchvision")
_NETWORK = ("config.json", "model.safetensors", "preprocessor_config.json")
_WORDS = ("tokenizer.json", "tokenizer_config.json")


class _Hub(Metric):
    """A metric by a model of the hub's layout."""

    _id: ClassVar[str] = ""
    _files: ClassVar[tuple[str, ...]] = _NETWORK
    _suggested: ClassVar[str] = "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"
    model: str

    @property
    def backbone(self) -> str:
        """Name the model."""
        return backbone_of(self.model)

    def missing(self) -> str:
        """Name what is not installed, or the model that is not at hand."""
        lacking = absent(_MODULES, "semantic")
        if lacking:
            return lacking
        if self.model:
            return missing_model(self.model, self._files)
        return f"no model is named: hf download {self._suggested} --local-dir FOLDER; model=FOLDER"

    def _folder(self) -> Path:
        require(f"metrics.{self._id}", self.missing())
        return find_model(self.model, self._files)


@component
class ClipImage(_Hub):
    """Cosine of the CLIP embeddings of both pictures, times 100 (Radford et al. 2021).

    Attributes:
        model: a CLIP model: a folder, or ``owner/repo@<40-digit commit>`` in the hub's local cache.
    """

    version: ClassVar[Any] = Backed(made_by("transformers", "cosine of image embeddings"))
    _id: ClassVar[str] = "clip-image"
    model: str = ""

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or are no pictures.
            SettingError: a package or the model is missing.
        """
        left, right = pair(reference, decoded, "metrics.clip-image")
        folder = self._folder()
        with quiet():
            one, other = (_embedded(folder, picture) for picture in (left, right))
            return 100 * float(one @ other)


@component
class ClipScore(_Hub):
    """CLIP score of the decoded picture and its caption, ``max(100 cos, 0)`` (Hessel et al. 2021).

    In [0, 100]; the reference picture takes no part, so its own score is the ceiling to quote
    beside it. Hessel et al. scale by 2.5 what is scaled by 100 here, as torchmetrics does. A
    caption is cut off after as many tokens as the model takes, 77 of CLIP's.

    Attributes:
        model: a CLIP model with its tokenizer: a folder, or ``owner/repo@<40-digit commit>`` in
            the hub's local cache.
    """

    version: ClassVar[Any] = Backed(made_by("transformers", "cosine of image and caption"))
    ports: ClassVar[Mapping[str, Port]] = {"caption": Port(Text, needed_by="encode")}
    _id: ClassVar[str] = "clip-score"
    _files: ClassVar[tuple[str, ...]] = (*_NETWORK, *_WORDS)
    model: str = ""

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Refuse: there is no score without a caption.

        Raises:
            SettingError: always.
        """
        raise SettingError(
            "metrics.clip-score needs a caption, got two pictures only",
            hint='Call compare(reference, decoded, {"caption": "..."}), or use metrics.clip-image.',
        )

    def compare(
        self, reference: NDArray[Any], decoded: NDArray[Any], guides: Mapping[str, Any]
    ) -> float:
        """Score the decoded picture against ``guides["caption"]``.

        Raises:
            ImageError: the pictures differ in shape or dtype, or are no pictures.
            SettingError: there is no caption, or a package or the model is missing.
        """
        if not isinstance(guides.get("caption"), str):
            return self.compute(reference, decoded)
        _, right = pair(reference, decoded, "metrics.clip-score")
        folder = self._folder()
        with quiet():
            seen, said = _embedded(folder, right), _said(folder, guides["caption"])
            return max(100 * float(seen @ said), 0.0)


@component
class SegmenterIou(_Hub):
    """Mean intersection over union of a segmenter's maps of both pictures; in [0, 1], 1 if equal.

    The map of the reference is taken for the truth; the mean is over the classes that either map
    has. It says what a segmenter no longer finds, not how good its map was.

    Attributes:
        model: a semantic segmenter: a folder, or ``owner/repo@<40-digit commit>`` in the hub's
            local cache.
    """

    version: ClassVar[Any] = Backed(made_by("transformers", "mean over classes of either map"))
    _id: ClassVar[str] = "segmenter-iou"
    _suggested: ClassVar[str] = "nvidia/segformer-b0-finetuned-ade-512-512"
    model: str = ""

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or are no pictures.
            SettingError: a package or the model is missing.
        """
        left, right = pair(reference, decoded, "metrics.segmenter-iou")
        folder = self._folder()
        with quiet():
            one, other = (_labels(folder, picture) for picture in (left, right))
        scores = [
            np.mean((one == label) & (other == label)) / np.mean((one == label) | (other == label))
            for label in np.union1d(one, other)
        ]
        return float(np.mean(scores))


def _embedded(folder: Path, picture: NDArray[Any]) -> Any:
    network, prepare = _model("CLIPModel", folder)
    return _unit(network.get_image_features(**_prepared(prepare, picture)))


def _said(folder: Path, caption: str) -> Any:
    from transformers import AutoTokenizer

    network, _ = _model("CLIPModel", folder)
    most = network.config.text_config.max_position_embeddings
    tokens = AutoTokenizer.from_pretrained(folder, local_files_only=True)(
        caption, return_tensors="pt", truncation=True, max_length=most
    )
    return _unit(network.get_text_features(**tokens))


def _unit(features: Any) -> Any:
    features = getattr(features, "pooler_output", features)  # transformers 5 wraps it
    return (features / features.norm(dim=-1, keepdim=True))[0].double()


def _labels(folder: Path, picture: NDArray[Any]) -> NDArray[np.int64]:
    network, prepare = _model("AutoModelForSemanticSegmentation", folder)
    logits = network(**_prepared(prepare, picture)).logits
    return logits[0].argmax(dim=0).numpy()  # type: ignore[no-any-return]


def _prepared(prepare: Any, picture: NDArray[Any]) -> Any:
    return prepare(
        images=to_depth8(rgb(picture)), return_tensors="pt", input_data_format="channels_last"
    )


@lru_cache(maxsize=2)
def _model(kind: str, folder: Path) -> tuple[Any, Any]:
    import transformers
    from transformers.utils import logging

    local = {"local_files_only": True, "trust_remote_code": False}
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # a bar for a file of this disk, amid that of a comparison
    try:
        network = getattr(transformers, kind).from_pretrained(folder, use_safetensors=True, **local)
        prepare = transformers.AutoImageProcessor.from_pretrained(folder, **local)
    except Exception as error:  # whatever a damaged file makes of three libraries
        said = " ".join(str(error).split())[:200]
        raise WeightsError(
            f"{folder}: transformers cannot open it as {kind}: {said}",
            hint="Name a folder that save_pretrained wrote, with its image processor.",
        ) from None
    finally:
        if shown:
            logging.enable_progress_bar()
    return network.eval().requires_grad_(False), prepare
