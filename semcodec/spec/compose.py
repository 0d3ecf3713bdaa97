"""The composition story: ``extends``, ``set``, ``swap`` and pipelines used as stages.

``compose`` gives a general form with nothing left to look up: bases applied, nested pipelines
written out in place. Component ids are looked at only to learn what kind of slot they fill.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from semcodec.errors import PluginError, SpecError
from semcodec.spec.address import AddressError, Place, locate, locate_slots
from semcodec.spec.form import CANDIDATE_KEYS, EXTENDS_KEYS, general, header, line_paths
from semcodec.spec.problems import Problems
from semcodec.spec.pruning import prune
from semcodec.spec.sources import read_spec
from semcodec.spec.text import Document, kind_name

__all__ = ["PIPELINE", "apply", "compose", "is_candidates", "kind_of"]

PIPELINE = "pipeline"
MAX_NESTING = 8
MAX_SPECS = 64


@dataclass(slots=True)
class _Scope:
    """One composition: how many specs it took so far, and whether it may look for others.

    Attributes:
        closed: whether everything must stand in the spec itself, as in a lock from a file, which
            must neither name files nor mean another thing tomorrow.
        count: specs read so far; depth alone would let a few small ones multiply.
    """

    closed: bool = False
    count: int = 0


def kind_of(use: str) -> str:
    """Give the component kind of an id, or an empty string when it is unknown."""
    from semcodec.discovery import catalog

    if use == PIPELINE:
        return PIPELINE
    try:
        return catalog().component(use.partition("@")[0]).kind
    except PluginError:
        return ""


def is_candidates(document: Document) -> bool:
    """Whether a spec chooses between other pipelines instead of describing one."""
    return "candidates" in document.data


def compose(document: Document, *, closed: bool = False) -> tuple[dict[str, Any], Problems]:
    """Expand a spec to its general form.

    Args:
        document: any spec that is not a choice of candidates.
        closed: whether it must be whole, without names of other specs.

    Returns:
        The form and a collector that knows its lines, for the checks that follow.

    Raises:
        SpecError: its structure is wrong, or a name it refers to is unknown.
    """
    return _compose(document, _Scope(closed=closed), 0)


def _compose(document: Document, scope: _Scope, depth: int) -> tuple[dict[str, Any], Problems]:
    problems = Problems(document.source, line_paths(document.lines))
    scope.count += 1
    if depth > MAX_NESTING:
        problems.add("", f"expected at most {MAX_NESTING} specs inside one another", "a cycle?")
    if scope.count > MAX_SPECS:
        problems.add("", f"expected at most {MAX_SPECS} specs in one composition")
    problems.raise_any()
    if is_candidates(document):
        problems.add("candidates", "a choice of candidates can be neither extended nor nested")
        problems.raise_any()
    if "extends" in document.data:
        form = _extend(document, problems, scope, depth)
    else:
        form = general(document, problems)
        if problems.found and not scope.closed:
            from semcodec.spec.resolve import survey

            survey(form, problems)
        problems.raise_any()
    _inline(form, problems, scope, depth)
    problems.raise_any()
    return form, problems


def apply(
    form: dict[str, Any],
    problems: Problems,
    *,
    set_: Mapping[str, Any] | None = None,
    swap: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Change a general form: components first, then parameters. The form given is left alone.

    What hung on a component that is gone goes with it, as :func:`semcodec.spec.pruning.prune` says.
    """
    before, form = form, copy.deepcopy(form)
    for address, node in (swap or {}).items():
        made = {"use": node} if isinstance(node, str) else node
        if not isinstance(made, dict) or not isinstance(made.get("use"), str):
            problems.add(f"swap.{address}", "expected a component id or a mapping with 'use'")
            continue
        for place in _find(form, address, "swap", problems):
            place.holder[place.key] = _keep_guides(place.holder[place.key], made)
    for address, value in (set_ or {}).items():
        for place in _find(form, address, "set", problems):
            place.holder[place.key] = value
    if swap and not problems.found:
        prune(before, form, kind_of)
    return form


def _find(form: dict[str, Any], address: str, key: str, problems: Problems) -> list[Place]:
    try:
        if key == "swap":
            return locate_slots(form, address, kind_of)
        place = locate(form, address, kind_of)
    except AddressError as error:
        problems.add(f"{key}.{address}", str(error), error.hint)
        return []
    if not place.name:
        problems.add(f"{key}.{address}", "names a component, expected a parameter", "use swap")
        return []
    return [place]


def _keep_guides(old: Any, new: dict[str, Any]) -> dict[str, Any]:
    """Connect the newcomer to the guides that its predecessor had under the same names."""
    from semcodec.discovery import catalog

    made = dict(new)
    try:
        ports = catalog().component(new["use"].partition("@")[0]).ports
    except (PluginError, AttributeError):
        return made
    for key in ("guides", "inputs"):
        kept = {p: r for p, r in (old.get(key) or {}).items() if p in ports}
        if kept and key not in new:
            made[key] = kept
    return made


