"""Unpickles what the file says."""

from __future__ import annotations

import pickle

import numpy as np

from semcodec import Map, Symbols, Transform, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("unpickles.thing", "faulty_unpickles:Thing")]


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
        data = pickle.dumps(np.minimum(value, 15))
        return pickle.loads(data).astype(np.float32) / np.float32(15)  # the fault
