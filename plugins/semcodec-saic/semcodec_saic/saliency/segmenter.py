"""Masks by SAM: the outline of the thing in each box."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from semcodec import Context, Interval, Region, SaliencySource, Weights, component
from semcodec.contracts.kinds import Guides
from semcodec.errors import SettingError, WeightsError
from semcodec_saic.saliency.base import RegionSource
from semcodec_saic.saliency.boxes import given_boxes
from semcodec_saic.saliency.packages import absent, require, running
from semcodec_saic.saliency.pictures import widened
from semcodec_saic.saliency.regions import box_region, fitted
from semcodec_saic.saliency.sam_checkpoint import masks_by_checkpoint
from semcodec_saic.saliency.sam_hub import masks_by_hub
from semcodec_saic.saliency.snapshots import cached_weights, missing_weights, open_snapshot

__all__ = ["PINNED", "Sam"]

PINNED = "hf:facebook/sam-vit-base@70c1a07f894ebb5b307fd9eaaee97b9dfc16068f/model.safetensors"
"""SAM with ViT-B as its authors publish it for transformers; Apache-2.0."""

_BESIDE = ("config.json", "preprocessor_config.json|processor_config.json")


@component
class Sam(RegionSource):
    """What SAM outlines in the boxes of the input ``boxes`` matters, each by its box's score.

    A. Kirillov et al., "Segment Anything", ICCV 2023. Of three masks for a box, that of the
    highest predicted IoU is taken; a box in which no pixel is marked is its own mask. The picture
    is looked at once, the boxes in parts. A ``.safetensors`` file is opened by transformers, with
    its processor beside; ``.pth`` is a checkpoint of segment_anything, of any width and depth.

    Regions stand in the order of the boxes, so that whoever gave them knows which is which.

    Attributes:
        weighted: whether a mask counts by its box's score; else by 1.
        chunk: boxes at once.
        size: most pixels along a side of the picture that is looked at.
        weights: the file; without it ``facebook/sam-vit-base`` at a pinned revision, from the
            hub's local cache.
        otherwise: the source that is asked where no box is given; without one that is an error.
    """

    id: ClassVar[str] = "saic.sam"
    boxed: ClassVar[bool] = True
    weighted: bool = True
    chunk: Annotated[int, Interval(ge=1, le=1000)] = 16
    size: Annotated[int, Interval(ge=32, le=4096)] = 1024
    weights: Weights | None = None
    otherwise: SaliencySource | None = None

    @property
    def backbone(self) -> str:
        """Name the weights that are used, with the first digits of their hash."""
        used = self.weights or cached_weights(PINNED)
        return f"{used.uri} {used.sha256[:8]}" if used else f"{PINNED} (not at hand)"

    def missing(self) -> str:
        """Name what is not installed, or the weights that are not at hand."""
        uri = self.weights.uri if self.weights else PINNED
        return _packages(uri) or missing_weights(uri, _beside(uri))

    def find(self, picture: NDArray[np.uint8], guides: Guides, ctx: Context) -> list[Region]:
        """Outline the given boxes, in their order.

        Raises:
            PluginError: a package is not installed.
            WeightsError: the weights are absent, of another hash or of another network.
            SettingError: there are no boxes, or the device refuses.
        """
        rows = given_boxes(self.id, ctx)
        if len(rows) == 0 and self.otherwise is not None:
            return []
        if len(rows) == 0:
            raise SettingError(
                f"{self.id}: expected the input 'boxes', none was given",
                hint="Give left,top,right,bottom, or let saic.grounded-sam find them.",
            )
        height, width = picture.shape[:2]
        fits = [fitted(row[:4], height, width) for row in rows]
        boxes = [box for box in fits if box is not None]
        assert len(boxes) == len(rows)  # given_boxes refuses what is outside
        path = self._open()
        make = masks_by_hub if path.suffix == ".safetensors" else masks_by_checkpoint
        seen, (down, across) = widened(picture)
        times = np.array([across, down, across, down], np.float32)
        with running(self.id, ctx.device):
            corners = np.array(boxes, np.float32) * times
            masks = make(path, seen, corners, self.chunk, ctx)
        masks = masks[:, down // 2 :: down, across // 2 :: across]
        regions = [
            box_region(box, height, width, score=float(score))
            for box, score in zip(boxes, rows[:, 4], strict=True)
        ]
        return [
            replace(region, mask=mask) if mask.any() else region
            for region, mask in zip(regions, masks, strict=True)
        ]

    def _open(self) -> Path:
        weights = self.weights or cached_weights(PINNED)
        uri = weights.uri if weights else PINNED
        require(self.id, _packages(uri))
        if weights is None:
            reason, _, remedy = missing_weights(PINNED, _BESIDE).partition(": ")
            raise WeightsError(f"{PINNED}: {reason}; the commit pins what it must be", hint=remedy)
        return open_snapshot(weights, _beside(uri))


def _packages(uri: str) -> str:
    if uri.endswith(".safetensors"):
        return absent(("transformers", "torch"), "grounded")
    return absent(("segment_anything", "torchvision", "torch"), "segment-anything")


def _beside(uri: str) -> tuple[str, ...]:
    return _BESIDE if uri.endswith(".safetensors") else ()
