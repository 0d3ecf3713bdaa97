"""Level 1: what is connected to a component, and which parameters the decoder has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from semcodec.contracts.params import Ge, Interval, Le, Parameter, parameters, replace
from semcodec.contracts.values import ValueType
from semcodec.spec.params import accepts_value, coerced
from semcodec.testing.check import Fault, NotApplicable, check
from semcodec.testing.compare import difference

__all__: list[str] = []

GUIDED = ("saliency", "transform", "quantizer", "model", "decoder")


@check(1, GUIDED)
def ports_declared(subject: Any) -> None:
    """Methods ask for declared ports only, the decoder's half for those that it needs too."""
    for case in subject.cases():
        for port in case.ports.values():
            if not (isinstance(port.type, type) and issubclass(port.type, ValueType)):
                raise Fault(f"a port's type is no description: {port!r}", subject.where("ports"))
        emitted = subject.emitted(case)
        _asked_for_its_own(subject, case, subject.driver.encodes)
        subject.decode(case, emitted)
        _asked_for_its_own(subject, case, subject.driver.decodes)


def _asked_for_its_own(subject: Any, case: Any, methods: tuple[str, ...]) -> None:
    """Refuse questions for unknown ports, be they answered with a default."""
    unknown = sorted(case.missed - set(case.ports))
    if unknown:
        message = f"it asks for the port {unknown[0]!r}, which it does not declare"
        raise Fault(message, subject.where(methods[0] if methods else ""))


@check(1, GUIDED)
def optional_ports(subject: Any) -> None:
    """A component does without the ports that it declares optional."""
    optional = {n for n, port in subject.component.ports.items() if port.optional}
    if not optional:
        raise NotApplicable("it declares no optional port")
    for case in subject.cases():
        bare = subject.prepared(case.without(optional))
        subject.decode(bare, subject.emitted(bare))


@check(1, "transform", "quantizer", "model", "coder", "decoder")
def encode_only_unseen(subject: Any) -> None:
    """Parameters marked EncodeOnly change nothing that the decoder's half gives."""
    marked = [each for each in parameters(subject.cls) if each.encode_only and not each.nested]
    if not marked:
        raise NotApplicable("it has no EncodeOnly parameter")
    if not subject.driver.decodes:
        raise NotApplicable("it has no decoder's half")
    for parameter in marked:
        for other in list(_others(subject, parameter))[:3]:
            changed = replace(subject.component, **{parameter.name: other})
            for case in subject.cases():
                emitted = subject.emitted(case)
                layouts = [
                    subject.attempt(case, subject.driver.layout, each, case, "decode")
                    for each in (subject.component, changed)
                ]
                ours, theirs = (
                    {n: r.value for n, r in subject.decode(case, emitted, "decode", each).items()}
                    for each in (subject.component, changed)
                )
                found = difference(layouts[0], layouts[1]) or difference(ours, theirs)
                if found:
                    raise Fault(
                        f"{parameter.name} is marked EncodeOnly, but {other!r} instead of "
                        f"{getattr(subject.component, parameter.name)!r} changes what the decoder "
                        f"makes of {case.label}: {found}",
                        subject.where(parameter.name),
                    )


def _others(subject: Any, parameter: Parameter) -> Iterator[Any]:
    """Other values that a parameter may take: the author's own first, then by its type."""
    now = getattr(subject.component, parameter.name)
    given = [
        each[parameter.name] for each in subject.tests.configurations if parameter.name in each
    ]
    for value in dict.fromkeys([*given, *_typical(parameter.annotation, now)]):
        if value != now and not accepts_value(subject.component, parameter.name, value):
            yield coerced(subject.component, parameter.name, value)


def _typical(annotation: Any, now: Any) -> Iterator[Any]:
    for part in (annotation, *get_args(annotation)):
        if get_origin(part) is Literal:
            yield from get_args(part)
        if isinstance(part, Interval):
            yield from (part.ge, part.le, part.gt, part.lt)
        if isinstance(part, Ge):
            yield part.ge
        if isinstance(part, Le):
            yield part.le
    if isinstance(now, bool):
        yield not now
    elif isinstance(now, (int, float)):
        yield from (now + 1, now / 2, 2 * now, now - 1)
    elif isinstance(now, str):
        yield f"{now}x"
