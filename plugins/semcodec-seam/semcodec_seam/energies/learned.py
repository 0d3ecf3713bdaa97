"""The energy that was learned."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Guides, SaliencySource
from semcodec.contracts.params import component
from semcodec.contracts.weights import Weights
from semcodec.errors import WeightsError
from semcodec_seam.energies.backbones import require

__all__ = ["Learned"]


@component
class Learned(SaliencySource):
    """What a small network predicts that was trained on pictures and maps of what matters.

    Layers of a base (the analysis of SAIC, or a network of torchvision), and their distance from
    their mean over the picture, joined by 1x1 convolutions, then a sigmoid: the file says which.
    It is not scaled: where the maps that it learned from were dark all over, so is this.

    Attributes:
        weights: the file, of ``semcodec train-energy`` or ``LearnedEnergyFunction.save``.
    """

    weights: Weights | None = None

    def saliency(self, image: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[np.float32]:
        """Give float32 (height, width) in [0, 1]; see the class.

        Raises:
            WeightsError: no weights, or weights of something else.
            PluginError: torch, or what the base needs, is missing.
        """
        if self.weights is None:
            raise WeightsError(
                "seam.learned: no weights ship with semcodec, and none are named",
                hint="Train some: semcodec train-energy PICTURES TARGETS -o energy.safetensors, "
                "and name the file by weights={uri: file:..., sha256: ...}",
            )
        require("torch", "seam.learned")
        from semcodec_seam.learning.files import read
        from semcodec_seam.learning.network import measured

        return measured(read(self.weights, ctx.device), image)
