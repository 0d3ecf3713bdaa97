"""Subtracts the mean of all entries."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("couples-entries.thing", "faulty_couples_entries:Thing")]


@component
class Thing(Quantizer):
    """Rounds."""

    def quantize(self, x, guides, ctx):  # the fault
        return np.rint((x - x.mean()) / 8).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q * np.float32(8)
