"""Says that higher is better, of an error."""

from __future__ import annotations

import numpy as np

from semcodec import Metric, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("upside-down.thing", "faulty_upside_down:Thing")]


@component
class Thing(Metric):
    """Largest error."""

    higher_is_better = True  # the fault

    def compute(self, reference, decoded):
        return float(np.abs(reference.astype(np.int64) - decoded).max())
