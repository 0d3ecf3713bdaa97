"""Divides in place, and the latent is the engine's."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("writes-to-its-input.thing", "faulty_writes_to_its_input:Thing")]


@component
class Thing(Quantizer):
    """Rounds."""

    def quantize(self, x, guides, ctx):  # the fault
        x /= np.float32(8)
        return np.rint(x).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q * np.float32(8)
