"""Assumes that there are several rows of blocks, and more than one entry."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("fails-on-one-row.thing", "faulty_fails_on_one_row:Thing")]


@component
class Thing(Quantizer):
    """Rounds."""

    def quantize(self, x, guides, ctx):
        if x.shape[0] % 2:
            x = x + 0 * x[1]  # the fault
        return np.rint(x / 8).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q * np.float32(8)
