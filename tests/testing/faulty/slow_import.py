"""Computes a table when it is imported, not when it is needed."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("slow-import.thing", "faulty_slow_import:Thing")]


TABLE = [sum(map(ord, str(number))) for number in range(1_500_000)]


@component
class Thing(Quantizer):  # the fault
    """Rounds."""

    def quantize(self, x, guides, ctx):
        return np.rint(x / TABLE[8]).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q * np.float32(TABLE[8])
