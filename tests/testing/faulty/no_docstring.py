"""A component that says nothing of itself."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("no-docstring.thing", "faulty_no_docstring:Thing")]


@component
class Thing(Quantizer):  # the fault
    def quantize(self, x, guides, ctx):
        return np.rint(x / 8).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q * np.float32(8)
