"""The network of a learned energy: layers of a base, joined by 1x1 convolutions.

Its file holds the layers of the base that it runs, whether they were trained or not: a later
release of the base cannot change what it sees. This module imports torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from semcodec.components.saliency._working import enlarge, shrink
from semcodec_seam.energies.activations import RUNNING, activations, inside, padded
from semcodec_seam.energies.backbones import BACKBONES

__all__ = ["EnergyNetwork", "Head", "Plan", "measured", "used"]


@dataclass(frozen=True)
class Plan:
    """What a network is made of, as its file says.

    Attributes:
        base: a name of :data:`~semcodec_seam.energies.backbones.BACKBONES`.
        layers: of the base, in the order they run.
        width: channels of the head.
        size: most pixels along a side of the picture that it sees.
        steps: of training so far.
    """

    base: str
    layers: tuple[str, ...]
    width: int = 32
    size: int = 512
    steps: int = 0


class Head(nn.Module):  # type: ignore[misc]
    """Activations of layers to a logit of each place of the finest.

    Each layer is standardised by the mean and deviation of its channels over the first pictures
    it was trained on, and stands beside its distance from its mean over the picture: what matters
    is often what is unlike the rest. Both are brought to one width, and added to the other layers';
    two 1x1 convolutions follow.

    Args:
        channels: of each layer.
        width: channels inside.
    """

    def __init__(self, channels: Sequence[int], width: int) -> None:
        super().__init__()
        for index, count in enumerate(channels):
            self.register_buffer(f"mean{index}", torch.zeros(count, 1, 1))
            self.register_buffer(f"deviation{index}", torch.ones(count, 1, 1))
        self.joined = nn.ModuleList(nn.Conv2d(2 * count, width, 1) for count in channels)
        self.mixed = nn.Conv2d(width, width, 1)
        self.last = nn.Conv2d(width, 1, 1)

    def forward(self, layers: Sequence[Any]) -> Any:
        """Give float32 (1, 1, rows, columns), those of the finest of (1, channels, ...)."""
        size = max(tuple(each.shape[2:]) for each in layers)
        total: Any = 0
        for index, (values, join) in enumerate(zip(layers, self.joined, strict=True)):
            mean, deviation = getattr(self, f"mean{index}"), getattr(self, f"deviation{index}")
            standard = (values - mean) / deviation
            unlike = (standard - standard.mean((2, 3), keepdim=True)).abs()
            made = join(torch.cat([standard, unlike], dim=1))
            total = total + nn.functional.interpolate(made, size, mode="bilinear")
        return self.last(torch.relu(self.mixed(torch.relu(total))))


class EnergyNetwork(nn.Module):  # type: ignore[misc]
    """A base and a head.

    Args:
        plan: what they are.
        base: the base, which becomes part of it; batch statistics in it stay as they are.

    Raises:
        SettingError: layers that the base has not.
    """

    def __init__(self, plan: Plan, base: Any) -> None:
        super().__init__()
        self.plan = plan
        self.base = base.eval().requires_grad_(False)
        channels, self.names = used(self.base, plan)
        self.head = Head(channels, plan.width)

    def layers(self, seen: NDArray[np.float32]) -> list[Any]:
        """Give the activations of float32 (rows, columns, 3) in [0, 1], a margin around them."""
        backbone = BACKBONES[self.plan.base]
        device = self.head.last.weight.device
        return activations(backbone, self.base, self.plan.layers, padded(seen, backbone).to(device))

    def forward(self, seen: NDArray[np.float32]) -> Any:
        """Give the logits of a picture: float32 (rows, columns) of (rows, columns, 3)."""
        logits = self.head(self.layers(seen))
        around = padded(seen, BACKBONES[self.plan.base]).shape[2:]
        whole = nn.functional.interpolate(logits, tuple(around), mode="bilinear")
        return inside(whole[0, 0], seen)

    def tensors(self) -> dict[str, Any]:
        """Give what its file holds: the head, and of the base what runs."""
        state = self.state_dict()
        return {n: t for n, t in state.items() if n.startswith("head.") or n[5:] in self.names}


def used(base: Any, plan: Plan) -> tuple[list[int], frozenset[str]]:
    """Tell the channels of the layers, and the tensors of the base that they depend on."""
    ran: set[str] = set()

    def note(name: str, module: Any) -> Any:
        own = [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]
        prefix = f"{name}." if name else ""
        return module.register_forward_pre_hook(
            lambda *_: ran.update(prefix + each for each, _ in own)
        )

    backbone = BACKBONES[plan.base]
    x = padded(np.zeros((32, 32, 3), np.float32), backbone)
    device = next(base.parameters()).device
    hooks = [note(name, module) for name, module in base.named_modules()]
    try:
        with torch.no_grad():
            found = activations(backbone, base, plan.layers, x.to(device))
    finally:
        for hook in hooks:
            hook.remove()
    return [each.shape[1] for each in found], frozenset(ran) & base.state_dict().keys()


def measured(network: EnergyNetwork, image: NDArray[Any]) -> NDArray[np.float32]:
    """Give the energy of uint8 or uint16 (height, width, 1 to 4): float32 (height, width)."""
    from semcodec_torch.devices import inference

    seen = shrink(image, network.plan.size)
    with RUNNING, inference(network.head.last.weight.device):
        made = torch.sigmoid(network(seen)).float().cpu().numpy()
    return enlarge(made, image.shape[0], image.shape[1])
