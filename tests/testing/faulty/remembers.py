"""Keeps what it saw last."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("remembers.thing", "faulty_remembers:Thing")]


@component
class Thing(Quantizer):
    """Rounds."""

    def quantize(self, x, guides, ctx):  # the fault
        object.__setattr__(self, "last", float(x.max()))
        return np.rint(x / 8).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q * np.float32(8)
