"""The second transform of SAIC: latent to hyper-latent."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from semcodec_torch.devices import device_of, inference, require
from semcodec_torch.weights import network

from semcodec.contracts.context import Context, Side
from semcodec.contracts.kinds import Guides, Transform
from semcodec.contracts.params import Interval, component
from semcodec.contracts.values import Latent
from semcodec.contracts.weights import Weights
from semcodec_saic.sizes import HYPER, builder, checked, cost

__all__ = ["HyperAnalysis"]


@component
class HyperAnalysis(Transform):
    """A latent to the hyper-latent that its entropy model reads; has no inverse.

    Attributes:
        weights: as of ``saic.analysis``, whose sizes the others repeat.
        trunk: channels at strides 4, 8 and 16.
        blocks: residual blocks there, in each direction.
        latent: channels of the latent.
        hyper: channels of the hyper-latent.
    """

    consumes: ClassVar[type[Latent]] = Latent
    produces: ClassVar[type[Latent]] = Latent

    weights: Weights
    trunk: tuple[int, ...] = (64, 96, 128)
    blocks: tuple[int, ...] = (2, 1, 2)
    latent: Annotated[int, Interval(ge=1, le=1024)] = 320
    hyper: Annotated[int, Interval(ge=1, le=1024)] = 96

    def __post_init__(self) -> None:
        checked(self.trunk, self.blocks)

    def accepts(self, shape: Latent) -> str:
        """See :meth:`Transform.accepts`."""
        fits = len(shape.shape) == 3 and shape.shape[0] == self.latent
        whole = fits and all(side % HYPER == 0 for side in shape.shape[1:])
        return "" if whole else f"expected {self.latent} channels on cells in fours, got {shape}"

    def layout(self, shape: Latent, guides: Guides, ctx: Context) -> Latent:
        """Describe the hyper-latent: a fourth of the rows and columns."""
        _, rows, columns = shape.shape
        return Latent((self.hyper, rows // HYPER, columns // HYPER))

    def forward(
        self, value: NDArray[np.float32], guides: Guides, ctx: Context
    ) -> NDArray[np.float32]:
        """Turn float32 (latent, rows, columns) into float32 (hyper, rows / 4, columns / 4)."""
        torch = require()
        sizes = self.trunk, self.blocks, self.latent, self.hyper
        made = network(builder(*sizes), self.weights, ctx)
        with inference(device_of(ctx)):
            x = torch.from_numpy(np.array(value, dtype=np.float32))[None].to(device_of(ctx))
            found: NDArray[np.float32] = made.hyper_analysis(x)[0].cpu().numpy()
        return found

    def cost(self, shape: Latent, side: Side) -> tuple[int, int]:
        """Count the hyper-analysis, which the encoder alone runs."""
        sizes = self.trunk, self.blocks, self.latent, self.hyper
        rows, columns = shape.shape[1:]
        return cost(*sizes, "hyper_analysis", (rows, columns))
