"""Runs a plugin's own tests, of which the conformance kit's are most."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from semcodec.authoring.conformance import Row, row
from semcodec.authoring.packaging.check import Subject
from semcodec.authoring.process import run_python
from semcodec.errors import SettingError

__all__ = ["kit_rows", "require_kit"]

REPORT = "semcodec.testing.report"
_FAILED = re.compile(r"(?:FAILED|ERROR) (.+?)(?: - .*)?")
_KIT_ITEM = "::test_conformance["


def require_kit() -> None:
    """Check that the kit can run here.

    Raises:
        SettingError: what it needs is not installed.
    """
    for module in ("pytest", "hypothesis"):
        if importlib.util.find_spec(module) is None:
            raise SettingError(
                f"the checks of a plugin need {module}, which is not installed",
                hint='pip install "semcodec[testing]"',
            )


def kit_rows(subject: Subject, into: Path) -> Iterator[Row]:
    """Run the tests in the project's folder, its wheel's metadata on the path.

    Args:
        subject: the package; its wheel is built.
        into: a folder for the report.

    Yields:
        A row for the tests that are no kit's, then the kit's own.
    """
    report = into / "kit.json"
    name = subject.wheel.name
    folder = subject.project.folder
    options = ("-q", "-rfE", "--color=no", "-p", "no:cacheprovider", "-p", REPORT)
    done = run_python(
        *("-m", "pytest", str(folder / "tests"), *options),
        *("--conformance", str(report), "--conformance-distribution", name),
        first=[subject.wheel.folder],
        cwd=folder,
    )
    rows = _read(report)
    problem = _problem(done.returncode, f"{done.stdout}\n{done.stderr}", bool(rows))
    yield row("tests-pass", name, "failed" if problem else "passed", problem)
    for each in rows:
        where = subject.project.place(str(each["where"]), subject.wheel.folder)
        yield {**each, "where": where}  # type: ignore[typeddict-item]  # as the kit wrote it


def _read(report: Path) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))["checks"]
    except FileNotFoundError:
        return []
    return found


def _problem(code: int, output: str, reported: bool) -> str:
    """Say what is wrong beside the checks that have rows of their own."""
    lines = output.strip().splitlines()
    if code == 1 and reported:
        names = [match[1] for line in lines if (match := _FAILED.fullmatch(line.strip()))]
        own = [name for name in names if _KIT_ITEM not in name]
        return f"{len(own)} failed: {', '.join(own)}" if own else ""
    if code == 0:
        return "" if reported else "the kit wrote no report"
    return f"pytest ends with {code}: {' / '.join(lines[-3:])}"
