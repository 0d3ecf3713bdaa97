"""The layout depends on what was coded before."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, Symbols, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("wavering-layout.thing", "faulty_wavering_layout:Thing")]


_largest = [1]


@component
class Thing(Quantizer):
    """Rounds."""

    def quantize(self, x, guides, ctx):
        _largest[0] += 1
        return np.rint(x / 8).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q * np.float32(8)

    def layout(self, shape, guides, ctx):  # the fault
        return Symbols(shape.shape, shape.grid, high=2**20 + _largest[0])
