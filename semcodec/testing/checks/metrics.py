"""Level 1: metrics."""

from __future__ import annotations

from typing import Any

from semcodec.testing.check import Fault, check

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
