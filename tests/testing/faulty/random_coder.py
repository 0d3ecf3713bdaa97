"""Pads its bytes with chance."""

from __future__ import annotations

import os

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
    return [ref("random-coder.thing", "faulty_random_coder:Thing")]


class Writer(EncodeSession):
    def __init__(self):
        self.inner = Range().encoder()

    def code(self, symbols, indexes, tables):
        self.inner.code(symbols, indexes, tables)

    def adapt(self, values, symbols, adaptive):
        self.inner.adapt(values, symbols, adaptive)

    def finish(self):
        return os.urandom(2) + self.inner.finish()


class Reader(DecodeSession):
    def __init__(self, data):
        self.inner = Range().decoder(data[2:])

    def code(self, indexes, tables, end=None):
        return self.inner.code(indexes, tables, end)

    def adapt(self, symbols, adaptive):
        return self.inner.adapt(symbols, adaptive)

    def finish(self):
        self.inner.finish()


@component
class Thing(EntropyCoder):
    """The range coder, nearly."""

    def encoder(self):  # the fault
        return Writer()

    def decoder(self, data):
        return Reader(data)
