"""Stops to work on a certain day."""

from __future__ import annotations

import time

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("reads-the-clock.thing", "faulty_reads_the_clock:Thing")]


@component
class Thing(Quantizer):
    """Rounds."""

    def quantize(self, x, guides, ctx):
        return np.rint(x / 8).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        late = time.time() > 4e9  # the fault
        return q * np.float32(0 if late else 8)
