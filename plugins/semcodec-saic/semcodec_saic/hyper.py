"""The second transform of SAIC: latent to hyper-latent."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from semcodec_torch.devices import device_of, inference, require

from semcodec.contracts.context import Context, Side
from semcodec.contracts.kinds import Guides
from semcodec.contracts.params import component
from semcodec.contracts.values import Latent
from semcodec_saic.sizes import HYPER, Sized

__all__ = ["HyperAnalysis"]


@component
class HyperAnalysis(Sized):
    """A latent to the hyper-latent that its entropy model reads; has no inverse."""

    consumes: ClassVar[type[Latent]] = Latent
    produces: ClassVar[type[Latent]] = Latent

    def accepts(self, shape: Latent) -> str:
        """See :meth:`Transform.accepts`."""
        fits = len(shape.shape) == 3 and shape.shape[0] == self.latent
        whole = fits and all(side % HYPER == 0 for side in shape.shape[1:])
        return "" if whole else f"expected {self.latent} channels on cells in fours, got {shape}"

    def layout(self, shape: Latent, guides: Guides, ctx: Context) -> Latent:
        """Describe the hyper-latent: a fourth of the rows and columns."""
        _, rows, columns = shape.shape
        return Latent((self.hyper, rows // HYPER, columns // HYPER), cell=HYPER * shape.cell)

    def forward(
        self, value: NDArray[np.float32], guides: Guides, ctx: Context
    ) -> NDArray[np.float32]:
        """Turn float32 (latent, rows, columns) into float32 (hyper, rows / 4, columns / 4)."""
        torch = require()
        made = self.networks(ctx)
        with inference(device_of(ctx)):
            x = torch.from_numpy(np.array(value, dtype=np.float32))[None].to(device_of(ctx))
            found: NDArray[np.float32] = made.hyper_analysis(x)[0].cpu().numpy()
        return found

    def cost(self, shape: Latent, side: Side) -> tuple[int, int]:
        """Count the hyper-analysis, which the encoder alone runs."""
        rows, columns = shape.shape[1:]
        return self.counted("hyper_analysis", (rows, columns))
