"""The angle between what a network sees in two pictures."""

from __future__ import annotations

from typing import Any, ClassVar

from numpy.typing import NDArray

from semcodec import Metric, Weights, component
from semcodec_metrics.checkpoints import VGG16, stamp
from semcodec_metrics.learned.vgg import MEAN, SPREAD, vgg16
from semcodec_metrics.packages import Backed, absent, made_by, require
from semcodec_metrics.pictures import pair
from semcodec_metrics.tensors import quiet, tensor

__all__ = ["FeatureCosine"]

_LEAST = 32
_LAST = "15"
"""relu3_3 of VGG-16's 31 feature modules."""


@component
class FeatureCosine(Metric):
    """Cosine of the angle between both pictures' features, relu3_3 of VGG-16; 1 if equal.

    In [0, 1], as rectified features are not negative. Features are compared where they stand, over
    the pictures in their own size, as the benchmark of Semantic Compress does at 224x224. Alpha is
    laid over white. Two pictures without any feature are equal, one with and one without has 0.

    Attributes:
        trunk: weights of VGG-16; torch.hub's cache if none.
    """

    version: ClassVar[Any] = Backed(made_by("torchvision", "VGG-16 relu3_3, cosine"))
    trunk: Weights | None = None

    @property
    def backbone(self) -> str:
        """Name the trunk."""
        return VGG16.backbone(self.trunk)

    def missing(self) -> str:
        """Name what is not installed, or the weights that are not at hand."""
        return absent(("torchvision", "torch"), "weights") or VGG16.missing(self.trunk)

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or a side has less than 32 pixels.
            SettingError: a package or weights are missing.
            WeightsError: weights are not what was promised.
        """
        who = "metrics.feature-cosine"
        left, right = pair(reference, decoded, who, _LEAST)
        require(who, self.missing())
        with quiet():
            trunk = VGG16.find(self.trunk)
            network = vgg16(trunk, stamp(trunk))
            one, other = (_features(network, picture) for picture in (left, right))
            lengths = float(one.norm()), float(other.norm())
            if 0.0 in lengths:
                return float(lengths[0] == lengths[1])
            return min(float((one / lengths[0]) @ (other / lengths[1])), 1.0)


def _features(network: Any, picture: NDArray[Any]) -> Any:
    """Give float64 (features,)."""
    from torchvision.transforms.functional import normalize

    seen = normalize(tensor(picture), mean=MEAN, std=SPREAD)
    for name, module in network.named_children():
        seen = module(seen)
        if name == _LAST:
            break
    return seen.double().flatten()
