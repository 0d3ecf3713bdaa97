"""Adds the shift itself, at the encoder alone: the engine would add it once more."""

from __future__ import annotations

import numpy as np

from semcodec import EntropyModel, TablePass, component, hookimpl, ref
from semcodec.coding.tables import RATIO, laplace_tables


@hookimpl
def semcodec_components():
    return [ref("peeks-at-the-shift.thing", "faulty_peeks_at_the_shift:Thing")]


@component
class Thing(EntropyModel):
    """One table for all."""

    index_ratio = RATIO

    def passes(self, symbols, guides, ctx):  # the fault
        index = np.int32(20)
        if ctx.shift is not None and ctx.side == "encode":
            index = np.clip(index + ctx.shift, 0, 63)
        yield TablePass(tables=laplace_tables(), indexes=index)
