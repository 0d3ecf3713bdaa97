"""The pytest plugin that counts: ``pytest -p semcodec.testing.report --conformance FILE.json``.

Nothing loads it by itself. It writes one row for every check of every configuration and, at the
end of the run, says how many ran, were skipped and never applied. With
``--conformance-distribution NAME`` it also lists what that distribution registers and no test
class names, and the checks that no subject ever met.
"""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

import semcodec
from semcodec.discovery import catalog
from semcodec.discovery.metadata import normalized
from semcodec.errors import SemcodecError
from semcodec.image.atomic import write_bytes
from semcodec.spec.compose import is_candidates
from semcodec.spec.text import parse
from semcodec.testing.check import Fault
from semcodec.testing.examine import OUTCOMES, Row
from semcodec.testing.register import all_checks
from semcodec.testing.trial import Trial

__all__ = ["UNNAMED", "Report", "document"]

UNNAMED = "no test class names it"
"""Reason of the rows of what a distribution registers and nobody tests."""
_KEY = "semcodec-conformance"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the two options."""
    group = parser.getgroup("semcodec", "conformance of semcodec plugins")
    group.addoption("--conformance", metavar="FILE", help="write the outcome of every check there")
    group.addoption(
        "--conformance-distribution",
        metavar="NAME",
        help="list what this distribution registers and no test class names",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start to collect rows, except in the workers of pytest-xdist, which only send them."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Report(config), "semcodec-conformance-report")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Say on each report which check it is of; what stands there travels between processes."""
    trial = getattr(item, "callspec", None) and item.callspec.params.get("trial")  # type: ignore[attr-defined]
    if isinstance(trial, Trial) and call.when == "call":
        error = call.excinfo.value if call.excinfo is not None else None
        facts = {
            "id": trial.check.id,
            "level": trial.check.level,
            "subject": trial.subject.id,
            "configuration": dict(trial.subject.configuration),
            "expected": trial.expected,
            "where": error.where if isinstance(error, Fault) else "",
            "reason": error.message if isinstance(error, Fault) else _first_line(error),
        }
        item.user_properties.append((_KEY, json.dumps(facts, default=str)))
    return (yield)


def _first_line(error: BaseException | None) -> str:
    return (str(error) or type(error).__name__) if error is not None else ""


class Report:
    """Collects the rows of one run.

    Args:
        config: of pytest.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.file: str | None = config.getoption("--conformance")
        self.distribution: str = config.getoption("--conformance-distribution") or ""
        self.rows: list[Row] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the row of a check that has run."""
        found = dict(report.user_properties).get(_KEY)
        if report.when == "call" and isinstance(found, str):
            self.rows.append(_row(report, json.loads(found)))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Add what never applied, and write the file."""
        self.rows += never(self.rows, self.distribution)
        if self.file:
            text = json.dumps(document(self.rows, self.distribution), indent=1) + "\n"
            write_bytes(text.encode(), self.file)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print a table: outcomes by subject, and the sum."""
        if not self.rows:
            return
        terminalreporter.section("conformance")
        for line in table(self.rows):
            terminalreporter.write_line(line)


def _row(report: pytest.TestReport, facts: dict[str, Any]) -> Row:
    outcome: Any = report.outcome
    reason = facts["reason"]
    if hasattr(report, "wasxfail"):
        outcome, reason = "expected", f"{facts['expected']} ({reason})"
    elif outcome == "failed" and not reason:
        reason = f"expected to fail: {facts['expected']}"
    return Row(
        id=facts["id"],
        level=facts["level"],
        subject=facts["subject"],
        configuration=facts["configuration"],
        outcome=outcome,
        reason=reason,
        where=facts["where"],
    )


def never(rows: Iterable[Row], distribution: str) -> Iterator[Row]:
    """List what nobody asked.

    Args:
        rows: of everything that was.
        distribution: whose registered components, metrics, data sets and pipelines to look for;
            empty for none.

    Yields:
        A row with the id ``any`` for each of those that no row is about, then one for every check
        that had something to say of no subject at all.
    """
    rows = list(rows)
    named = {row.subject for row in rows}
    for subject in _registered(distribution) if distribution else ():
        if subject not in named:
            yield Row(
                id="any",
                level=0,
                subject=subject,
                configuration={},
                outcome="never",
                reason=UNNAMED,
            )
    if not (rows or distribution):
        return
    met = {row.id for row in rows if row.outcome != "skipped"}
    skipped = {row.id: row.reason for row in rows if row.outcome == "skipped"}
    for check in all_checks().values():
        if check.id not in met:
            kinds = ", ".join(sorted(check.kinds))
            reason = skipped.get(check.id)
            yield Row(
                id=check.id,
                level=check.level,
                subject=distribution,
                configuration={},
                outcome="never",
                reason=f"always skipped: {reason}" if reason else f"tests name no {kinds}",
            )


def _registered(distribution: str) -> list[str]:
    wanted = normalized(distribution)
    found = []
    for plugin in catalog().plugins:
        if normalized(plugin.distribution) == wanted:
            found += [*plugin.ids, *(n for n in (p.name for p in plugin.pipelines) if _codes(n))]
    return sorted(found)


def _codes(pipeline: str) -> bool:
    """Say whether a pipeline codes; a choice of candidates leaves that to those it names."""
    try:
        return not is_candidates(parse(catalog().pipeline(pipeline).read(), source=pipeline))
    except SemcodecError:
        return True


def document(rows: Iterable[Row], distribution: str) -> dict[str, Any]:
    """Give the whole outcome as JSON data, ``docs/conformance.md``."""
    rows = list(rows)
    counts = Counter(row.outcome for row in rows)
    versions = [
        plugin.version
        for plugin in catalog().plugins
        if normalized(plugin.distribution) == normalized(distribution)
    ]
    return {
        "conformance": 1,
        "distribution": distribution,
        "version": versions[0] if versions else "",
        "semcodec": semcodec.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "checks": [row.data() for row in rows],
        "summary": {outcome: counts[outcome] for outcome in OUTCOMES},
    }


def table(rows: Iterable[Row]) -> Iterator[str]:
    """Write the outcomes by subject as lines of text."""
    by_subject: dict[str, Counter[str]] = {}
    for row in rows:
        by_subject.setdefault(row.subject or "(no subject)", Counter())[row.outcome] += 1
    width = max(len("all"), *map(len, by_subject)) + 2
    yield " " * width + "".join(f"{outcome:>10}" for outcome in OUTCOMES)
    total: Counter[str] = Counter()
    for subject, counts in sorted(by_subject.items()):
        total += counts
        yield f"{subject:<{width}}" + "".join(f"{counts[each]:>10}" for each in OUTCOMES)
    yield f"{'all':<{width}}" + "".join(f"{total[each]:>10}" for each in OUTCOMES)
    ran = sum(total[each] for each in ("passed", "failed", "expected"))
    yield f"{ran} checks ran, {total['skipped']} were skipped, {total['never']} never applied"
