"""Depends on the order of a set of words."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("hash-order.thing", "faulty_hash_order:Thing")]


@component
class Thing(Quantizer):
    """Rounds."""

    def quantize(self, x, guides, ctx):
        return np.rint(x / 8).astype(np.int32)

    def dequantize(self, q, guides, ctx):  # the fault
        step = 8 + hash("step") % 1000
        return q * np.float32(step)
