"""Builds components from YAML parameters, by pydantic, with every problem reported in place."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, create_model

from semcodec.contracts.params import Parameter, Parametric, memoised, parameters
from semcodec.spec.problems import Problems, nearest

__all__ = ["RESERVED", "accepts_value", "build", "dump", "model_of"]

RESERVED = frozenset({"use", "guides", "inputs", "of"})
Nested = Callable[[Any, str, str], Any]


@memoised
def model_of(cls: type[Parametric]) -> type[BaseModel]:
    """Make the pydantic model of a component's plain parameters; nested components are left out."""
    fields: dict[str, Any] = {
        p.name: (p.annotation, ... if p.required else p.default)
        for p in parameters(cls)
        if not p.nested
    }
    config = ConfigDict(extra="forbid", strict=True, protected_namespaces=())
    return create_model(cls.__name__, __config__=config, **fields)


@memoised
def _adapter(cls: type[Parametric], name: str) -> TypeAdapter[Any]:
    annotation = next(p.annotation for p in parameters(cls) if p.name == name)
    return TypeAdapter(annotation)


def build(
    cls: type[Parametric], given: Mapping[str, Any], path: str, problems: Problems, nested: Nested
) -> Parametric | None:
    """Build a component.

    Args:
        cls: its class, of the wanted format.
        given: YAML parameters, reserved keys included.
        path: where it stands, for messages.
        problems: takes what is wrong.
        nested: builds a component for a nested ``{use: ...}``, given it, its path and its kind.

    Returns:
        The component, or None when there were problems.
    """
    known = {p.name: p for p in parameters(cls)}
    plain: dict[str, Any] = {}
    built: dict[str, Any] = {}
    before = len(problems.found)
    for key, value in given.items():
        if key in RESERVED:
            continue
        if key not in known:
            problems.add(f"{path}.{key}", f"no parameter {key!r}", nearest(key, known))
        elif known[key].nested and value is not None:
            built[key] = nested(value, f"{path}.{key}", known[key].nested)
        else:
            plain[key] = value
    for parameter in known.values():
        if parameter.required and parameter.name not in given:
            problems.add(path, f"parameter {parameter.name!r} is required")
            plain.pop(parameter.name, None)
    if len(problems.found) > before:
        _validate(cls, plain, path, problems, partial=True)
        return None
    values = _validate(cls, plain, path, problems)
    if values is None or any(v is None for v in built.values()):
        return None
    try:
        return cls(**values, **built)
    except (TypeError, ValueError) as error:
        problems.add(path, str(error))
        return None


def _validate(
    cls: type[Parametric],
    plain: dict[str, Any],
    path: str,
    problems: Problems,
    *,
    partial: bool = False,
) -> dict[str, Any] | None:
    try:
        model = model_of(cls).model_validate_json(json.dumps(plain), strict=True)
    except ValidationError as error:
        for item in error.errors(include_url=False):
            if partial and item["type"] == "missing":
                continue
            where = ".".join(map(str, item["loc"]))
            got = "" if item["type"] == "missing" else f", got {_short(item['input'])}"
            message = item["msg"][:1].lower() + item["msg"][1:]
            problems.add(f"{path}.{where}" if where else path, f"{message}{got}")
        return None
    return {name: getattr(model, name) for name in plain}


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def dump(component: Parametric, parameter: Parameter) -> Any:
    """Give a plain parameter's value as data of the JSON kinds."""
    value = getattr(component, parameter.name)
    return _adapter(type(component), parameter.name).dump_python(value, mode="json")


def accepts_value(component: Parametric, name: str, value: Any) -> str:
    """Say why a parameter, dotted inside nested components, refuses a value; empty if not."""
    *outer, last = name.split(".")
    for step in outer:
        component = getattr(component, step)
    parameter = next(p for p in parameters(type(component)) if p.name == last)
    if parameter.nested:
        return "it is a component"
    try:
        _adapter(type(component), last).validate_json(json.dumps(value), strict=True)
        dataclasses.replace(component, **{last: value})  # type: ignore[type-var]
    except ValidationError as error:
        return str(error.errors(include_url=False)[0]["msg"])
    except (TypeError, ValueError) as error:
        return str(error)
    return ""
