"""Distances in the features of networks that were trained to classify: LPIPS, DISTS, matching."""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Literal

from numpy.typing import NDArray

from semcodec import Metric, Weights, component
from semcodec_metrics.checkpoints import (
    ALEXNET,
    DISTS,
    VGG16,
    both_missing,
    fill,
    load,
    stamp,
)
from semcodec_metrics.learned.vgg import OfVgg16, vgg16
from semcodec_metrics.packages import Backed, absent, made_by, require
from semcodec_metrics.pictures import pair
from semcodec_metrics.tensors import quiet, tensor

__all__ = ["Dists", "FeatureMatching", "Lpips"]

_LEAST = 32
_VGG_LAYERS = ("1", "6", "11", "20", "29")
"""relu1_1, relu2_1, relu3_1, relu4_1 and relu5_1 of VGG-16's 31 feature modules."""
_MATCHING = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1.0)


@component
class Lpips(Metric):
    """Learned perceptual image patch similarity (Zhang et al. 2018), version 0.1; 0 if equal.

    By the authors' package ``lpips``, whose wheel holds the calibrated layers; the trunk is
    torchvision's. Pictures in their own size, alpha laid over white.

    Attributes:
        net: trunk; ``alex`` is the authors' choice for evaluation.
        trunk: weights of the trunk; torch.hub's cache if none.
    """

    version: ClassVar[Any] = Backed(made_by("lpips", "v0.1"))
    higher_is_better: ClassVar[bool] = False
    net: Literal["alex", "vgg"] = "alex"
    trunk: Weights | None = None

    @property
    def backbone(self) -> str:
        """Name the trunk."""
        return f"{self.net}: {self._checkpoint.backbone(self.trunk)}"

    def missing(self) -> str:
        """Name what is not installed, or the trunk that is not at hand."""
        lacking = absent(("lpips", "torchvision", "torch"), "weights")
        return lacking or self._checkpoint.missing(self.trunk)

    @property
    def _checkpoint(self) -> Any:
        return ALEXNET if self.net == "alex" else VGG16

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or a side has less than 32 pixels.
            SettingError: a package or the trunk is missing.
            WeightsError: the trunk is not what was promised.
        """
        who = "metrics.lpips"
        left, right = pair(reference, decoded, who, _LEAST)
        require(who, self.missing())
        with quiet():
            trunk = self._checkpoint.find(self.trunk)
            network = _lpips(self.net, trunk, stamp(trunk))
            return float(network(tensor(left), tensor(right), normalize=True))


@component
class Dists(Metric):
    """Deep image structure and texture similarity (Ding et al. 2020); 0 for equal pictures.

    By piq, over torchvision's VGG-16. Pictures whose shorter side exceeds 256 are scaled to it,
    as the authors do. Alpha is laid over white.

    Attributes:
        trunk: weights of VGG-16; torch.hub's cache if none.
        weights: DISTS' own weights; torch.hub's cache if none.
    """

    version: ClassVar[Any] = Backed(made_by("piq", "dists"))
    higher_is_better: ClassVar[bool] = False
    trunk: Weights | None = None
    weights: Weights | None = None

    @property
    def backbone(self) -> str:
        """Name the trunk and the weights."""
        return f"{VGG16.backbone(self.trunk)} and {DISTS.backbone(self.weights)}"

    def missing(self) -> str:
        """Name what is not installed, or the weights that are not at hand."""
        lacking = absent(("piq", "torchvision", "torch"), "weights")
        return lacking or both_missing(VGG16.missing(self.trunk), DISTS.missing(self.weights))

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or a side has less than 32 pixels.
            SettingError: a package or weights are missing.
            WeightsError: weights are not what was promised.
        """
        who = "metrics.dists"
        left, right = pair(reference, decoded, who, _LEAST)
        require(who, self.missing())
        with quiet():
            files = VGG16.find(self.trunk), DISTS.find(self.weights)
            network = _dists(*files, *map(stamp, files))
            return max(float(network(tensor(left), tensor(right))), 0.0)


@component
class FeatureMatching(OfVgg16):
    """Feature matching: mean absolute difference of a network's features; 0 for equal pictures.

    The features of relu1_1, relu2_1, relu3_1, relu4_1 and relu5_1 of torchvision's VGG-16, their
    mean absolute differences weighted 1/32, 1/16, 1/8, 1/4 and 1 (Wang et al. 2018, pix2pixHD,
    the perceptual term beside eq. 4, there with VGG-19). Alpha is laid over white.

    Attributes:
        trunk: weights of VGG-16; torch.hub's cache if none.
    """

    version: ClassVar[Any] = Backed(made_by("torchvision", "VGG-16 relu1_1 to relu5_1, L1"))
    higher_is_better: ClassVar[bool] = False
    who: ClassVar[str] = "metrics.feature-matching"
    trunk: Weights | None = None

    def between(self, network: Any, both: Any) -> float:
        """See :meth:`OfVgg16.between`."""
        total, weights = 0.0, dict(zip(_VGG_LAYERS, _MATCHING, strict=True))
        for name, module in network.named_children():
            both = module(both)
            if name in weights:
                total += weights[name] * float((both[0] - both[1]).abs().mean())
        return total


@lru_cache(maxsize=2)
def _lpips(net: str, trunk: Path, changed: int) -> Any:
    import lpips

    network = lpips.LPIPS(net=net, pretrained=False, pnet_rand=True, verbose=False)
    heads = Path(lpips.__file__).with_name("weights") / "v0.1" / f"{net}.pth"
    found = load(trunk)
    # A slice of the trunk keeps its modules' numbers: slice2.3.weight is features.3.weight.
    named = {
        name: found.get(f"features.{name.partition('.')[2].removeprefix('net.')}")
        for name in network.net.state_dict()
    }
    fill(network.net, {name: value for name, value in named.items() if value is not None}, trunk)
    network.load_state_dict(load(heads), strict=False)
    return network.eval().requires_grad_(False)


@lru_cache(maxsize=1)
def _dists(trunk: Path, weights: Path, *changed: int) -> Any:
    import torch
    from piq import DISTS as Piq  # noqa: N811 - the name is taken by its checkpoint
    from piq.perceptual import VGG16_LAYERS, ContentLoss

    state = load(weights)
    channels = [3, 64, 128, 256, 512, 512]
    parts = [part for name in ("alpha", "beta") for part in torch.split(state[name], channels, 1)]

    class Local(Piq):  # type: ignore[misc]
        """piq's DISTS, whose constructor would download."""

        def __init__(self) -> None:
            names = ("relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3")
            ContentLoss.__init__(
                self,
                deepcopy(vgg16(trunk, changed[0])),  # its pooling is replaced in place
                layers=[VGG16_LAYERS[name] for name in names],
                weights=parts,
                replace_pooling=True,
                normalize_features=False,
                allow_layers_weights_mismatch=True,
            )

    return Local()
