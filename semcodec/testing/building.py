"""Components from plain data and back, as a spec builds and a lock writes them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from semcodec.contracts.params import Parametric, of_format, parameters
from semcodec.discovery import catalog
from semcodec.errors import SemcodecError
from semcodec.spec.params import build, dump
from semcodec.spec.problems import Problems

__all__ = ["built", "class_at", "data_of"]


def built(cls: type[Parametric], configuration: Mapping[str, Any]) -> Parametric:
    """Build a component.

    Args:
        cls: its class.
        configuration: its parameters as data, nested components as ``{"use": id, ...}``.

    Raises:
        SpecError: with everything that is wrong.
    """
    problems = Problems(cls.__name__)
    made = build(cls, configuration, cls.__name__, problems, _nested(problems))
    problems.raise_any()
    assert made is not None
    return made


def _nested(problems: Problems) -> Any:
    def nest(entry: Any, path: str, kind: str) -> Any:
        given = {"use": entry} if isinstance(entry, str) else entry
        if not isinstance(given, Mapping) or not isinstance(given.get("use"), str):
            problems.add(path, f"expected a component of kind {kind}, got {entry!r:.60}")
            return None
        use, _, number = given["use"].partition("@")
        try:
            cls = catalog().component(use, kind)
            cls = of_format(cls, int(number)) if number else cls
        except (SemcodecError, ValueError) as error:
            problems.add(path, str(error.args[0]), getattr(error, "hint", ""))
            return None
        return build(cls, given, path, problems, nest)

    return nest


def data_of(component: Parametric) -> dict[str, Any]:
    """Write a component's parameters as data, all of them; :func:`built` takes it back."""
    made: dict[str, Any] = {}
    for parameter in parameters(type(component)):
        value = getattr(component, parameter.name)
        if not parameter.nested:
            made[parameter.name] = dump(component, parameter)
        elif isinstance(value, Parametric):
            use = f"{catalog().id_of(type(value))}@{value.format}"
            made[parameter.name] = {"use": use, **data_of(value)}
        else:
            made[parameter.name] = None
    return made


def class_at(target: str) -> type[Parametric]:
    """Import a class by ``module:Class``."""
    module, _, name = target.partition(":")
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found  # type: ignore[no-any-return]
