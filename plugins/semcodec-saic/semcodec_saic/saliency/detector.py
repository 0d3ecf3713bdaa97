"""Boxes by Grounding DINO: what a prompt names, in one look at the picture."""

from __future__ import annotations

import inspect
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from semcodec import Context, Interval, Region, SaliencySource, Weights, component
from semcodec.components.saliency.blend import Blend
from semcodec.contracts.kinds import Guides
from semcodec_saic.saliency.base import RegionSource
from semcodec_saic.saliency.hub import load
from semcodec_saic.saliency.packages import absent, require, running
from semcodec_saic.saliency.pictures import widened
from semcodec_saic.saliency.prompts import phrases, split
from semcodec_saic.saliency.regions import Box, box_region, fitted
from semcodec_saic.saliency.snapshots import missing_weights, open_snapshot

__all__ = ["PINNED", "GroundingDino"]

PINNED = Weights(
    uri="hf:IDEA-Research/grounding-dino-tiny@a2bb814dd30d776dcf7e30523b00659f4f141c71"
    "/model.safetensors",
    sha256="1a2412ef99bd74bcd3c2a246fa1e48581f8889a1300c9051974741314fc042f3",
)
"""Grounding DINO with Swin-T as its authors publish it for transformers; Apache-2.0."""

_BESIDE = (
    "config.json",
    "preprocessor_config.json|processor_config.json",
    "tokenizer_config.json",
    "tokenizer.json|vocab.txt",
)
_TYPES = ("grounding-dino", "mm-grounding-dino")


@component
class GroundingDino(RegionSource):
    """What lies in the boxes that Grounding DINO finds for a prompt matters, by their scores.

    S. Liu et al., "Grounding DINO: Marrying DINO with Grounded Pre-Training for Open-Set Object
    Detection", ECCV 2024; through transformers. The phrases of the prompt are asked for together;
    a prompt that is longer than the model's text (256 positions) is asked for in parts. The input
    ``prompt`` goes before the parameter. A box without a label counts like any other.

    Attributes:
        prompt: what matters, phrases closed by periods; written in lower case for the model.
        box_threshold: score above which a box counts.
        text_threshold: score above which a word belongs to a box's label; changes no map.
        most: boxes at most, by score.
        weighted: whether a box counts by its score; else by 1.
        size: most pixels along a side of the picture that is looked at.
        weights: ``model.safetensors`` of a folder that ``save_pretrained`` wrote or of a pinned
            revision in the hub's local cache, with its processor beside.
        otherwise: the source that is asked where nothing is found.
    """

    id: ClassVar[str] = "saic.grounding-dino"
    prompt: str = "person . animal . face . text ."
    box_threshold: Annotated[float, Interval(ge=0.0, le=1.0)] = 0.3
    text_threshold: Annotated[float, Interval(ge=0.0, le=1.0)] = 0.25
    most: Annotated[int, Interval(ge=1, le=1000)] = 100
    weighted: bool = True
    size: Annotated[int, Interval(ge=32, le=4096)] = 1333
    weights: Weights = PINNED
    otherwise: SaliencySource = Blend()

    def missing(self) -> str:
        """Name what is not installed, or the weights that are not at hand."""
        return absent(("transformers", "torch"), "grounded") or missing_weights(
            self.weights.uri, _BESIDE
        )

    def sought(self, ctx: Context) -> str:
        """See :meth:`RegionSource.sought`."""
        return f" above {self.box_threshold:g} for the prompt {self._prompt(ctx)!r:.80}"

    def find(self, picture: NDArray[np.uint8], guides: Guides, ctx: Context) -> list[Region]:
        """List the boxes above the threshold, highest score first.

        Raises:
            PluginError: a package is not installed.
            WeightsError: the weights are absent, of another hash or of another network.
            SettingError: the prompt names nothing, or the device refuses.
        """
        wanted = phrases(self._prompt(ctx))
        require(self.id, absent(("transformers", "torch"), "grounded"))
        path = open_snapshot(self.weights, _BESIDE)
        with running(self.id, ctx.device):
            kind = "AutoModelForZeroShotObjectDetection"
            network, processor = load(kind, path, _TYPES, ctx.device)
            most = network.config.max_text_len
            tokens = processor.tokenizer
            texts = split(wanted, lambda text: len(tokens(text)["input_ids"]), most)
            found: list[tuple[float, str, Box]] = []
            for at, text in enumerate(texts):
                ctx.progress(at / len(texts), "looking for what the prompt names")
                found += self._detected(network, processor, picture, text, ctx.device)
        found.sort(key=lambda each: -each[0])
        height, width = picture.shape[:2]
        return [
            box_region(box, height, width, label, score) for score, label, box in found[: self.most]
        ]

    def _prompt(self, ctx: Context) -> str:
        given = ctx.inputs.get("prompt")
        return given if isinstance(given, str) else self.prompt

    def _detected(
        self, network: Any, processor: Any, picture: NDArray[np.uint8], text: str, device: str
    ) -> list[tuple[float, str, Box]]:
        from PIL import Image as Pillow

        seen, _ = widened(picture)
        asked = processor(images=Pillow.fromarray(seen), text=text, return_tensors="pt").to(device)
        answer = network(**asked)
        finish = processor.post_process_grounded_object_detection
        # transformers 4.51 renamed it, and later ones refuse the old name.
        renamed = "threshold" in inspect.signature(finish).parameters
        told = finish(
            answer,
            asked["input_ids"],
            **{"threshold" if renamed else "box_threshold": self.box_threshold},
            text_threshold=self.text_threshold,
            target_sizes=[picture.shape[:2]],
        )[0]
        scores, boxes = told["scores"].tolist(), told["boxes"].tolist()
        labels = told["text_labels"] if "text_labels" in told else told["labels"]
        # Labels are for show: transformers 5 gives one where it found no box.
        labels = [*map(str, labels), *[""] * len(scores)][: len(scores)]
        fits = [fitted(box, *picture.shape[:2]) for box in boxes]
        return [
            (min(score, 1.0), label.strip(), box)
            for score, label, box in zip(scores, labels, fits, strict=True)
            if box is not None
        ]
