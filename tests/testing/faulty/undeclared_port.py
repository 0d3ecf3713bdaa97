"""Asks for a guide that it does not declare."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("undeclared-port.thing", "faulty_undeclared_port:Thing")]


@component
class Thing(Quantizer):
    """Rounds."""

    def quantize(self, x, guides, ctx):  # the fault
        finer = 1 if guides.get("saliency") is None else 2
        return np.rint(x / 8 * finer).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q * np.float32(8)
