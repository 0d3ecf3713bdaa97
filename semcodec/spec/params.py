"""Builds components from YAML parameters, by pydantic, with every problem reported in place."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PydanticUserError,
    TypeAdapter,
    ValidationError,
    create_model,
)

from semcodec.contracts.params import RESERVED, Parameter, Parametric, memoised, parameters
from semcodec.spec.canonical import canonical
from semcodec.spec.problems import Problems, nearest

__all__ = [
    "accepts_value",
    "build",
    "coerced",
    "dump",
    "is_default",
    "model_of",
    "takes_whole",
]

Nested = Callable[[Any, str, str], Any]


@memoised
def model_of(cls: type[Parametric]) -> type[BaseModel]:
    """Make the pydantic model of a component's plain parameters; nested components are left out.

    Fields are numbered and known by alias, for a model's own attributes must take no name away.
    """
    fields: dict[str, Any] = {}
    for index, item in enumerate(parameters(cls)):
        if not item.nested:
            default = ... if item.required else item.default
            fields[f"p{index}"] = (item.annotation, Field(default, alias=item.name))
    return create_model(cls.__name__, __config__=ConfigDict(extra="forbid", strict=True), **fields)


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
        elif not known[key].nested:
            plain[key] = value
        elif value is None and type(None) in get_args(known[key].annotation):
            built[key] = None
        else:
            built[key] = nested(value, f"{path}.{key}", known[key].nested)
    for parameter in known.values():
        if parameter.required and parameter.name not in given:
            problems.add(path, f"parameter {parameter.name!r} is required")
    values = _validate(cls, plain, path, problems)
    if values is None or len(problems.found) > before:
        return None
    try:
        made = cls(**values, **built)
        hash(made)
    except Exception as error:  # the component's own checks; whatever they raise, they refuse
        problems.add(path, str(error) or type(error).__name__)
        return None
    return made


def _validate(
    cls: type[Parametric], plain: dict[str, Any], path: str, problems: Problems
) -> dict[str, Any] | None:
    """Turn JSON data into the parameters' types; absent parameters are the caller's matter."""
    names = [p.name for p in parameters(cls)]
    try:
        model = model_of(cls).model_validate_json(json.dumps(plain), strict=True)
    except PydanticUserError as error:
        line = str(error).partition("\n")[0]
        problems.add(
            path, f"{cls.__name__} has a parameter of a type that no spec can give: {line}"
        )
        return None
    except ValidationError as error:
        for item in error.errors(include_url=False):
            if item["type"] == "missing" and len(item["loc"]) == 1:
                continue
            where = ".".join(map(str, (path, *item["loc"])))
            got = "" if item["type"] == "missing" else f", got {_short(item['input'])}"
            problems.add(where, f"{_reason(item)}{got}")
        return None
    return {name: getattr(model, f"p{names.index(name)}") for name in plain}


def _reason(item: Any) -> str:
    """What pydantic says is wrong, in the words of the one who said it first."""
    if item["type"] == "value_error":
        return str(item["ctx"]["error"])
    message = str(item["msg"])
    return message[:1].lower() + message[1:]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def dump(component: Parametric, parameter: Parameter) -> Any:
    """Give a plain parameter's value as data of the JSON kinds."""
    return _dumped(type(component), parameter, getattr(component, parameter.name))


def is_default(component: Parametric, parameter: Parameter) -> bool:
    """Whether a plain parameter says what its format's default says."""
    if parameter.required:
        return False
    default = _dumped(type(component), parameter, parameter.default)
    return canonical(dump(component, parameter)) == canonical(default)


def _dumped(cls: type[Parametric], parameter: Parameter, value: Any) -> Any:
    # A default may be of another type than declared (an int for a float); JSON has but numbers.
    adapter = _adapter(cls, parameter.name)
    return adapter.dump_python(value, mode="json", warnings=False)


def takes_whole(component: Parametric, name: str) -> bool:
    """Whether a parameter, dotted inside nested components, takes whole numbers only."""
    component, parameter = _find(component, name)
    union = get_origin(parameter.annotation) in (Union, UnionType)
    options = get_args(parameter.annotation) if union else (parameter.annotation,)
    bases = {get_args(o)[0] if get_origin(o) is Annotated else o for o in options}
    listed = [value for base in bases if get_origin(base) is Literal for value in get_args(base)]
    whole = int in bases or (listed and all(type(value) is int for value in listed))
    return bool(whole) and float not in bases


def coerced(component: Parametric, name: str, value: Any) -> Any:
    """Give a value the type its parameter has; what does not fit comes back as it was."""
    component, parameter = _find(component, name)
    try:
        adapter = _adapter(type(component), parameter.name)
        return adapter.validate_json(json.dumps(value), strict=True)
    except (ValidationError, PydanticUserError):
        return value


def accepts_value(component: Parametric, name: str, value: Any) -> str:
    """Say why a parameter, dotted inside nested components, refuses a value; empty if not."""
    component, parameter = _find(component, name)
    if parameter.nested:
        return "it is a component"
    try:
        adapter = _adapter(type(component), parameter.name)
        fitting = adapter.validate_json(json.dumps(value), strict=True)
        dataclasses.replace(component, **{parameter.name: fitting})  # type: ignore[type-var]
    except ValidationError as error:
        return _reason(error.errors(include_url=False)[0])
    except Exception as error:  # the component's own checks; whatever they raise, they refuse
        return str(error) or type(error).__name__
    return ""


def _find(component: Parametric, name: str) -> tuple[Parametric, Parameter]:
    *outer, last = name.split(".")
    for step in outer:
        component = getattr(component, step)
    return component, next(p for p in parameters(type(component)) if p.name == last)
