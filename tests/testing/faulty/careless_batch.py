"""Scales every picture of a batch by the brightest of them all."""

from __future__ import annotations

import numpy as np

from semcodec import Image, Latent, Transform, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("careless-batch.thing", "faulty_careless_batch:Thing")]


@component
class Thing(Transform):
    """Samples as they are, one entry for each."""

    consumes = Image
    produces = Latent

    def layout(self, shape, guides, ctx):
        return Latent(shape.shape)

    def forward(self, value, guides, ctx):
        return value.astype(np.float32) / np.float32(value.max())

    def forward_batch(self, values, guides, ctxs):  # the fault
        brightest = np.float32(max(value.max() for value in values))
        return [value.astype(np.float32) / brightest for value in values]

    def inverse(self, value, guides, ctx):
        top = 2**ctx.shape.depth - 1
        with np.errstate(invalid="ignore"):
            return np.nan_to_num(np.clip(value * top, 0, top)).astype(ctx.shape.dtype)
