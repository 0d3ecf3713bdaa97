"""Decodes otherwise on a GPU."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("device-dependent.thing", "faulty_device_dependent:Thing")]


@component
class Thing(Quantizer):
    """Rounds."""

    def quantize(self, x, guides, ctx):
        return np.rint(x / 8).astype(np.int32)

    def dequantize(self, q, guides, ctx):  # the fault
        step = 8 if ctx.device == "cpu" else 9
        return q * np.float32(step)
