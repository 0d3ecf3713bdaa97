# if quantizer
"""A quantizer: real numbers to integers, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from semcodec import Context, EncodeOnly, Interval, Quantizer, component


@component
class DeadZone(Quantizer):
    """Uniform quantizer that takes small values for zero, where a bit buys least.

    Attributes:
        step: distance of two decoded values.
        zone: magnitude, in steps, from which a value is not zero; 0.5 rounds to the nearest.
    """

    step: Annotated[float, Interval(ge=2**-20, le=2**20)] = 16.0
    zone: EncodeOnly[Annotated[float, Interval(ge=0.5, le=1)]] = 0.65

    def quantize(self, x: NDArray[Any], guides: Mapping[str, Any], ctx: Context) -> NDArray[Any]:
        """Turn float32 into int32, at most 2**30 in magnitude."""
        size = np.minimum(np.abs(x), np.float32(self.step * 2**30)) / np.float32(self.step)
        levels = np.copysign(np.floor(size + np.float32(1 - self.zone)), x)
        return np.asarray(levels, np.int32)

    def dequantize(self, q: NDArray[Any], guides: Mapping[str, Any], ctx: Context) -> NDArray[Any]:
        """Turn int32 into float32."""
        return q.astype(np.float32) * np.float32(self.step)
# end
