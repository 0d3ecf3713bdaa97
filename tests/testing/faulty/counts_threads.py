"""Depends on the number of threads."""

from __future__ import annotations

import numpy as np

from semcodec import Quantizer, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("counts-threads.thing", "faulty_counts_threads:Thing")]


@component
class Thing(Quantizer):
    """Rounds."""

    def quantize(self, x, guides, ctx):
        return np.rint(x / 8).astype(np.int32)

    def dequantize(self, q, guides, ctx):  # the fault
        from numba import config

        return q * np.float32(config.NUMBA_NUM_THREADS)
