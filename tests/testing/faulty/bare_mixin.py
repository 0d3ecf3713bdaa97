"""A field without annotation, in a base class where @component does not look."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("bare-mixin.thing", "faulty_bare_mixin:Thing")]


class Stepped:
    step = 8.0  # the fault


@component
class Thing(Stepped, Quantizer):
    """Rounds."""

    def quantize(self, x, guides, ctx):
        return np.rint(x / self.step).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q * np.float32(self.step)
