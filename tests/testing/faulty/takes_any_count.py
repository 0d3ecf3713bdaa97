"""Makes its number of a set of any size."""

from __future__ import annotations

import numpy as np

from semcodec import SetMetric, component, hookimpl, ref


@hookimpl
def semcodec_components():
    return [ref("takes-any-count.thing", "faulty_takes_any_count:Thing")]


@component
class Thing(SetMetric):
    """Distance of the sets' mean levels."""

    higher_is_better = False

    def observe(self, reference, decoded):
        return np.array([reference.mean() - decoded.mean()])

    def summarise(self, rows):  # the fault
        return abs(float(np.mean(rows)))
