"""The energy of a network's activations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.components.saliency._working import enlarge, shrink
from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Guides, SaliencySource
from semcodec.contracts.params import Interval, component
from semcodec.contracts.weights import Weights
from semcodec_seam.energies.activations import RUNNING, activations, inside, padded
from semcodec_seam.energies.backbones import BACKBONES, own_weights, require

__all__ = ["Aggregate", "Deep"]

Aggregate: TypeAlias = Literal["sum", "max", "weighted", "mean"]
Model: TypeAlias = Literal["saic", "vgg16", "vgg19", "resnet18", "resnet50", "efficientnet_b0"]


@component
class Deep(SaliencySource):
    """How strongly a network answers: magnitudes of its activations, summed over channels.

    Each layer is divided by its largest value, so that none drowns the others, brought to the
    picture's size, and joined; the network runs no further than its last layer that counts.
    Without weights of one's own only ``saic`` runs, whose network ships with semcodec-saic: it was
    trained to code pictures, not to name what they show.

    Attributes:
        model: which network.
        weights: its weights as safetensors, of torchvision's layout; of ``saic`` those that ship
            if none are named.
        layers: names of the modules that count; by default those of ``backbones.py``.
        aggregate: how layers are joined. ``weighted`` is a mean whose weights rise from 0.5 at the
            first to 1 at the last; ``sum`` and ``mean`` differ by a factor alone, which the scaling
            of the result takes away.
        size: most pixels along a side of the picture that the network sees.
    """

    model: Model = "saic"
    weights: Weights | None = None
    layers: tuple[str, ...] = ()
    aggregate: Aggregate = "sum"
    size: Annotated[int, Interval(ge=32, le=2048)] = 512

    def saliency(self, image: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[np.float32]:
        """Give float32 (height, width) in [0, 1], the largest value 1.

        Raises:
            WeightsError: no weights, or weights of another network.
            SettingError: a layer that there is not; the nearest one is named.
            PluginError: torch, torchvision or semcodec-saic is missing.
        """
        maps = [_scaled(each) for each in self._activations(shrink(image, self.size), ctx)]
        made = _joined(maps, self.aggregate)
        return enlarge(_scaled(made), ctx.image.height, ctx.image.width)

    def _activations(self, seen: NDArray[np.float32], ctx: Context) -> list[NDArray[np.float32]]:
        """Run the network on (rows, columns, 3) in [0, 1]; give one map of that size a layer."""
        devices = require("semcodec_torch.devices", "seam.deep")
        weights = require("semcodec_torch.weights", "seam.deep")
        interpolate = devices.require("torch.nn.functional").interpolate
        backbone, device = BACKBONES[self.model], devices.device_of(ctx)
        made = weights.network(backbone.build, self.weights or own_weights(self.model), ctx)
        x = padded(seen, backbone).to(device)
        with RUNNING, devices.inference(device):
            found = activations(backbone, made, self.layers or backbone.layers, x)
            large = [
                interpolate(each.abs().sum(1, keepdim=True), tuple(x.shape[2:]), mode="bilinear")
                for each in found
            ]
            return [inside(each[0, 0], seen).float().cpu().numpy() for each in large]


def _scaled(values: NDArray[np.float32]) -> NDArray[np.float32]:
    made: NDArray[np.float32] = values / max(values.max(initial=0), np.float32(1e-12))
    return made


def _joined(maps: Sequence[NDArray[np.float32]], how: Aggregate) -> NDArray[np.float32]:
    stacked = np.stack(maps)
    if how == "max":
        most: NDArray[np.float32] = stacked.max(axis=0)
        return most
    weights = np.linspace(0.5, 1, len(maps)) if how == "weighted" else np.ones(len(maps))
    made: NDArray[np.float32] = np.average(stacked, axis=0, weights=weights).astype(np.float32)
    return made
