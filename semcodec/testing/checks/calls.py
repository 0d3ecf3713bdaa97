"""Level 1: every method runs, on awkward sizes, and gives what its description says."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from semcodec.contracts.kinds import Region
from semcodec.contracts.values import Image, Symbols
from semcodec.testing.case import invoke
from semcodec.testing.check import PIPELINE, Fault, check
from semcodec.testing.compare import difference
from semcodec.testing.values import generator, settled

__all__: list[str] = []

ALL = (
    "saliency",
    "transform",
    "quantizer",
    "model",
    "coder",
    "decoder",
    "metric",
    "dataset",
    PIPELINE,
)
BOTH = ("transform", "quantizer", "model", "coder", "decoder", PIPELINE)
"""Kinds with a decoder's half."""


@check(1, ALL)
def runs(subject: Any) -> None:
    """Every method runs on one pixel, a row, a column, odd and even sizes, gray, alpha, 16 bits."""
    for case in subject.cases():
        subject.decode(case, subject.emitted(case))
        if subject.kind == "saliency":
            _regions(subject, case)


def _regions(subject: Any, case: Any) -> list[Any]:
    ctx = case.context("encode", case.shape, case.shape)
    return list(
        subject.attempt(
            case, invoke, subject.component.regions, case.value, case.given("encode"), ctx
        )
    )


@check(1, "transform", "quantizer")
def layout_agrees(subject: Any) -> None:
    """What forward and quantize give is as layout says before any value is known."""
    for case in subject.cases():
        if not isinstance(case.coded, subject.component.produces):
            raise Fault(
                f"layout must give {subject.component.produces.__name__}(...), the class in "
                f"'produces', got {case.coded!r}",
                subject.where("layout"),
            )
        subject.emitted(case)


@check(1, "saliency", "transform", "quantizer", "decoder", "metric", "dataset", PIPELINE)
def results_as_described(subject: Any) -> None:
    """Results have the shape, dtype and range that their description promises."""
    for case in subject.cases():
        emitted = subject.emitted(case)
        if subject.kind == "saliency":
            _must("saliency", case, settled(case.shape, emitted)[1], subject)
            for region in _regions(subject, case):
                _must("regions", case, _no_region(region, case.image), subject)
        elif subject.kind == "metric":
            fits = isinstance(emitted, (float, int)) and not math.isnan(emitted)
            _must("compute", case, "" if fits else f"expected a number, got {emitted!r}", subject)
        elif subject.kind == "dataset":
            _must("read", case, _no_samples(*emitted), subject)
        for name, (value, described) in subject.decode(case, emitted).items():
            if described is not None:
                _must(name, case, settled(described, value)[1], subject)
            elif subject.kind == PIPELINE:
                _must(name, case, _no_picture(subject, value, case), subject)


def _must(method: str, case: Any, problem: str, subject: Any) -> None:
    if problem:
        raise Fault(f"{method} on {case.label}: {problem}", subject.where(method))


def _no_region(region: Any, image: Image) -> str:
    if not isinstance(region, Region):
        return f"expected Region(...), got {region!r:.60}"
    mask, (left, top, right, bottom) = region.mask, region.box
    if mask.dtype != bool or mask.shape != (image.height, image.width):
        return f"expected a bool mask of the picture's size, got {mask.dtype} {mask.shape}"
    if not (0 <= left < right <= image.width and 0 <= top < bottom <= image.height):
        return f"expected a box within the picture, got {region.box}"
    return "" if 0 <= region.score <= 1 else f"expected a score in [0, 1], got {region.score}"


def _no_samples(names: list[str], samples: list[Any]) -> str:
    if len(set(names)) != len(names):
        return "names are not unique"
    for wanted, (name, image, _) in zip(names, samples, strict=False):
        if name != wanted:
            return f"read({wanted!r}) gives a sample named {name!r}"
        try:
            Image.of(image)
        except ValueError as error:
            return f"{name}: {error}"
    return "" if names else "it holds nothing: name a configuration that does"


def _no_picture(subject: Any, value: Any, case: Any) -> str:
    try:
        found = Image.of(value)
    except ValueError as error:
        return str(error)
    if subject.component.pipeline.output in subject.component.pipeline.derive:
        return ""  # a decoder may give another size
    return "" if found == case.image else f"expected {case.image}, got {found}"


@check(1, "transform", "quantizer", "decoder")
def layout_pure(subject: Any) -> None:
    """Layout gives the same twice, on both sides, and whatever values have passed before."""
    for case in subject.cases():
        first = case.coded
        other = case.fresh()
        other.value = _another(subject, case)
        if subject.driver.encodes:
            subject.encode(other)
        again = subject.attempt(
            case, subject.driver.layout, subject.component, case.fresh(), "decode"
        )
        found = difference(first, again)
        if found:
            raise Fault(
                f"layout on {case.label} gives {found}: it must depend on descriptions and "
                "decoded guides alone",
                subject.where("layout"),
            )


def _another(subject: Any, case: Any) -> Any:
    if case.value is None:
        return None
    return subject.tests.sample(case.shape, generator("another", case.label))


@check(1, "quantizer")
def steps_and_shifts(subject: Any) -> None:
    """Steps are positive and finite, index shifts integers of the symbols' shape, where given."""
    for case in subject.cases():
        made = subject.decode(case, subject.emitted(case))
        assert isinstance(case.coded, Symbols)
        steps, shifts = made["steps"].value, made["index_shift"].value
        if steps is not None:
            _must("steps", case, _no_steps(np.asarray(steps), case.shape.shape), subject)
        if shifts is not None:
            found = np.asarray(shifts)
            if found.dtype.kind not in "iu" or found.shape != case.coded.shape:
                problem = f"expected integers of shape {case.coded.shape}, got {found.dtype} "
                _must("index_shift", case, f"{problem}{found.shape}", subject)


def _no_steps(steps: Any, shape: tuple[int, ...]) -> str:
    try:
        np.broadcast_to(steps, shape)
    except ValueError:
        return f"expected steps broadcastable to {shape}, got shape {steps.shape}"
    if steps.dtype.kind != "f" or not np.isfinite(steps).all() or not (steps > 0).all():
        return f"expected positive floats, got {steps.dtype} with least {steps.min()}"
    return ""
