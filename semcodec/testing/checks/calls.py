"""Level 1: every method runs, on awkward sizes, and gives what its description says."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from semcodec.contracts.kinds import Region
from semcodec.contracts.values import Image, Symbols
from semcodec.testing.check import PIPELINE, Fault, NotApplicable, check
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
            case, _invoke, subject.component.regions, case.value, case.given("encode"), ctx
        )
    )


def _invoke(*args: Any) -> Any:
    from semcodec.testing.case import invoke

    return invoke(*args)


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


@check(1, "transform", "decoder", PIPELINE)
def batch_equals_loop(subject: Any) -> None:
    """Methods for several values give what a loop over the single ones gives."""
    if subject.kind == PIPELINE:
        _many(subject)
        return
    component, decoder = subject.component, subject.kind == "decoder"
    groups: dict[str, list[Any]] = {}
    for case in subject.cases():
        groups.setdefault(type(case.shape).__name__, []).append(case)
    for cases in groups.values():
        emitted = [subject.emitted(case) for case in cases]
        sides = [case.context("decode", case.shape, case.coded) for case in cases]
        if decoder:
            made = _batch(
                subject,
                cases,
                component.decode_batch,
                [dict(e) for e in emitted],
                [case.context("decode", case.coded, case.coded) for case in cases],
            )
            _alike(subject, "decode", cases, made, emitted)
            continue
        ours = [case.context("encode", case.shape, case.coded) for case in cases]
        guides = [case.given("encode") for case in cases]
        values = [case.fresh().value for case in cases]
        made = _batch(subject, cases, component.forward_batch, values, guides, ours)
        for case, one, several in zip(cases, emitted, made, strict=True):
            _same(subject, "forward", case, one, settled(case.coded, several)[0])
        if component.invertible() and not component.encode_only:
            guides = [case.given("decode") for case in cases]
            made = _batch(subject, cases, component.inverse_batch, emitted, guides, sides)
            _alike(subject, "inverse", cases, made, emitted)


def _batch(subject: Any, cases: list[Any], *call: Any) -> list[Any]:
    made = list(subject.attempt(cases[0], _invoke, *call))
    if len(made) != len(cases):
        name = call[0].__name__
        raise Fault(f"{name} gives {len(made)} results for {len(cases)}", subject.where(name))
    return made


def _alike(subject: Any, name: str, cases: list[Any], made: list[Any], emitted: list[Any]) -> None:
    for case, several, value in zip(cases, made, emitted, strict=True):
        _same(subject, name, case, subject.decode(case, value)[name].value, several)


def _same(subject: Any, name: str, case: Any, one: Any, several: Any) -> None:
    found = difference(one, several, subject.promise)
    if found:
        message = f"{name}_batch and {name} differ on {case.label}: {found}"
        raise Fault(message, subject.where(f"{name}_batch"))


def _many(subject: Any) -> None:
    codec, cases = subject.component, subject.cases()
    if len(cases) < 2:
        raise NotApplicable("it takes one picture only")
    whole = cases[0]
    loop = [subject.attempt(each, _invoke, _encode, codec, each) for each in cases]
    single = [subject.attempt(whole, _invoke, codec.decode, data) for data in loop]
    made = subject.attempt(whole, _invoke, _encode_many, codec, cases)
    back = subject.attempt(whole, _invoke, codec.decode_many, made)
    found = difference(made, loop) or difference(back, single, subject.promise)
    if found:
        raise Fault(f"encode_many or decode_many differ from a loop: {found}", subject.where())


def _encode(codec: Any, case: Any) -> Any:
    return codec.encode(case.value, inputs=case.inputs)


def _encode_many(codec: Any, cases: list[Any]) -> Any:
    return codec.encode_many([c.value for c in cases], inputs=[c.inputs for c in cases])
