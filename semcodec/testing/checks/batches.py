"""Level 1: methods for several values at once."""

from __future__ import annotations

from typing import Any

from semcodec.testing.case import invoke
from semcodec.testing.check import PIPELINE, Fault, NotApplicable, check
from semcodec.testing.compare import difference
from semcodec.testing.values import settled

__all__: list[str] = []


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
    made = list(subject.attempt(cases[0], invoke, *call))
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
    loop = [subject.attempt(each, invoke, _encode, codec, each) for each in cases]
    single = [subject.attempt(whole, invoke, codec.decode, data) for data in loop]
    made = subject.attempt(whole, invoke, _encode_many, codec, cases)
    back = subject.attempt(whole, invoke, codec.decode_many, made)
    found = difference(made, loop) or difference(back, single, subject.promise)
    if found:
        raise Fault(f"encode_many or decode_many differ from a loop: {found}", subject.where())


def _encode(codec: Any, case: Any) -> Any:
    return codec.encode(case.value, inputs=case.inputs)


def _encode_many(codec: Any, cases: list[Any]) -> Any:
    return codec.encode_many([c.value for c in cases], inputs=[c.inputs for c in cases])
