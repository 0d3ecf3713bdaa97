"""Level 1: metrics."""

from __future__ import annotations

from typing import Any

from semcodec.contracts.kinds import SetMetric
from semcodec.errors import SettingError
from semcodec.testing.case import MethodFailed, invoke
from semcodec.testing.check import Fault, NotApplicable, check

__all__: list[str] = []


@check(1, "metric")
def metric_direction(subject: Any) -> None:
    """No picture is rated better than the reference itself, in the direction that is declared."""
    for case in subject.cases():
        reference = case.value[0]
        other = case.fresh()
        other.value = (reference, reference.copy())
        best, found = subject.encode(other), subject.encode(case)
        higher = subject.component.higher_is_better
        if (found > best) if higher else (found < best):
            word = "higher" if higher else "lower"
            raise Fault(
                f"{word} is better, but the reference itself gets {best:g} and a noisy picture "
                f"{found:g} on {case.label}",
                subject.where("higher_is_better"),
            )


@check(1, "metric")
def sets_need_enough(subject: Any) -> None:
    """A metric of sets refuses fewer pairs than its fewest, with a SettingError."""
    metric = subject.component
    if not isinstance(metric, SetMetric):
        raise NotApplicable("it compares pair by pair")
    case = subject.cases()[0]
    row = subject.attempt(case, invoke, metric.observe, *case.value)
    few = metric.fewest - 1
    try:
        found = invoke(metric.summarise, [row] * few)
    except MethodFailed as failed:
        if isinstance(failed.__cause__, SettingError):
            return
        found = f"{type(failed.__cause__).__name__}"
    raise Fault(
        f"summarise of {few} pairs must raise SettingError, as fewest is {metric.fewest}; "
        f"got {found}",
        subject.where("summarise"),
    )
