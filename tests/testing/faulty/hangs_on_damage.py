"""Waits for values to become sound."""

from __future__ import annotations

import numpy as np

from semcodec import Map, Symbols, Transform, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("hangs-on-damage.thing", "faulty_hangs_on_damage:Thing")]


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
        while value.max() > 15:  # the fault
            value = np.sort(value)  # the fault
        return value.astype(np.float32) / np.float32(15)
