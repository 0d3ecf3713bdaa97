"""Checks of what the package does when it is imported, and of what it provides."""

from __future__ import annotations

from collections.abc import Iterator

from semcodec.authoring.packaging.check import Fault, Finding, Skip, Subject

__all__ = [
    "locks_in_step",
    "parameters_documented",
    "pipelines_valid",
    "resolves",
    "tests_present",
]


def resolves(subject: Subject) -> Iterator[Finding]:
    """The entry point imports, every hook answers, and every component it lists is one."""
    found = subject.found
    if found["claimed"]:
        raise Skip(f"prefix {found['claimed'][0]!r} is claimed twice")
    for problem in found["problems"]:
        module = next(iter(subject.entries.values()))
        yield Fault(problem, _file(subject, module))
    for each in found["components"]:
        # A module that is not there at all is the matter of another check.
        if "problem" in each and subject.wheel.holds_module(each["module"]):
            yield Fault(each["problem"], _file(subject, each["module"]))


def parameters_documented(subject: Subject) -> Iterator[Finding]:
    """Every component has a docstring, and every parameter a line in its section Attributes."""
    for each in subject.found["components"]:
        if "problem" in each:
            continue
        if not each["documented"]:
            yield Fault(f"{each['id']} has no docstring", _place(subject, each["where"]))
        for parameter in each["parameters"]:
            if not parameter["documented"]:
                yield Fault(
                    f"{each['id']}: parameter {parameter['name']} is not documented: name it in "
                    "the docstring's section Attributes",
                    _place(subject, parameter["where"]),
                )


def pipelines_valid(subject: Subject) -> Iterator[Finding]:
    """Every pipeline is a valid spec."""
    for each in subject.found["pipelines"]:
        if each["path"] in subject.wheel.files:
            for problem in each["problems"]:
                line = f":{problem['line']}" if problem["line"] else ""
                where = _place(subject, str(subject.wheel.folder / each["path"]) + line)
                yield Fault(f"pipeline {each['name']}: {problem['text']}", where)


def locks_in_step(subject: Subject) -> Iterator[Finding]:
    """Every pipeline's lock is the lock of its spec."""
    for each in subject.found["pipelines"]:
        if each["lock"] == "other":
            spec, lock = (
                _place(subject, str(subject.wheel.folder / each[key]))
                for key in ("path", "lock_path")
            )
            yield Fault(
                f"pipeline {each['name']} means what its lock says, and its spec now says another "
                f"thing: semcodec lock {spec} -o {lock}",
                lock,
            )


def tests_present(subject: Subject) -> Iterator[Finding]:
    """The project has tests."""
    if not any((subject.project.folder / "tests").rglob("test_*.py")):
        yield Fault(
            "there is no tests/test_*.py: a class of semcodec.testing for each component makes one"
        )


def _file(subject: Subject, module: str) -> str:
    base = subject.wheel.folder.joinpath(*module.split("."))
    file = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
    return _place(subject, f"{file}:1")


def _place(subject: Subject, path: str) -> str:
    return subject.project.place(path, subject.wheel.folder)
