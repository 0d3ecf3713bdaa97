"""Describes components and pipelines as plain data, for people, editors and other programs."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from semcodec.contracts.params import (
    Ge,
    Gt,
    Interval,
    Le,
    Len,
    Lt,
    Parameter,
    Parametric,
    parameters,
)
from semcodec.discovery.entries import Entry, PipelineEntry

__all__ = ["describe", "describe_pipeline", "missing", "summary", "type_text"]


def summary(cls: type) -> str:
    """Give the first paragraph of a class's docstring on one line."""
    # A data class without a docstring of its own gets its signature as one.
    text = inspect.cleandoc(vars(cls).get("__doc__") or "")
    if text.startswith(f"{cls.__name__}("):
        return ""
    return " ".join(text.partition("\n\n")[0].split())


def missing(cls: type[Parametric]) -> str:
    """Say what a metric with its default parameters lacks to run here; empty if nothing.

    Other kinds, and metrics with parameters that must be given, lack nothing that is known.
    A metric whose own answer fails is reported with the failure: one that cannot say what it
    lacks must not hide the others.
    """
    ask = getattr(cls, "missing", None)
    if ask is None or any(each.required for each in parameters(cls)):
        return ""
    try:
        return str(cast(Any, cls)().missing())
    except Exception as error:
        return f"cannot say what it lacks: {type(error).__name__}: {error}; report it to its author"


def describe(entry: Entry, cls: type[Parametric]) -> dict[str, Any]:
    """Describe a component.

    Args:
        entry: its entry in the catalog.
        cls: its class, of any of its formats.

    Returns:
        JSON-ready data: kind, the docstring's first paragraph, format, determinism, value types,
        ports, parameters, and where it comes from.
    """
    facts: dict[str, Any] = {
        "id": entry.ref.id,
        "kind": cls.kind,
        "doc": summary(cls),
        "format": cls.format,
    }
    for name in ("determinism", "version", "unit", "higher_is_better", "index_ratio"):
        if hasattr(cls, name):
            facts["metric_version" if name == "version" else name] = getattr(cls, name)
    for name in ("consumes", "produces"):
        if hasattr(cls, name):
            facts[name] = getattr(cls, name).name
    facts["ports"] = [
        {
            "name": name,
            "type": port.type.name,
            "needed_by": port.needed_by,
            "exact": port.exact,
            "optional": port.optional,
        }
        for name, port in getattr(cls, "ports", {}).items()
    ]
    facts["parameters"] = [_parameter(each) for each in parameters(cast(Any, cls))]
    return {**facts, **_origin(entry), "target": entry.ref.target, "source": _source(cls)}


def describe_pipeline(entry: PipelineEntry) -> dict[str, Any]:
    """Describe a named pipeline.

    Returns:
        JSON-ready data: its description, the components it uses, whether it ships a lock, and
        where it comes from.

    Raises:
        PluginBroken: its file cannot be read.
    """
    import yaml

    text = entry.read()
    try:
        spec = yaml.safe_load(text)
    except yaml.YAMLError:
        spec = None  # `semcodec validate` says what is wrong and where
    description = spec.get("description", "") if isinstance(spec, dict) else ""
    return {
        "pipeline": entry.ref.name,
        "doc": " ".join(str(description).split()),
        "uses": sorted(_uses(spec)),
        "locked": entry.lock() is not None,
        **_origin(entry),
        "source": f"{entry.ref.package}/{entry.ref.path}",
    }


def type_text(annotation: Any) -> str:
    """Say a parameter's type and bounds in words, such as ``float > 0``."""
    if get_origin(annotation) is Annotated:
        base, *marks = get_args(annotation)
        bounds = ", ".join(text for mark in marks for text in _bounds(mark))
        return f"{type_text(base)} {bounds}".strip()
    if get_origin(annotation) is Literal:
        return f"one of {', '.join(map(str, get_args(annotation)))}"
    if get_origin(annotation) in (types.UnionType, Union):
        return " or ".join(type_text(option) for option in get_args(annotation))
    if annotation is type(None):
        return "null"
    if inspect.isclass(annotation) and not get_args(annotation):
        if issubclass(annotation, Parametric):
            return f"component of kind {annotation.kind}"
        return annotation.__name__
    return str(annotation).replace("typing.", "")


def _bounds(mark: object) -> Iterable[str]:
    if isinstance(mark, Interval):
        for part in mark:
            yield from _bounds(part)
    elif isinstance(mark, Gt):
        yield f"> {mark.gt}"
    elif isinstance(mark, Ge):
        yield f">= {mark.ge}"
    elif isinstance(mark, Lt):
        yield f"< {mark.lt}"
    elif isinstance(mark, Le):
        yield f"<= {mark.le}"
    elif isinstance(mark, Len):
        most = "" if mark.max_length is None else f" to {mark.max_length}"
        yield f"of length {mark.min_length}{most or ' or more'}"


def _parameter(parameter: Parameter) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "name": parameter.name,
        "type": type_text(parameter.annotation),
        "required": parameter.required,
        "encode_only": parameter.encode_only,
        "nested": parameter.nested,
        "doc": parameter.doc,
    }
    if not parameter.required:
        plain = isinstance(parameter.default, bool | int | float | str | None)
        facts["default"] = parameter.default if plain else repr(parameter.default)
    return facts


def _uses(spec: object) -> set[str]:
    """Collect the component ids anywhere in a spec."""
    if isinstance(spec, dict):
        own = {spec["use"]} if isinstance(spec.get("use"), str) else set()
        return own.union(*map(_uses, spec.values()))
    return set().union(*map(_uses, spec)) if isinstance(spec, list) else set()


def _origin(entry: Entry | PipelineEntry) -> dict[str, str]:
    return {
        "distribution": entry.distribution,
        "version": entry.version,
        "licence": entry.provider.licence(),
    }


def _source(cls: type) -> str:
    try:
        return f"{inspect.getsourcefile(cls)}:{inspect.getsourcelines(cls)[1]}"
    except (OSError, TypeError):
        return ""  # a class from a notebook or an extension module
