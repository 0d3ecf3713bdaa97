"""Codes the first 2048 symbols of a call and decodes zeros for the rest."""

from __future__ import annotations

import numpy as np

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
    return [ref("loses-long-streams.thing", "faulty_loses_long_streams:Thing")]


class Writer(EncodeSession):
    def __init__(self):
        self.inner = Range().encoder()

    def code(self, symbols, indexes, tables):  # the fault
        self.inner.code(symbols[:2048], indexes[:2048], tables)

    def adapt(self, values, symbols, adaptive):
        self.inner.adapt(values, symbols, adaptive)

    def finish(self):
        return self.inner.finish()


class Reader(DecodeSession):
    def __init__(self, data):
        self.inner = Range().decoder(data)

    def code(self, indexes, tables, end=None):
        found = self.inner.code(indexes[:2048], tables, end)
        return found if end is not None else np.append(found, 0 * indexes[2048:])

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
