"""Forgets every other symbol."""

from __future__ import annotations

import numpy as np

from semcodec import EntropyModel, TablePass, component, hookimpl, ref
from semcodec.coding.tables import laplace_tables


@hookimpl
def semcodec_components():
    return [ref("covers-half.thing", "faulty_covers_half:Thing")]


@component
class Thing(EntropyModel):
    """One table for all."""

    def passes(self, symbols, guides, ctx):  # the fault
        even = np.arange(0, symbols.size, 2, dtype=np.int64)
        yield TablePass(tables=laplace_tables(), indexes=20, positions=even)
