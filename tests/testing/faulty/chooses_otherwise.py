"""Chooses for entries by where they stand in the list, not by their places."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("chooses-otherwise.thing", "faulty_chooses_otherwise:Thing")]


@component
class Thing(Quantizer):
    """Rounds, every other entry by another step."""

    def _steps(self, places):
        return np.where(places % 2, np.float32(8), np.float32(4))

    def quantize(self, x, guides, ctx):
        return np.rint(x / self._steps(np.arange(x.size).reshape(x.shape))).astype(np.int32)

    def choose(self, x, places, price, guides, ctx):  # the fault
        return np.rint(x / self._steps(np.arange(x.size))).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q * self._steps(np.arange(q.size).reshape(q.shape))
