"""Takes another table at the decoder than at the encoder."""

from __future__ import annotations

from semcodec import EntropyModel, TablePass, component, hookimpl, ref
from semcodec.coding.tables import laplace_tables


@hookimpl
def semcodec_components():
    return [ref("peeks-at-the-side.thing", "faulty_peeks_at_the_side:Thing")]


@component
class Thing(EntropyModel):
    """One table for all."""

    def passes(self, symbols, guides, ctx):  # the fault
        index = 20 if ctx.side == "encode" else 30
        yield TablePass(tables=laplace_tables(), indexes=index)