def _extend(document: Document, problems: Problems, scope: _Scope, depth: int) -> dict[str, Any]:
    data = document.data
    header(data, problems)
    if scope.closed:
        problems.add("extends", "a lock must be whole, it cannot extend another spec")
    for key in data:
        if key not in EXTENDS_KEYS:
            problems.unknown(key, "key beside 'extends'", key, EXTENDS_KEYS)
    for key in ("set", "swap"):
        if not isinstance(data.get(key), (dict, type(None))):
            problems.add(key, f"expected a mapping of addresses, got {kind_name(data[key])}")
    if not isinstance(data["extends"], str):
        problems.add(
            "extends", f"expected the name of a pipeline, got {kind_name(data['extends'])}"
        )
    problems.raise_any()
    try:
        base = read_spec(data["extends"], beside=document.source)
        _keep_promise(base)
        form, _ = _compose(base, scope, depth + 1)
    except PluginError as error:
        problems.add("extends", str(error.args[0]), error.hint)
        problems.raise_any()
        raise
    form = apply(form, problems, set_=data.get("set"), swap=data.get("swap"))
    if problems.found:
        # An address may lead nowhere because the component there is one that nobody provides.
        from semcodec.spec.resolve import survey

        survey(form, problems, inlined=True)
    form.pop("name", None)
    form.update({key: data[key] for key in ("name", "description") if key in data})
    problems.raise_any()
    # Changed values must be as sound as written ones, so the result is checked as a whole.
    return general(Document(form, document.lines, document.source), problems)


def _keep_promise(document: Document) -> None:
    """Hold the lock of a spec that another refers to against what is installed.

    The spec that refers to it has another digest, by which a broken promise would not be noticed.
    """
    if "lock" in document.data:
        from semcodec.spec.load import pipeline_from

        pipeline_from(document)


def _inline(form: dict[str, Any], problems: Problems, scope: _Scope, depth: int) -> None:
    for name, stream in form.get("streams", {}).items():
        for index, stage in enumerate(stream["stages"]):
            if stage["use"] != PIPELINE:
                continue
            path = f"streams.{name}.stages.{index}"
            for key in stage:
                if key not in ("use", "of"):
                    problems.unknown(f"{path}.{key}", "key", key, ("use", "of"))
            try:
                stage["of"] = _nested(stage.get("of"), problems.source, scope, depth)
            except SpecError as error:
                inline = isinstance(stage.get("of"), dict)
                for problem in error.problems:
                    if inline:
                        inside = ".".join(filter(None, (path, "of", problem.path)))
                        problems.add(inside, problem.message, problem.hint)
                    else:
                        said = f"{error.source}: {replace(problem, hint='')}"
                        problems.add(f"{path}.of", said, problem.hint)
            except PluginError as error:
                problems.add(f"{path}.of", str(error.args[0]), error.hint)


def _nested(of: Any, source: str, scope: _Scope, depth: int) -> dict[str, Any]:
    if isinstance(of, str) and not scope.closed:
        document = read_spec(of, beside=source)
        _keep_promise(document)
    elif isinstance(of, dict):
        document = Document(copy.deepcopy(of), {}, source)
    elif scope.closed:
        raise PluginError("a lock must be whole, expected 'of' with a pipeline written out")
    else:
        raise PluginError("expected 'of' with the name of a pipeline, or a pipeline")
    form, _ = _compose(document, scope, depth + 1)
    return form


def check_candidates(document: Document) -> tuple[list[Any], dict[str, Any]]:
    """Read a choice of candidates: their names or specs, and the rule of choice.

    Raises:
        SpecError: with every problem.
    """
    problems = Problems(document.source, document.lines)
    data = document.data
    header(data, problems)
    for key in data:
        if key not in CANDIDATE_KEYS:
            problems.unknown(key, "key beside 'candidates'", key, CANDIDATE_KEYS)
    names = data["candidates"]
    if not isinstance(names, list) or not 2 <= len(names) <= MAX_SPECS:
        problems.add("candidates", f"expected a list of 2 to {MAX_SPECS} pipelines")
        names = []
    for index, name in enumerate(names):
        if not isinstance(name, (str, dict)):
            problems.add(f"candidates.{index}", f"expected a name or a spec, got {kind_name(name)}")
    choose = data.get("choose", {"metric": "bytes"})
    if not isinstance(choose, dict) or not isinstance(choose.get("metric"), str):
        problems.add("choose", "expected a mapping with 'metric'")
        choose = {"metric": "bytes"}
    for key in choose:
        if key not in ("metric", "within"):
            problems.unknown(f"choose.{key}", "key", key, ("metric", "within"))
    within = choose.get("within", 0)
    if isinstance(within, bool) or not isinstance(within, (int, float)) or within < 0:
        problems.add("choose.within", f"expected a number of at least 0, got {within!r}")
    problems.raise_any()
    return names, choose
