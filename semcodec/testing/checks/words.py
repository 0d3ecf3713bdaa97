"""Level 0: what people are told of a component or pipeline."""

from __future__ import annotations

from typing import Any

from semcodec.contracts.params import parameters
from semcodec.discovery.describe import summary
from semcodec.testing.check import COMPONENTS, PIPELINE, Fault, check

__all__: list[str] = []


@check(0, COMPONENTS, PIPELINE)
def described(subject: Any) -> None:
    """A docstring says what a component is, a description what a pipeline is."""
    if subject.kind == PIPELINE:
        if not subject.component.pipeline.description.strip():
            raise Fault("the spec has no description: a sentence", subject.where("description"))
    elif not summary(subject.cls):
        raise Fault(f"{subject.cls.__name__} has no docstring", subject.where())


@check(0, COMPONENTS)
def parameters_documented(subject: Any) -> None:
    """The Attributes section of the docstring has a line for every parameter."""
    for each in parameters(subject.cls):
        if not each.doc:
            raise Fault(
                f"parameter {each.name!r} is not documented: add '{each.name}: ...' to the "
                f"Attributes section of {subject.cls.__name__}'s docstring",
                subject.where(each.name),
            )
