"""Level 1: calls change nothing, remember nothing and look at nothing but their arguments."""

from __future__ import annotations

from typing import Any

from semcodec.testing.ambient import watched
from semcodec.testing.case import Case
from semcodec.testing.check import PIPELINE, Blocked, Fault, NotApplicable, check
from semcodec.testing.compare import difference, snapshot

__all__: list[str] = []

PURE = ("saliency", "transform", "quantizer", "model", "decoder", "metric")
DECODING = ("transform", "quantizer", "model", "coder", "decoder", PIPELINE)


def _state(case: Case, emitted: Any) -> Any:
    return snapshot((case.value, dict(case.guides), dict(case.inputs), emitted))


@check(1, PURE, "coder")
def inputs_unchanged(subject: Any) -> None:
    """No method writes to what it is given: values, guides, inputs, symbols."""
    for case in subject.cases():
        before = _state(case, None)
        emitted = subject.encode(case)
        _unchanged(subject, case, before, _state(case, None), subject.driver.encodes)
        if subject.driver.decodes:
            emitted = subject.emitted(case)
            before = _state(case, emitted)
            subject.decode(case, emitted)
            _unchanged(subject, case, before, _state(case, emitted), subject.driver.decodes)
        _read_only(subject, case)


def _unchanged(subject: Any, case: Case, before: Any, after: Any, methods: Any) -> None:
    found = difference(before, after)
    if found:
        named = " or ".join(methods)
        message = f"{named} changed what it was given on {case.label}: {found}"
        raise Fault(message, subject.where(methods[0]))


def _read_only(subject: Any, case: Case) -> None:
    """Arrays of others may be read-only; who writes to none works on them as on any."""
    fixed = case.fresh(writable=False)
    try:
        subject.decode(fixed, subject.emitted(fixed))
    except Blocked as blocked:
        message = f"on arrays that are read-only, {blocked.fault.message}"
        raise Fault(message, blocked.fault.where) from blocked


@check(1, PURE, "coder", "dataset", PIPELINE)
def repeats(subject: Any) -> None:
    """Equal arguments give equal results, bit for bit, in one process."""
    if subject.kind == "saliency" and subject.promise == "free":
        raise NotApplicable("its determinism class is free: it promises nothing")
    for case in subject.cases():
        one, other = (subject.encode(case.fresh()) for _ in range(2))
        _repeated(subject, case, subject.driver.encodes, difference(one, other))
        if subject.driver.decodes and subject.kind != "model":
            emitted = subject.emitted(case)
            one, other = (_values(subject, case.fresh(), emitted) for _ in range(2))
            _repeated(subject, case, subject.driver.decodes, difference(one, other))


def _values(subject: Any, case: Case, emitted: Any, side: str = "decode") -> dict[str, Any]:
    return {n: each.value for n, each in subject.decode(case, emitted, side).items()}


def _repeated(subject: Any, case: Case, methods: Any, found: str) -> None:
    if found:
        named = " or ".join(methods)
        message = f"{named} gives something else the second time on {case.label}: {found}"
        raise Fault(message, subject.where(methods[0]))


@check(1, PURE, "coder", "dataset")
def keeps_no_state(subject: Any) -> None:
    """A component looks the same after a call as before: it keeps nothing from one to the next."""
    for case in subject.cases():
        before = dict(vars(subject.component))
        subject.decode(case, subject.emitted(case))
        after = dict(vars(subject.component))
        changed = sorted(k for k in after if k not in before or after[k] is not before[k])
        if changed:
            raise Fault(
                f"a call left {', '.join(changed)} on the component; return it instead",
                subject.where((subject.driver.encodes or subject.driver.decodes)[0]),
            )


@check(1, "transform", "quantizer", "decoder")
def same_on_both_sides(subject: Any) -> None:
    """The decoder's half gives the encoder what it gives the decoder, whatever the user gave."""
    for case in subject.cases():
        emitted = subject.emitted(case)
        ours = _values(subject, case, emitted, "encode")
        theirs = _values(subject, case, emitted, "decode")
        found = difference(ours, theirs)
        if found:
            raise Fault(
                f"encoder and decoder get different values on {case.label}: {found}; "
                "ctx.side and ctx.inputs may not change what is given",
                subject.where(subject.driver.decodes[0]),
            )


@check(1, DECODING)
def nothing_ambient(subject: Any) -> None:
    """Decoding asks nobody for the time, for chance, for the environment or over the network."""
    for case in subject.cases():
        emitted = subject.emitted(case)
        subject.decode(case.fresh(), emitted)  # caches fill, and compilers look at their settings
        with watched(subject.home) as seen:
            if subject.driver.describes:
                subject.prepared(case)
            subject.decode(case, emitted)
        if seen:
            what, where = seen[0]
            raise Fault(
                f"the decoder's half asks for {what} on {case.label}; noise comes from "
                "ctx.normal and ctx.uniform, all else from the file and the parameters",
                where,
            )
