"""Declares a port optional and does not do without."""

from __future__ import annotations

import numpy as np

from semcodec import Map, Port, Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("needs-an-optional-port.thing", "faulty_needs_an_optional_port:Thing")]


@component
class Thing(Quantizer):
    """Rounds."""

    ports = {"saliency": Port(Map, optional=True)}

    def quantize(self, x, guides, ctx):
        finer = 1 + guides["saliency"].max()  # the fault
        return np.rint(x / 8 * finer).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        finer = 1 + guides["saliency"].max() if "saliency" in guides else 1
        return q * np.float32(8 / finer)
