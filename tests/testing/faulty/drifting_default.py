"""A default that is another in every process."""

from __future__ import annotations

import os

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("drifting-default.thing", "faulty_drifting_default:Thing")]


@component
class Thing(Quantizer):
    """Rounds.

    Attributes:
        step: distance of two decoded values.
    """

    step: float = 1.0 + os.getpid() % 1000  # the fault

    def quantize(self, x, guides, ctx):
        return np.rint(x / np.float32(self.step)).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q * np.float32(self.step)
