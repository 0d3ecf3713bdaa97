"""Decodes by what its own encoder left behind."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("needs-its-encoder.thing", "faulty_needs_its_encoder:Thing")]


_scale = [1.0]


@component
class Thing(Quantizer):
    """Rounds."""

    def quantize(self, x, guides, ctx):
        _scale[0] = 8.0
        return np.rint(x / 8).astype(np.int32)

    def dequantize(self, q, guides, ctx):  # the fault
        return q * np.float32(_scale[0])
