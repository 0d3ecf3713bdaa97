"""Errors of samples where they count: of the luma, inside a mask, outside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from semcodec import Interval, Map, Metric, Port, component
from semcodec.errors import ImageError, SettingError
from semcodec_metrics.pictures import check, luma, pair, peak

__all__ = ["BackgroundPsnr", "PsnrY", "RoiPsnr"]


def _decibels(error: float, top: int) -> float:
    return 10 * math.log10(top**2 / error) if error else math.inf


@component
class PsnrY(Metric):
    """Peak signal-to-noise ratio of the luma, ``10 log10(peak² / MSE(Y))``; infinite if equal.

    The luma is that of BT.709 in full range and is not rounded; alpha is laid over white. A gray
    picture has the PSNR of its samples.
    """

    version: ClassVar[str] = "1; BT.709 full range"
    unit: ClassVar[str] = "dB"

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or are no pictures.
        """
        left, right = pair(reference, decoded, "metrics.psnr-y")
        return _decibels(float(np.mean((luma(left) - luma(right)) ** 2)), peak(reference))


class _MaskedPsnr(Metric):
    """PSNR over the pixels of one side of a mask."""

    version: ClassVar[str] = "1; all channels, one MSE over the chosen pixels"
    unit: ClassVar[str] = "dB"
    ports: ClassVar[Mapping[str, Port]] = {"mask": Port(Map, needed_by="encode")}
    _id: ClassVar[str] = "roi-psnr"
    _inside: ClassVar[bool] = True
    threshold: Annotated[float, Interval(gt=0, le=1)]

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Refuse: there is no region without a mask.

        Raises:
            SettingError: always.
        """
        raise SettingError(
            f"metrics.{self._id} needs a mask, got two pictures only",
            hint='Call compare(reference, decoded, {"mask": mask}), or give a folder of masks.',
        )

    def compare(
        self, reference: NDArray[Any], decoded: NDArray[Any], guides: Mapping[str, Any]
    ) -> float:
        """Compare two uint8 or uint16 pictures where ``guides["mask"]`` says.

        Args:
            reference: uint8 or uint16 (height, width, channels).
            decoded: of the same shape and dtype.
            guides: ``mask``, float32 or bool (height, width), 1 for what matters.

        Raises:
            ImageError: the pictures differ in shape or dtype, the mask has another size, or it
                leaves no pixel to compare.
            SettingError: there is no mask.
        """
        who = f"metrics.{self._id}"
        check(reference, decoded, who)
        if "mask" not in guides:
            return self.compute(reference, decoded)
        mask = np.asarray(guides["mask"])
        if mask.shape != reference.shape[:2]:
            raise ImageError(
                f"{who}: expected a mask of shape {reference.shape[:2]}, got {mask.shape}",
                hint="Give the mask in the picture's own size.",
            )
        chosen = (mask >= self.threshold) == self._inside
        if not chosen.any():
            side = "inside" if self._inside else "outside"
            raise ImageError(
                f"{who}: no pixel is {side} the mask at threshold {self.threshold:g}",
                hint="Leave this picture out of the figure, or give another mask.",
            )
        error = reference[chosen].astype(np.float64) - decoded[chosen]
        return _decibels(float(np.mean(error * error)), peak(reference))


@component
class RoiPsnr(_MaskedPsnr):
    """PSNR over the pixels inside a mask, all channels, alpha included.

    One MSE over the samples inside, as ``psnr`` takes it over all. Give it ground truth, never
    the map that the codec was guided by, unless that is the point and is said.

    Attributes:
        threshold: mask value from which a pixel counts as inside.
    """

    threshold: Annotated[float, Interval(gt=0, le=1)] = 0.5


@component
class BackgroundPsnr(_MaskedPsnr):
    """PSNR over the pixels outside a mask: what the region inside was paid with.

    Attributes:
        threshold: mask value from which a pixel counts as inside.
    """

    _id: ClassVar[str] = "background-psnr"
    _inside: ClassVar[bool] = False
    threshold: Annotated[float, Interval(gt=0, le=1)] = 0.5
