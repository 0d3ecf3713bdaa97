"""The angle between what a network sees in two pictures."""

from __future__ import annotations

from typing import Any, ClassVar

from semcodec import Weights, component
from semcodec_metrics.learned.vgg import OfVgg16
from semcodec_metrics.packages import Backed, made_by

__all__ = ["FeatureCosine"]

_LAST = "15"
"""relu3_3 of VGG-16's 31 feature modules."""


@component
class FeatureCosine(OfVgg16):
    """Cosine of the angle between both pictures' features, relu3_3 of VGG-16; 1 if equal.

    In [0, 1], as rectified features are not negative. Features are compared where they stand, over
    the pictures in their own size, as the benchmark of Semantic Compress does at 224x224. Alpha is
    laid over white. Two pictures without any feature are equal, one with and one without has 0.

    Attributes:
        trunk: weights of VGG-16; torch.hub's cache if none.
    """

    version: ClassVar[Any] = Backed(made_by("torchvision", "VGG-16 relu3_3, cosine"))
    who: ClassVar[str] = "metrics.feature-cosine"
    trunk: Weights | None = None

    def between(self, network: Any, both: Any) -> float:
        """See :meth:`OfVgg16.between`."""
        for name, module in network.named_children():
            both = module(both)
            if name == _LAST:
                break
        one, other = both.double().flatten(1)
        lengths = float(one.norm()), float(other.norm())
        if 0.0 in lengths:
            return float(lengths[0] == lengths[1])
        return min(float((one / lengths[0]) @ (other / lengths[1])), 1.0)
