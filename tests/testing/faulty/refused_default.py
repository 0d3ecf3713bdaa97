"""Its own default is one that it refuses."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("refused-default.thing", "faulty_refused_default:Thing")]


@component
class Thing(Quantizer):  # the fault
    """Rounds.

    Attributes:
        step: distance of two decoded values.
    """

    step: float = 0.0

    def __post_init__(self):
        if self.step <= 0:
            raise ValueError(f"expected a positive step, got {self.step}")

    def quantize(self, x, guides, ctx):
        return np.rint(x / np.float32(self.step)).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q * np.float32(self.step)
