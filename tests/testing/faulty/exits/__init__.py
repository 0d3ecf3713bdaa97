"""Ends the process on damaged data."""

from __future__ import annotations

import sys

import numpy as np

from semcodec import Quantizer, component, hookimpl, pipeline, ref


@hookimpl
def semcodec_components():
    return [ref("exits.thing", "faulty_exits:Thing")]


@hookimpl
def semcodec_pipelines():
    return [pipeline("exits", "faulty_exits", "exits.yaml")]


@component
class Thing(Quantizer):
    """Rounds."""

    def quantize(self, x, guides, ctx):
        return np.rint(np.clip(x, -2000, 2000) / 8).astype(np.int32)

    def dequantize(self, q, guides, ctx):
        if np.abs(q).max() > 250:
            sys.exit("damaged")  # the fault
        return q * np.float32(8)
