"""Leaves out the adaptive passes."""

from __future__ import annotations

from semcodec import (
    DecodeSession,
    EncodeSession,
    EntropyCoder,
    component,
    hookimpl,
    ref,
)
from semcodec.components.coders import Range


@hookimpl
def semcodec_components():
    return [ref("tables-only.thing", "faulty_tables_only:Thing")]


class Writer(EncodeSession):
    def __init__(self):
        self.inner = Range().encoder()

    def code(self, symbols, indexes, tables):  # the fault
        self.inner.code(symbols, indexes, tables)

    def adapt(self, values, symbols, adaptive):
        raise NotImplementedError

    def finish(self):
        return self.inner.finish()


class Reader(DecodeSession):
    def __init__(self, data):
        self.inner = Range().decoder(data)

    def code(self, indexes, tables, end=None):
        return self.inner.code(indexes, tables, end)

    def adapt(self, symbols, adaptive):
        return self.inner.adapt(symbols, adaptive)

    def finish(self):
        self.inner.finish()


@component
class Thing(EntropyCoder):
    """The range coder, nearly."""

    def encoder(self):
        return Writer()

    def decoder(self, data):
        return Reader(data)
