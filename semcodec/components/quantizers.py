"""The uniform scalar quantizer."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import Guides, Quantizer
from semcodec.contracts.params import EncodeOnly, Interval, component
from semcodec.errors import PluginBroken

__all__ = ["Uniform"]

_BOUND = 2**30


@component
class Uniform(Quantizer):
    """Dead-zone quantizer: ``q = sign(x) floor(|x| / step + rounding)``, decoded as ``q * step``.

    The dead-zone quantizer of ITU-T T.800 (JPEG 2000), eq. (E-1), with the rounding offset of the
    H.264 reference encoder. The offset is the encoder's choice: 0.5 gives the least error, less
    zeroes more of a peaked distribution and saves more rate than it costs. An entry in range comes
    back within ``(1 - rounding) * step``.

    Attributes:
        step: distance of two decoded values.
        rounding: what is added before rounding down; 0.5 rounds to the nearest, the default suits
            DCT coefficients.
    """

    # The bounds keep 2**30 steps, and one, normal float32 numbers.
    step: Annotated[float, Interval(ge=2.0**-20, le=2.0**20)] = 16.0
    rounding: EncodeOnly[Annotated[float, Interval(ge=0.0, le=0.5)]] = 0.36

    def quantize(self, x: NDArray[np.float32], guides: Guides, ctx: Context) -> NDArray[np.int32]:
        """Turn finite float32 of any shape into int32 in [-2**30, 2**30]; larger ones are clipped.

        Raises:
            PluginBroken: an entry is NaN or infinite.
        """
        finite = np.isfinite(x)
        if not finite.all():
            place = np.unravel_index(int(np.argmin(finite)), x.shape)
            where = ", ".join(map(str, place))
            raise PluginBroken(
                f"uniform: expected finite coefficients, got {x[place]} at [{where}] "
                f"({x.size - np.count_nonzero(finite)} of {x.size} are not finite)",
                hint="The transform before this quantizer made them: check its weights and input.",
            )
        step = np.float32(self.step)
        size = np.abs(x)
        np.minimum(size, step * np.float32(_BOUND), out=size)
        size /= step
        size += np.float32(self.rounding)
        np.floor(size, out=size)
        np.copysign(size, x, out=size)
        return size.astype(np.int32)

    def dequantize(self, q: NDArray[np.int32], guides: Guides, ctx: Context) -> NDArray[np.float32]:
        """Turn int32 of any shape into float32: one IEEE multiplication, the same everywhere."""
        out: NDArray[np.float32] = q.astype(np.float32)
        out *= np.float32(self.step)
        return out
