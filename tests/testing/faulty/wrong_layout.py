"""Says three symbols and emits any number."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, Symbols, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("wrong-layout.thing", "faulty_wrong_layout:Thing")]


@component
class Thing(Quantizer):
    """Rounds."""

    def quantize(self, x, guides, ctx):
        return np.rint(x / 8).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q * np.float32(8)

    def layout(self, shape, guides, ctx):  # the fault
        return Symbols(shape.shape, shape.grid, low=-1, high=1)
