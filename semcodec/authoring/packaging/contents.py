"""Checks of what the wheel holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from semcodec.authoring.packaging.check import Fault, Finding, Subject

__all__ = [
    "licence_shipped",
    "modules_shipped",
    "nothing_else_shipped",
    "pipelines_shipped",
    "types_shipped",
    "wheel_builds",
]

_LICENCE = re.compile(r"[^/]+\.dist-info/(?:.*/)?(?:LICEN[CS]E|COPYING)[^/]*", re.IGNORECASE)
_STRAY = {"benchmarks", "conftest.py", "docs", "examples", "scripts", "setup.py", "test", "tests"}


def wheel_builds(subject: Subject) -> Iterator[Finding]:
    """The wheel builds."""
    if subject.built is None:
        yield Fault(
            f"the wheel does not build: {subject.unbuilt}", subject.project.where("build-system")
        )


def modules_shipped(subject: Subject) -> Iterator[Finding]:
    """The wheel holds the module of every entry point and of every component."""
    wheel = subject.wheel
    packages = {value.partition(".")[0] for value in subject.entries.values()}
    modules = dict.fromkeys(subject.entries.values())
    for each in (subject.facts or {}).get("components", ()):
        # A component of somebody else's package is for that package to ship.
        if each["module"].partition(".")[0] in packages:
            modules[each["module"]] = None
    for module in modules:
        if not wheel.holds_module(module):
            yield Fault(
                f"module {module} is not in the wheel: let the build backend include its package",
                subject.project.where(r"^\[tool\."),
            )


def pipelines_shipped(subject: Subject) -> Iterator[Finding]:
    """The wheel holds every pipeline and its lock."""
    wheel = subject.wheel
    for each in subject.found["pipelines"]:
        for key in ("path", "lock_path")[: 1 if each["candidates"] else 2]:
            path = each[key]
            if path not in wheel.files:
                there = (subject.project.folder / path).exists()
                command = f"semcodec lock {each['path']} -o {path}"
                do = "let the build backend include it" if there or key == "path" else command
                yield Fault(f"pipeline {each['name']}: {path} is not in the wheel: {do}")


def types_shipped(subject: Subject) -> Iterator[Finding]:
    """The wheel says that its package has type annotations (PEP 561)."""
    wheel = subject.wheel
    for package in dict.fromkeys(v.partition(".")[0] for v in subject.entries.values()):
        if any(file.startswith(f"{package}/") for file in wheel.files):
            marker = f"{package}/py.typed"
            if marker not in wheel.files:
                yield Fault(f"{marker} is not in the wheel: add that empty file")


def licence_shipped(subject: Subject) -> Iterator[Finding]:
    """The wheel holds the text of the licence."""
    if not any(map(_LICENCE.fullmatch, subject.wheel.files)):
        yield Fault(
            "the wheel holds no licence file: add LICENSE and name it in license-files",
            subject.project.where(r"^license"),
        )


def nothing_else_shipped(subject: Subject) -> Iterator[Finding]:
    """The wheel holds no top-level name that would land on those of others."""
    for top in sorted({file.partition("/")[0] for file in subject.wheel.files} & _STRAY):
        yield Fault(
            f"the wheel would install {top} beside everybody's packages: leave it out",
            subject.project.where(r"^\[tool\."),
        )
