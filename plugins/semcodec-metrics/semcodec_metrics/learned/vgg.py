"""The convolutions of torchvision's VGG-16, which several metrics look through."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from semcodec_metrics.checkpoints import fill, load

__all__ = ["MEAN", "SPREAD", "vgg16"]

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
