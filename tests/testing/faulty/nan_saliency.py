"""Divides by the largest change, which is 0 on one pixel."""

from __future__ import annotations

import numpy as np

from semcodec import SaliencySource, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("nan-saliency.thing", "faulty_nan_saliency:Thing")]


@component
class Thing(SaliencySource):
    """Changes from one row to the next matter."""

    def saliency(self, image, guides, ctx):  # the fault
        gray = image.astype(np.float32).mean(axis=2)
        change = np.abs(np.diff(gray, axis=0, prepend=gray[:1]))
        with np.errstate(invalid="ignore"):
            return change / change.max()
