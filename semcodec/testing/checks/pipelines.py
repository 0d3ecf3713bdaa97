"""Levels 0 and 2: whole pipelines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import semcodec
from semcodec.errors import SemcodecError
from semcodec.spec.text import parse
from semcodec.testing.check import PIPELINE, Blocked, Fault, NotApplicable, check
from semcodec.testing.compare import difference
from semcodec.testing.lines import short_path

__all__: list[str] = []


@check(0, PIPELINE)
def spec_resolves(subject: Any) -> None:
    """The spec makes sense and every component it uses is at hand."""
    assert subject.component is not None
    if subject.entry is not None:
        _from_yaml(subject)


def _from_yaml(subject: Any) -> Any:
    """Load the spec itself: by its name, a pipeline is loaded from the lock that ships with it."""
    document = parse(subject.entry.read(), source=subject.id)
    try:
        return semcodec.load(document)
    except SemcodecError as error:
        raise Blocked("spec-resolves", Fault(str(error), subject.where())) from error


@check(2, PIPELINE)
def lock_in_step(subject: Any) -> None:
    """The lock that ships beside the spec is the one that the spec gives today."""
    entry = subject.entry
    if entry is None or entry.lock() is None:
        name = subject.id
        raise NotApplicable(f"it ships no lock: semcodec lock {name} -o {name}.lock.json")
    ours, shipped = json.loads(_from_yaml(subject).lock()), json.loads(entry.lock())
    if ours != shipped:
        keys = sorted(k for k in {*ours, *shipped} if ours.get(k) != shipped.get(k))
        raise Fault(
            f"the shipped lock differs from what the spec gives now, in {', '.join(keys)}: a name "
            "means its lock for ever, so a spec that changed needs a name of its own",
            subject.where(),
        )


@check(2, PIPELINE)
def golden_files(subject: Any) -> None:
    """Files that were coded once, and are never made again, decode to the pixels they did."""
    folder = subject.tests.golden
    name = subject.id
    command = f"semcodec encode PICTURE -p {name} -o {name}.smc, then decode it to {name}.png"
    if folder is None:
        raise NotApplicable(f"the test class names no folder 'golden'; make one with {command}")
    file = Path(folder) / f"{name}.smc"
    if not file.is_file():
        raise NotApplicable(f"there is no {file.name} in it: {command}")
    wanted = semcodec.read_image(file.with_suffix(".png"))
    try:
        found = difference(semcodec.decode(file.read_bytes()), wanted, subject.promise)
    except SemcodecError as error:
        found = str(error)
    if found:
        raise Fault(f"{file.name} does not decode as it did: {found}", short_path(file, 1))
