"""Decodes with a table that only its own encoder makes."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("fails-elsewhere.thing", "faulty_fails_elsewhere:Thing")]


_tables = {}


@component
class Thing(Quantizer):
    """Rounds."""

    def quantize(self, x, guides, ctx):
        _tables["step"] = np.float32(8)
        return np.rint(x / _tables["step"]).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q * _tables["step"]  # the fault
