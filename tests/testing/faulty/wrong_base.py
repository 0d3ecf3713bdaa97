"""A class that derives from no component kind."""

from __future__ import annotations

from semcodec import hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("wrong-base.thing", "faulty_wrong_base:Thing")]


class Thing:  # the fault
    """Rounds."""

    def quantize(self, x, guides, ctx):
        return x.round()

    def dequantize(self, q, guides, ctx):
        return q
