"""Trainers by name: what installed plugins list in ``semcodec_trainers`` of their light module."""

from __future__ import annotations

import difflib
import importlib
import inspect
import sys
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any

from semcodec.errors import PluginBroken, PluginConflict, PluginError, SettingError
from semcodec_torch.training.task import Task

__all__ = ["ATTRIBUTE", "make_task", "task_class", "trainers"]

ATTRIBUTE = "semcodec_trainers"
"""A mapping from the trainer's name to ``package.module:Class`` in the plugin's module."""


def trainers() -> dict[str, str]:
    """List the trainers of all usable plugins, importing none.

    Returns:
        Targets ``package.module:Class`` by name, sorted.

    Raises:
        PluginConflict: two plugins list one name.
        PluginBroken: a plugin's list is no mapping of texts.
    """
    from semcodec.discovery import catalog

    found: dict[str, tuple[str, str]] = {}
    for plugin in catalog().plugins:
        # The catalog has imported the modules of usable plugins.
        module = sys.modules.get(plugin.module) if plugin.usable else None
        listed = getattr(module, ATTRIBUTE, {})
        if not isinstance(listed, Mapping) or not all(
            isinstance(text, str) for pair in listed.items() for text in pair
        ):
            raise PluginBroken(
                f"{plugin.distribution}: expected {ATTRIBUTE} to map names to package.module:Class"
            )
        for name, target in listed.items():
            if name in found:
                raise PluginConflict(
                    f"two distributions list a trainer {name!r}: {found[name][0]} and "
                    f"{plugin.distribution}",
                    hint="Uninstall one of them.",
                )
            found[name] = plugin.distribution, target
    return {name: found[name][1] for name in sorted(found)}


def task_class(name: str) -> type[Task]:
    """Import a trainer.

    Raises:
        PluginError: nobody lists one of that name.
        PluginBroken: it does not import or is no data class of the kind :class:`Task`.
    """
    known = trainers()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        raise PluginError(
            f"no installed plugin lists a trainer {name!r}",
            hint=f"Did you mean {near[0]}?"
            if near
            else f"There are: {', '.join(known) or 'none'}.",
        )
    module, _, attribute = known[name].partition(":")
    try:
        made: Any = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise PluginBroken(f"trainer {name}: {known[name]} does not import: {error}") from error
    if not (
        inspect.isclass(made) and issubclass(made, Task) and "__dataclass_fields__" in vars(made)
    ):
        raise PluginBroken(f"trainer {name}: expected {known[name]} to be a data class of Task")
    return made


def make_task(kind: type[Task], sets: Mapping[str, str]) -> Task:
    """Make a trainer from settings as they are typed.

    Args:
        kind: the class.
        sets: values by field: numbers, texts, or numbers joined by commas.

    Raises:
        SettingError: no such setting, or a value that it cannot take.
    """
    known: dict[str, Field[Any]] = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    values = {}
    for name, text in sets.items():
        if name not in known:
            raise SettingError(
                f"the trainer has no setting {name!r}", hint=f"It has: {', '.join(known)}."
            )
        values[name] = _value(name, text, known[name])
    try:
        return kind(**values)
    except (TypeError, ValueError) as error:
        raise SettingError(str(error)) from None


def _value(name: str, text: str, field: Field[Any]) -> Any:
    default: Any = field.default
    kind = str if default is MISSING else type(default)
    try:
        if kind is tuple:
            return tuple(type(default[0])(part) for part in text.split(","))
        return kind(text)
    except ValueError:
        raise SettingError(f"expected a value of {name} like {default!r}, got {text!r}") from None
