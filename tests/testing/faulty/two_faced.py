"""Shifts what it decodes, at the encoder only."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("two-faced.thing", "faulty_two_faced:Thing")]


@component
class Thing(Quantizer):
    """Rounds."""

    def quantize(self, x, guides, ctx):
        return np.rint(x / 8).astype(np.int32)

    def dequantize(self, q, guides, ctx):  # the fault
        shift = 1 if ctx.side == "encode" else 0
        return q * np.float32(8) + np.float32(shift)
