"""Has a palette of 16 entries for symbols up to 255."""

from __future__ import annotations

import numpy as np

from semcodec import Map, Symbols, Transform, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("fails-on-damage.thing", "faulty_fails_on_damage:Thing")]


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
        palette = np.arange(16, dtype=np.float32) / np.float32(15)
        return palette[value]  # the fault
