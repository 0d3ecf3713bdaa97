"""Holds a function that pickle cannot name."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("unpicklable.thing", "faulty_unpicklable:Thing")]


@component
class Thing(Quantizer):  # the fault
    """Rounds.

    Attributes:
        step: distance of two decoded values.
    """

    step: float = 8.0

    def __post_init__(self):
        object.__setattr__(self, "_rounded", lambda x: np.rint(x / np.float32(self.step)))

    def quantize(self, x, guides, ctx):
        return self._rounded(x).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q * np.float32(self.step)
