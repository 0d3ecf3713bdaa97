"""Level 1: the law of quantizers."""

from __future__ import annotations

from typing import Any

import numpy as np

from semcodec.testing.check import Fault, check
from semcodec.testing.values import generator, settled

__all__: list[str] = []


@check(1, "quantizer")
def element_wise(subject: Any) -> None:
    """Each entry is quantised by its own value, place and guides: what the others are is nothing.

    An entropy model may code the entries in several passes, and subtract a mean from each.
    """
    for case in subject.cases():
        rng = generator("element-wise", case.label)
        other = case.fresh()
        emitted = subject.emitted(case)
        touched = rng.random(case.value.shape) < 0.5
        other.value[touched] = subject.tests.sample(case.shape, rng)[touched] * np.float32(3)
        _untouched(subject, "quantize", case, touched, emitted, subject.emitted(other))
        if emitted.shape != touched.shape:
            continue
        changed = np.where(touched, subject.emitted(other), emitted)
        whole, part = (
            settled(case.shape, subject.decode(case, each)["dequantize"].value)[0]
            for each in (emitted, changed)
        )
        _untouched(subject, "dequantize", case, touched, whole, part)


def _untouched(subject: Any, name: str, case: Any, touched: Any, before: Any, after: Any) -> None:
    if before.shape != touched.shape:
        return
    apart = (before != after) & ~touched
    if apart.any():
        raise Fault(
            f"{name} on {case.label}: {np.count_nonzero(apart)} entries changed because others did",
            subject.where(name),
        )
