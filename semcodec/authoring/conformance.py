"""The document that says what was checked: ``conformance.json``."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal, TypedDict

from semcodec import __version__

__all__ = ["NO_TEST", "OUTCOMES", "Outcome", "Row", "conforms", "document", "row"]

Outcome = Literal["passed", "failed", "expected", "skipped", "never"]
OUTCOMES: tuple[Outcome, ...] = ("passed", "failed", "expected", "skipped", "never")
NO_TEST = "no test class names it"
"""Why something never ran that should have."""
PACKAGING = 0
"""The level of packaging checks."""


class Row(TypedDict):
    """One check of one subject; see ``docs/components.md``."""

    id: str
    level: int
    subject: str
    configuration: dict[str, Any]
    outcome: Outcome
    reason: str
    where: str


def row(id: str, subject: str, outcome: Outcome, reason: str = "", where: str = "") -> Row:  # noqa: A002
    """Make the row of a packaging check."""
    return Row(
        id=id,
        level=PACKAGING,
        subject=subject,
        configuration={},
        outcome=outcome,
        reason=reason,
        where=where,
    )


def document(distribution: str, version: str, rows: Iterable[Row]) -> dict[str, Any]:
    """Make the document of a distribution's checks."""
    checks = list(rows)
    counts = Counter(each["outcome"] for each in checks)
    return {
        "conformance": 1,
        "distribution": distribution,
        "version": version,
        "semcodec": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "checks": checks,
        "summary": {outcome: counts[outcome] for outcome in OUTCOMES},
    }


def conforms(rows: Iterable[Row]) -> bool:
    """Whether nothing failed, and nothing was left out for want of a test class."""
    return not any(
        each["outcome"] == "failed" or (each["outcome"] == "never" and each["reason"] == NO_TEST)
        for each in rows
    )
