"""Runs the checks of a test class without pytest, and says how each ended."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from semcodec.testing.bases import Tests
from semcodec.testing.check import Fault, NotApplicable

__all__ = ["OUTCOMES", "Outcome", "Row", "examine"]

Outcome: TypeAlias = Literal["passed", "failed", "expected", "skipped", "never"]
OUTCOMES: tuple[Outcome, ...] = ("passed", "failed", "expected", "skipped", "never")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one check of one subject ended.

    Attributes:
        id: the check.
        level: its level.
        subject: id of the component, or name of the pipeline.
        configuration: its parameters.
        outcome: ``passed``, ``failed``, ``expected`` (it fails, as its author says it does),
            ``skipped`` (it has nothing to say here) or ``never`` (nobody asked it).
        reason: what is wrong, or why it was skipped; empty when it passed.
        where: ``path:line`` to look at; may be empty.
    """

    id: str
    level: int
    subject: str
    configuration: dict[str, Any]
    outcome: Outcome
    reason: str = ""
    where: str = ""

    def data(self) -> dict[str, Any]:
        """Give it as JSON data."""
        return asdict(self)


def examine(tests: type[Tests], *, without: Collection[str] = ()) -> Iterator[Row]:
    """Run the checks of a test class, as in a notebook.

    Args:
        tests: a subclass of one of the base classes that names a component or a pipeline.
        without: ids of checks to leave out.
    """
    for trial in tests().trials():
        if trial.check.id in without:
            continue
        outcome: Outcome = "passed"
        reason = where = ""
        try:
            trial.check.run(trial.subject)
        except Fault as fault:
            outcome, reason, where = "failed", fault.message, fault.where
            if trial.expected:
                outcome, reason = "expected", f"{trial.expected} ({fault.message})"
        except NotApplicable as skipped:
            outcome, reason = "skipped", str(skipped)
        else:
            if trial.expected:
                outcome, reason = "failed", f"expected to fail: {trial.expected}"
        yield Row(
            id=trial.check.id,
            level=trial.check.level,
            subject=trial.subject.id,
            configuration=dict(trial.subject.configuration),
            outcome=outcome,
            reason=reason,
            where=where,
        )
