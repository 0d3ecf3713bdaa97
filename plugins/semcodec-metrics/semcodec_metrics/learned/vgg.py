"""The convolutions of torchvision's VGG-16, which several metrics look through."""

from __future__ import annotations

from abc import abstractmethod
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from numpy.typing import NDArray

from semcodec import Metric, Weights
from semcodec_metrics.checkpoints import VGG16, fill, load, stamp
from semcodec_metrics.packages import absent, require
from semcodec_metrics.pictures import pair
from semcodec_metrics.tensors import quiet, tensor

__all__ = ["MEAN", "SPREAD", "OfVgg16", "vgg16"]

_LEAST = 32

MEAN = (0.485, 0.456, 0.406)
"""Of red, green and blue over ImageNet, as torchvision's weights expect it taken away."""
SPREAD = (0.229, 0.224, 0.225)
"""Their standard deviations, as torchvision's weights expect them divided out."""


@lru_cache(maxsize=2)
def vgg16(trunk: Path, changed: int) -> Any:
    """Give the convolutions alone: the classifier is nine tenths of the file and of no use.

    Args:
        trunk: a checkpoint of torchvision's VGG-16.
        changed: when the file changed, so that another one is read.

    Raises:
        WeightsError: it is none.
    """
    from torchvision.models.vgg import cfgs, make_layers

    network = make_layers(cfgs["D"])
    state = {
        name.removeprefix("features."): value
        for name, value in load(trunk).items()
        if name.startswith("features.")
    }
    fill(network, state, trunk, "VGG-16")
    for module in network.modules():
        if hasattr(module, "inplace"):
            module.inplace = False  # a feature that is kept must not be written over
    return network


class OfVgg16(Metric):
    """Compares what VGG-16 sees in two pictures.

    Attributes:
        who: id of the metric, for errors.
        trunk: weights of VGG-16; torch.hub's cache if none.
    """

    who: ClassVar[str]
    trunk: Weights | None

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
        left, right = pair(reference, decoded, self.who, _LEAST)
        require(self.who, self.missing())
        with quiet():
            import torch
            from torchvision.transforms.functional import normalize

            trunk = VGG16.find(self.trunk)
            both = normalize(torch.cat([tensor(left), tensor(right)]), mean=MEAN, std=SPREAD)
            return self.between(vgg16(trunk, stamp(trunk)), both)

    @abstractmethod
    def between(self, network: Any, both: Any) -> float:
        """Compare two pictures, float32 (2, 3, height, width), by the network's modules."""
