"""Level 1: the laws of quantizers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from semcodec.contracts.kinds import Quantizer
from semcodec.testing.case import invoke
from semcodec.testing.check import Fault, NotApplicable, check
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


@check(1, "quantizer")
def chooses_alike(subject: Any) -> None:
    """Where no symbol costs anything, choose gives those of quantize at the places asked for."""
    if type(subject.component).choose is Quantizer.choose:
        raise NotApplicable("it has no choose")
    for case in subject.cases():
        rng = generator("chooses-alike", case.label)
        emitted = subject.emitted(case)
        if emitted.shape != case.value.shape:
            continue
        places = rng.permutation(emitted.size)[: -(-emitted.size // 2)].astype(np.int64)
        made = subject.attempt(case, _choice, subject.component, case, places)
        if made is None:
            continue
        wanted = replace(case.coded, shape=places.shape, grid=(), mask=None)
        value, problem = settled(wanted, made)
        if problem:
            raise Fault(f"choose on {case.label}: {problem}", subject.where("choose"))
        kept = slice(None) if case.coded.mask is None else case.coded.mask.reshape(-1)[places]
        if (value != emitted.reshape(-1)[places])[kept].any():
            raise Fault(
                f"choose on {case.label} gives other symbols than quantize, though all are free",
                subject.where("choose"),
            )


def _choice(component: Any, case: Any, places: Any) -> Any:
    def free(q: Any, which: Any) -> Any:
        return np.zeros(which.shape)

    ctx = case.context("encode", case.shape, case.coded)
    x = case.value.reshape(-1)[places]
    return invoke(component.choose, x, places, free, case.given("encode"), ctx)


def _untouched(subject: Any, name: str, case: Any, touched: Any, before: Any, after: Any) -> None:
    if before.shape != touched.shape:
        return
    apart = (before != after) & ~touched
    if apart.any():
        raise Fault(
            f"{name} on {case.label}: {np.count_nonzero(apart)} entries changed because others did",
            subject.where(name),
        )
