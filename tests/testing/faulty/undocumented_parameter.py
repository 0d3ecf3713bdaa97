"""A parameter that the docstring does not mention."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("undocumented-parameter.thing", "faulty_undocumented_parameter:Thing")]


@component
class Thing(Quantizer):
    """Rounds."""

    step: float = 8.0  # the fault

    def quantize(self, x, guides, ctx):
        return np.rint(x / self.step).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        return q * np.float32(self.step)
