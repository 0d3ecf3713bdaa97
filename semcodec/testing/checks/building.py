"""Level 0: components from data and back, in this process and in others."""

from __future__ import annotations

import json
import pickle
from typing import Any

from semcodec.discovery.scan import last_line
from semcodec.errors import SemcodecError
from semcodec.testing import questions
from semcodec.testing.building import built, data_of
from semcodec.testing.check import COMPONENTS, Fault, NotApplicable, check
from semcodec.testing.processes import ProcessFailed, ask

__all__: list[str] = []


@check(0, COMPONENTS)
def configuration_builds(subject: Any) -> None:
    """The configuration is one that a spec may give: known names, right types, within bounds."""
    assert subject.component is not None


def _data(subject: Any) -> dict[str, Any]:
    try:
        return data_of(subject.component)
    except SemcodecError as error:
        raise NotApplicable(f"a nested component has no id: {error.args[0]}") from error


@check(0, COMPONENTS)
def configuration_round_trips(subject: Any) -> None:
    """Its parameters written as data, as in a lock, build an equal component."""
    data = _data(subject)
    try:
        again = built(subject.cls, json.loads(json.dumps(data, allow_nan=False)))
    except (SemcodecError, ValueError) as error:
        raise Fault(f"its own parameters do not build it: {error}", subject.where()) from error
    if data_of(again) != data:
        raise Fault(f"{data} built {data_of(again)}", subject.where())


@check(0, COMPONENTS)
def compares_by_value(subject: Any) -> None:
    """Components of equal parameters are equal and hash alike: streams share a coder by that."""
    one, other = subject.component, built(subject.cls, subject.configuration)
    if one != other or hash(one) != hash(other):
        raise Fault(
            f"two components built from {dict(subject.configuration)} are not equal; leave "
            "__eq__ and __hash__ to @component",
            subject.where("__eq__"),
        )


@check(0, COMPONENTS)
def pickles(subject: Any) -> None:
    """It can be pickled and sent to another process."""
    data = _data(subject)
    assert subject.known_as()
    try:
        packed = pickle.dumps(subject.component)
        again = pickle.loads(packed)  # noqa: S301 - made in the line before
    except Exception as error:  # whatever __reduce__ and __setstate__ raise
        raise Fault(f"it does not pickle: {last_line(error)}", subject.where()) from error
    if again != subject.component and built(subject.cls, data) == subject.component:
        raise Fault("what is unpickled is another component", subject.where("__reduce__"))


@check(0, COMPONENTS)
def builds_in_a_new_process(subject: Any) -> None:
    """A fresh process builds the same parameters: no default depends on where or when it runs."""
    data = _data(subject)
    try:
        found = ask(
            "plain",
            questions.build,
            subject.known_as(),
            limit=subject.tests.time_limit,
            home=subject.home,
        )
    except ProcessFailed as failed:
        if subject.named.local:
            raise NotApplicable("registered in this process only") from failed
        raise Fault(f"in another process: {failed.message}", failed.where) from failed
    for name, value in data.items():
        if found[name] != value:
            raise Fault(
                f"parameter {name!r} is {value!r} here and {found[name]!r} in another process",
                subject.where(name),
            )
