"""Tells steps that no filter can use."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("negative-steps.thing", "faulty_negative_steps:Thing")]


@component
class Thing(Quantizer):
    """Rounds."""

    def quantize(self, x, guides, ctx):
        return np.rint(x / 8).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q * np.float32(8)

    def steps(self, guides, ctx):  # the fault
        return np.float32(-8)
