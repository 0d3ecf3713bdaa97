"""A prompt to a map: boxes by a detector, masks by a segmenter, joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from semcodec import Context, Interval, Region, SaliencySource, component
from semcodec.components.saliency.blend import Blend
from semcodec.components.saliency.mask import MaskSaliency
from semcodec.contracts.kinds import Guides
from semcodec.errors import SettingError
from semcodec_saic.saliency.base import RegionSource
from semcodec_saic.saliency.detector import GroundingDino
from semcodec_saic.saliency.pictures import enlarge
from semcodec_saic.saliency.segmenter import Sam

__all__ = ["GroundedSam"]


@component
class GroundedSam(RegionSource):
    """What a prompt names matters, to its outline: Grounding DINO's boxes, SAM's masks.

    T. Ren et al., "Grounded SAM: Assembling Open-World Models for Diverse Visual Tasks", arXiv
    2401.14159. ``M = max(score * mask)`` over the things, or 1 in every mask. In order:

    1. The input ``mask`` goes before all; no network is asked.
    2. Nothing detected: the segmenter is not asked, ``otherwise`` makes the map, with a warning.
    3. Things that cover more than ``uniform_above`` of the picture guide nothing: the map is 1.

    Any sources will do that keep the contract: the regions of the first are found by ``prompt``,
    and those of the second are, one for each and in their order, of the boxes in the input
    ``boxes``. So ``detector: {use: saic.boxes}`` outlines what lies in the user's boxes.

    Attributes:
        detector: its regions are the boxes.
        segmenter: its regions are the masks.
        weighted: whether a thing counts by its score; else by 1.
        dilate: pixels, of the picture that is looked at, that the map grows by on every side:
            what a codec's synthesis makes reaches over borders.
        uniform_above: share of the picture above which the map is 1 everywhere.
        size: most pixels along a side of the picture that is looked at.
        otherwise: the source that is asked where nothing is found.
    """

    id: ClassVar[str] = "saic.grounded-sam"
    boxed: ClassVar[bool] = True
    detector: SaliencySource = GroundingDino()
    segmenter: SaliencySource = Sam()
    weighted: bool = True
    dilate: Annotated[int, Interval(ge=0, le=1000)] = 0
    uniform_above: Annotated[float, Interval(ge=0.0, le=1.0)] = 0.9
    size: Annotated[int, Interval(ge=32, le=4096)] = 1333
    otherwise: SaliencySource = Blend()

    def missing(self) -> str:
        """Name what the detector or the segmenter lacks."""
        answers = (getattr(each, "missing", str)() for each in (self.detector, self.segmenter))
        return next(filter(None, answers), "")

    def sought(self, ctx: Context) -> str:
        """See :meth:`RegionSource.sought`."""
        asked = self.detector
        return asked.sought(ctx) if isinstance(asked, RegionSource) else ""

    def saliency(self, image: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[np.float32]:
        """Give float32 (height, width) in [0, 1]; see the class.

        Raises:
            PluginError: a package is not installed.
            WeightsError: weights are absent, of another hash or of another network.
            SettingError: the prompt names nothing, the input ``mask`` is none of this picture, or
                the device refuses.
        """
        if ctx.inputs.get("mask") is not None:
            return _drawn(image, guides, ctx)
        return super().saliency(image, guides, ctx)

    def find(self, picture: NDArray[np.uint8], guides: Guides, ctx: Context) -> list[Region]:
        """List the things, highest score first; none where the user gave a mask."""
        if ctx.inputs.get("mask") is not None:
            return []
        boxes = self.detector.regions(picture, guides, ctx)
        if not boxes:
            return []
        rows = np.array([(*each.box, each.score) for each in boxes], dtype=np.float64)
        inner = replace(ctx, inputs={**ctx.inputs, "boxes": rows})
        masks = self.segmenter.regions(picture, guides, inner)
        if len(masks) != len(boxes):
            raise SettingError(
                f"{self.id}: expected one region of the segmenter for each of {len(boxes)} boxes, "
                f"got {len(masks)} of {type(self.segmenter).__name__}",
                hint="Use saic.sam, or a source that reads the input 'boxes' in order.",
            )
        return [
            replace(mask, label=box.label, score=box.score)
            for box, mask in zip(boxes, masks, strict=True)
        ]

    def joined(self, found: Sequence[Region], ctx: Context) -> NDArray[np.float32]:
        """Join the things, grow the map, and see whether it still tells things apart."""
        values = super().joined(found, ctx)
        if self.dilate:
            values = _grown(values, self.dilate)
        if np.mean(values > 0) > self.uniform_above:
            return np.ones_like(values)
        return values


def _grown(values: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    from scipy.ndimage import maximum_filter

    return maximum_filter(values, size=2 * reach + 1, mode="nearest")  # type: ignore[no-any-return]


def _drawn(image: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[np.float32]:
    """Take the user's mask, resized to the nearest where it is of the picture's proportions."""
    mask, height, width = ctx.inputs["mask"], ctx.image.height, ctx.image.width
    if isinstance(mask, np.ndarray) and mask.ndim in (2, 3) and mask.shape[2:] in ((), (1,)):
        rows, columns = mask.shape[:2]
        # Rounding the smaller of two sizes moves each of its sides by half a pixel.
        room = max(height + width, rows + columns) / 2
        near = abs(rows * width - columns * height) <= room
        if rows and columns and near:
            mask = enlarge(mask.reshape(rows, columns), height, width)
    given = replace(ctx, inputs={**ctx.inputs, "mask": mask})
    return MaskSaliency().saliency(image, guides, given)
