"""Makes room for as many levels as the data claims."""

from __future__ import annotations

import numpy as np

from semcodec import Map, Symbols, Transform, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("swells-on-damage.thing", "faulty_swells_on_damage:Thing")]


@component
class Thing(Transform):
    """Sixteen levels of a map."""

    consumes = Map
    produces = Symbols
    determinism = "bitexact"

    def layout(self, shape, guides, ctx):
        return Symbols(shape.shape, low=0, high=268435456)

    def forward(self, value, guides, ctx):
        return np.rint(value * 15).astype(np.int32)

    def inverse(self, value, guides, ctx):  # the fault
        value = np.minimum(value, 2**26)
        levels = np.linspace(0, 1, 16, dtype=np.float32)
        room = np.ones(int(value.max()) + 16)
        return (levels[np.minimum(value, 15)] * room[value]).astype(np.float32)
