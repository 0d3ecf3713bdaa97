"""Equal parameters make unequal components."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("compares-by-identity.thing", "faulty_compares_by_identity:Thing")]


@component
class Thing(Quantizer):
    """Rounds.

    Attributes:
        step: distance of two decoded values.
    """

    step: float = 8.0

    __hash__ = object.__hash__

    def __eq__(self, other):  # the fault
        return self is other

    def quantize(self, x, guides, ctx):
        return np.rint(x / np.float32(self.step)).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q * np.float32(self.step)
