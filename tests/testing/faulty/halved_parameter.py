"""A parameter is not what was given, so a lock does not build the same again."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("halved-parameter.thing", "faulty_halved_parameter:Thing")]


@component
class Thing(Quantizer):  # the fault
    """Rounds.

    Attributes:
        step: distance of two decoded values.
    """

    step: float = 8.0

    def __post_init__(self):
        object.__setattr__(self, "step", self.step / 2)

    def quantize(self, x, guides, ctx):
        return np.rint(x / np.float32(self.step)).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q * np.float32(self.step)
