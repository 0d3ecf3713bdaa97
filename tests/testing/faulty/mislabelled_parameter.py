"""The decoder reads a parameter that is marked as the encoder's alone."""

from __future__ import annotations

import numpy as np

from semcodec import EncodeOnly, Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("mislabelled-parameter.thing", "faulty_mislabelled_parameter:Thing")]


@component
class Thing(Quantizer):
    """Rounds.

    Attributes:
        step: distance of two decoded values.
    """

    step: EncodeOnly[float] = 8.0  # the fault

    def quantize(self, x, guides, ctx):
        return np.rint(x / np.float32(self.step)).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q * np.float32(self.step)
