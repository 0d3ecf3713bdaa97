"""Classical full-reference metrics by piq and torchmetrics: no weights, but torch.

All take RGB in [0, 1] as float32, gray three times, alpha laid over white, with the library's own
settings, which are those of the papers.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

from numpy.typing import NDArray

from semcodec import Metric, component
from semcodec.errors import ImageError
from semcodec_metrics.packages import absent, made_by, require
from semcodec_metrics.pictures import luma, pair, peak
from semcodec_metrics.tensors import quiet, tensor

__all__ = [
    "Dss",
    "Fsim",
    "Gmsd",
    "HaarPsi",
    "IwSsim",
    "Mdsi",
    "MsGmsd",
    "PsnrB",
    "SrSim",
    "Vif",
    "Vsi",
]


class _Piq(Metric):
    """A function of piq on two pictures."""

    _id: ClassVar[str] = ""
    _function: ClassVar[str] = ""
    _least: ClassVar[int] = 16

    def missing(self) -> str:
        """Name the packages that are not installed."""
        return absent(("piq", "torch"), "torch")

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or are smaller than the metric can take.
            SettingError: piq or torch is not installed.
        """
        who = f"metrics.{self._id}"
        left, right = pair(reference, decoded, who, self._least)
        require(who, self.missing())
        with quiet():
            import piq
            from torch.linalg import LinAlgError

            try:
                made = getattr(piq, self._function)(tensor(left), tensor(right), data_range=1.0)
                found = float(made)
            except LinAlgError:  # a flat picture has no inverse covariance
                found = math.nan
        if not math.isfinite(found):
            raise ImageError(
                f"{who}: piq.{self._function} gives {found} for these pictures of "
                f"{left.shape[1]}x{left.shape[0]}",
                hint="Leave this picture out of the figure; larger ones may do.",
            )
        return found


@component
class Gmsd(_Piq):
    """Gradient magnitude similarity deviation (Xue et al. 2014); 0 for equal pictures."""

    version: ClassVar[str] = made_by("piq", "gmsd")
    higher_is_better: ClassVar[bool] = False
    _id: ClassVar[str] = "gmsd"
    _function: ClassVar[str] = "gmsd"


@component
class MsGmsd(_Piq):
    """GMSD over four scales (Zhang et al. 2017), of the luma; 0 for equal pictures."""

    version: ClassVar[str] = made_by("piq", "multi_scale_gmsd, not chromatic")
    higher_is_better: ClassVar[bool] = False
    _id: ClassVar[str] = "ms-gmsd"
    _function: ClassVar[str] = "multi_scale_gmsd"
    _least: ClassVar[int] = 17


@component
class HaarPsi(_Piq):
    """Haar wavelet-based perceptual similarity index (Reisenhofer et al. 2018); 1 if equal."""

    version: ClassVar[str] = made_by("piq", "haarpsi")
    _id: ClassVar[str] = "haarpsi"
    _function: ClassVar[str] = "haarpsi"


@component
class Vsi(_Piq):
    """Visual saliency-induced index (Zhang et al. 2014); 1 for equal pictures."""

    version: ClassVar[str] = made_by("piq", "vsi")
    _id: ClassVar[str] = "vsi"
    _function: ClassVar[str] = "vsi"


@component
class Mdsi(_Piq):
    """Mean deviation similarity index (Nafchi et al. 2016); 0 for equal pictures."""

    version: ClassVar[str] = made_by("piq", "mdsi")
    higher_is_better: ClassVar[bool] = False
    _id: ClassVar[str] = "mdsi"
    _function: ClassVar[str] = "mdsi"


@component
class Fsim(_Piq):
    """Feature similarity index with colour, FSIMc (Zhang et al. 2011); 1 for equal pictures."""

    version: ClassVar[str] = made_by("piq", "fsim, chromatic")
    _id: ClassVar[str] = "fsim"
    _function: ClassVar[str] = "fsim"


@component
class Dss(_Piq):
    """DCT subbands similarity (Balanov et al. 2015); 1 for equal pictures."""

    version: ClassVar[str] = made_by("piq", "dss")
    _id: ClassVar[str] = "dss"
    _function: ClassVar[str] = "dss"
    _least: ClassVar[int] = 32


@component
class IwSsim(_Piq):
    """Information content weighted SSIM (Wang and Li 2011); 1 for equal pictures."""

    version: ClassVar[str] = made_by("piq", "information_weighted_ssim")
    _id: ClassVar[str] = "iw-ssim"
    _function: ClassVar[str] = "information_weighted_ssim"
    _least: ClassVar[int] = 161


@component
class Vif(_Piq):
    """Visual information fidelity in the pixel domain (Sheikh and Bovik 2006); 1 if equal."""

    version: ClassVar[str] = made_by("piq", "vif_p")
    _id: ClassVar[str] = "vif"
    _function: ClassVar[str] = "vif_p"
    _least: ClassVar[int] = 41


@component
class SrSim(_Piq):
    """Spectral residual based similarity (Zhang and Li 2012); 1 for equal pictures."""

    version: ClassVar[str] = made_by("piq", "srsim")
    _id: ClassVar[str] = "sr-sim"
    _function: ClassVar[str] = "srsim"
    _least: ClassVar[int] = 41


@component
class PsnrB(Metric):
    """PSNR with blocking effect (Yim and Bovik 2011), of the luma; infinite for equal pictures.

    Adds to the error what steps at the edges of 8x8 blocks exceed steps elsewhere, so it sees what
    deblocking is for. The one classical metric that torchmetrics has and piq has not and that
    says something of codecs.
    """

    version: ClassVar[str] = made_by("torchmetrics", "psnrb, block 8, BT.709 luma")
    unit: ClassVar[str] = "dB"

    def missing(self) -> str:
        """Name the packages that are not installed."""
        return absent(("torchmetrics", "torch"), "torch")

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or a side has less than 16 pixels.
            SettingError: torchmetrics or torch is not installed.
        """
        who = "metrics.psnr-b"
        left, right = pair(reference, decoded, who, 16)
        require(who, self.missing())
        if (left == right).all():
            return math.inf  # the blocks of the picture itself are no error
        with quiet():
            import torch
            from torchmetrics.functional.image import peak_signal_noise_ratio_with_blocked_effect

            planes = [torch.from_numpy(luma(each))[None, None] for each in (right, left)]
            return float(
                peak_signal_noise_ratio_with_blocked_effect(
                    *planes, data_range=float(peak(reference)), block_size=8
                )
            )
