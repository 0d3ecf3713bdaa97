"""The checks of a package, and how they are run."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from semcodec.authoring.conformance import Row, row
from semcodec.authoring.packaging import contents, insides, light, statements
from semcodec.authoring.packaging.check import Check, Fault, Finding, Skip, Subject
from semcodec.authoring.packaging.project import Project
from semcodec.authoring.packaging.wheel import Wheel, build
from semcodec.authoring.process import run_python
from semcodec.errors import PluginBroken

__all__ = ["CHECKS", "examined", "opened"]

CHECKS = (
    Check("wheel-builds", contents.wheel_builds),
    Check("entry-point", statements.entry_point),
    Check("prefix-owned", statements.prefix_owned),
    Check("modules-shipped", contents.modules_shipped),
    Check("entry-point-resolves", insides.resolves),
    Check("imports-light", light.imports_light),
    Check("imports-quickly", light.imports_quickly),
    Check("pipelines-shipped", contents.pipelines_shipped),
    Check("pipelines-valid", insides.pipelines_valid),
    Check("locks-in-step", insides.locks_in_step),
    Check("parameters-documented", insides.parameters_documented),
    Check("types-shipped", contents.types_shipped),
    Check("licence-shipped", contents.licence_shipped),
    Check("nothing-else-shipped", contents.nothing_else_shipped),
    Check("metadata-complete", statements.metadata_complete),
    Check("nothing-pinned", statements.nothing_pinned),
    Check("readme-shown", statements.readme_shown),
    Check("tests-present", insides.tests_present),
)


@contextlib.contextmanager
def opened(project: Project) -> Iterator[Subject]:
    """Build a project's wheel, unpack it for as long as the context lasts, and look inside.

    Raises:
        SettingError: the build backend is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="semcodec-") as temporary:
        try:
            wheel = build(project, Path(temporary).resolve())
        except PluginBroken as error:
            yield Subject(project=project, unbuilt=str(error))
            return
        facts = None
        if wheel.entries and all(map(wheel.holds_module, wheel.entries.values())):
            facts = _look(wheel)
        yield Subject(project=project, built=wheel, facts=facts)


def examined(subject: Subject, checks: Sequence[Check] = CHECKS) -> Iterator[Row]:
    """Make the checks.

    Yields:
        A row for each fault; one for a check that found none or could not be made.
    """
    project = subject.project.data.get("project", {})
    name = subject.built.name if subject.built else str(project.get("name", ""))
    for check in checks:
        try:
            findings: list[Finding] = list(check.find(subject))
        except Skip as reason:
            yield row(check.id, name, "skipped", str(reason))
            continue
        faults = [each for each in findings if isinstance(each, Fault)]
        for fault in faults:
            yield row(check.id, name, "failed", fault.reason, fault.where)
        if not faults:
            yield row(check.id, name, "passed", "; ".join(each.reason for each in findings))


def _look(wheel: Wheel) -> dict[str, object]:
    done = run_python(
        "-m", "semcodec.authoring.packaging.looking", wheel.name, first=[wheel.folder]
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        problem = f"a process that imports it ends with {done.returncode}: {lines[-1:]}"
        return {"claimed": [], "problems": [problem], "components": [], "pipelines": []}
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found
