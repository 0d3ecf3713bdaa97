"""Keeps a log of what it decodes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from semcodec import Map, Symbols, Transform, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("writes-a-file.thing", "faulty_writes_a_file:Thing")]


@component
class Thing(Transform):
    """Sixteen levels of a map."""

    consumes = Map
    produces = Symbols
    determinism = "bitexact"

    def layout(self, shape, guides, ctx):
        return Symbols(shape.shape, low=0, high=255)

    def forward(self, value, guides, ctx):
        return np.rint(value * 15).astype(np.int32)

    def inverse(self, value, guides, ctx):
        with Path("decoded.log").open("a") as log:  # the fault
            log.write("decoded")
        return np.minimum(value, 15).astype(np.float32) / np.float32(15)
