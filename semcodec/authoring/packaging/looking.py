"""Looks at an unpacked wheel from inside, in a process of its own, and prints what it finds.

Run as ``python -m semcodec.authoring.packaging.looking DISTRIBUTION``, the wheel first on the path.
Whatever a plugin does wrong becomes text in the answer.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Iterator
from importlib.resources import as_file, files
from typing import Any

from semcodec.contracts.params import parameters
from semcodec.discovery import catalog
from semcodec.discovery.describe import summary
from semcodec.discovery.entries import PipelineEntry
from semcodec.discovery.metadata import normalized
from semcodec.discovery.scan import Plugin, last_line
from semcodec.errors import SemcodecError, SpecError

__all__ = ["look"]


def look(distribution: str) -> dict[str, Any]:
    """Gather what a distribution provides and what is wrong with it, as JSON-ready data."""
    found = catalog()
    ours = [p for p in found.plugins if normalized(p.distribution) == normalized(distribution)]
    names = [plugin.name for plugin in found.plugins]
    usable = [plugin for plugin in ours if plugin.usable]
    return {
        "claimed": [plugin.name for plugin in ours if names.count(plugin.name) > 1],
        "problems": [problem for plugin in ours for problem in plugin.problems],
        "components": [each for plugin in usable for each in _components(plugin)],
        "pipelines": [each for plugin in usable for each in _pipelines(plugin)],
    }


def _components(plugin: Plugin) -> Iterator[dict[str, Any]]:
    for ref in plugin.refs:
        facts: dict[str, Any] = {"id": ref.id, "module": ref.target.partition(":")[0]}
        try:
            cls = catalog().component(ref.id)
        except SemcodecError as error:
            yield {**facts, "problem": last_line(error)}
            continue
        yield {
            **facts,
            "where": _line(cls, ""),
            "documented": bool(summary(cls)),
            "parameters": [
                {"name": each.name, "documented": bool(each.doc), "where": _line(cls, each.name)}
                for each in parameters(cls)
            ],
        }


def _line(cls: type, field: str) -> str:
    """Name the line of a class, or of the field in the class of its bases that declares it."""
    owner = next((each for each in cls.__mro__ if field in inspect.get_annotations(each)), cls)
    try:
        lines, first = inspect.getsourcelines(owner)
        file = inspect.getsourcefile(owner)
    except (OSError, TypeError):
        return ""
    matches = (n for n, line in enumerate(lines) if re.match(rf"\s+{field}\s*:", line))
    return f"{file}:{first + (next(matches, 0) if field else 0)}"


def _pipelines(plugin: Plugin) -> Iterator[dict[str, Any]]:
    for ref in plugin.pipelines:
        facts: dict[str, Any] = {
            "name": ref.name,
            "path": f"{ref.package.replace('.', '/')}/{ref.path}",
            "lock_path": f"{ref.package.replace('.', '/')}/{ref.lock_path}",
            "problems": [],
            "candidates": False,
            "lock": "absent",
        }
        try:
            _look_at(catalog().pipeline(ref.name), facts)
        except SpecError as error:
            facts["problems"] = [
                {"text": f"{p.path}: {p.message}", "line": p.line} for p in error.problems
            ]
        except SemcodecError as error:
            facts["problems"] = [{"text": last_line(error), "line": 0}]
        yield facts


def _look_at(entry: PipelineEntry, facts: dict[str, Any]) -> None:
    """Load a pipeline from its text, not from its lock, and compare the two."""
    from semcodec.engine.api import load

    entry.read()  # raises where there is no such file
    with as_file(files(entry.ref.package).joinpath(*entry.ref.path.split("/"))) as path:
        codec = load(str(path))
    facts["candidates"] = hasattr(codec, "candidates")
    if not facts["candidates"]:
        shipped = entry.lock()
        if shipped is not None:
            facts["lock"] = "same" if shipped == codec.lock() else "other"


if __name__ == "__main__":
    print(json.dumps(look(sys.argv[1])))
