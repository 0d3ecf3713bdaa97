"""The energy of what is no background."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.components.saliency._working import enlarge, shrink
from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Guides, SaliencySource
from semcodec.contracts.params import Interval, component
from semcodec.contracts.weights import Weights
from semcodec.errors import SettingError
from semcodec_seam.energies.activations import RUNNING, inside, padded
from semcodec_seam.energies.backbones import Backbone, no_weights, require
from semcodec_seam.energies.segmentation import folder_network, torchvision_network

__all__ = ["FineGrained", "Segmenter"]

Segmenter: TypeAlias = Literal[
    "fcn_resnet50", "deeplabv3_mobilenet_v3_large", "lraspp_mobilenet_v3_large", "transformers"
]


@component
class FineGrained(SaliencySource):
    """How probable it is that a pixel belongs to anything but the background.

    Semantic segmentation gives a probability of each class, softmax of its logits; the energy is
    the sum of all that are no background, so it is 1 within what is recognised and 0 where nothing
    is, and is not scaled: a picture of which nothing is recognised has next to none. Semantic
    Compress summed absolute logits over all classes with the background among them, so that a
    network sure of seeing nothing gave the most energy.

    Attributes:
        model: which network of torchvision; ``transformers`` is one of a folder that
            ``save_pretrained`` of transformers wrote, whose ``model.safetensors`` is named.
        weights: its weights as safetensors, of torchvision's layout, for any number of classes;
            none ship.
        background: numbers of the classes that do not count: of torchvision's weights, which know
            the 20 classes of Pascal VOC, class 0.
        size: most pixels along a side of the picture that the network sees.
    """

    model: Segmenter = "fcn_resnet50"
    weights: Weights | None = None
    background: tuple[int, ...] = (0,)
    size: Annotated[int, Interval(ge=32, le=2048)] = 512

    def saliency(self, image: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[np.float32]:
        """Give float32 (height, width) in [0, 1]; see the class.

        Raises:
            WeightsError: no weights, or weights of another network.
            SettingError: a background of no class, or of one that the weights do not know.
            PluginError: torch, torchvision, transformers or semcodec-torch is missing.
        """
        seen = shrink(image, self.size)
        return enlarge(self._foreground(seen, ctx), ctx.image.height, ctx.image.width)

    def _foreground(self, seen: NDArray[np.float32], ctx: Context) -> NDArray[np.float32]:
        if self.weights is None:
            raise no_weights("seam.fine-grained", self.model)
        devices = require("semcodec_torch.devices", "seam.fine-grained")
        torch = devices.require()
        if self.model == "transformers":
            made, takes = folder_network(self.weights, ctx)
        else:
            made, takes = torchvision_network(self.model, self.weights, ctx), _TAKES
        device = devices.device_of(ctx)
        x = padded(seen, takes).to(device)
        with RUNNING, devices.inference(device):
            given = made(x)
            logits = given["out"] if "out" in given else given["logits"]
            _check(self.background, logits.shape[1])
            whole = torch.nn.functional.interpolate(
                logits.float(), tuple(x.shape[2:]), mode="bilinear"
            )
            behind = whole.softmax(1)[0, list(self.background)].sum(0)
            shown: NDArray[np.float32] = inside((1 - behind).clamp(0, 1), seen).cpu().numpy()
        return shown


_TAKES = Backbone((), lambda: None)
"""What networks of torchvision take: means and deviations of ImageNet."""


def _check(background: tuple[int, ...], classes: int) -> None:
    if not background or not all(0 <= each < classes for each in background):
        raise SettingError(
            f"seam.fine-grained: expected a background of classes 0 to {classes - 1}, one at "
            f"least, got {background}"
        )
