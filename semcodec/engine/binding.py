"""Puts chosen values into components: settings of a file, of an encoder, of a viewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from semcodec.contracts.params import Parametric, replace
from semcodec.errors import SettingError
from semcodec.graph.model import Control, Pipeline, Setting, Target
from semcodec.spec.params import accepts_value
from semcodec.spec.problems import nearest

__all__ = ["Bound", "bind", "choose_controls", "choose_settings"]

Choice = dict[str, int]


class Bound:
    """A pipeline's components with the chosen values in place.

    Attributes:
        seed: the fixed seed, or None to derive seeds from the payload.
    """

    def __init__(self, components: dict[str, Any], seed: int | None) -> None:
        self._components = components
        self.seed = seed

    def __getitem__(self, path: str) -> Any:
        return self._components[path]


def bind(pipeline: Pipeline, values: Sequence[tuple[Target, Any]]) -> Bound:
    """Give the components with these parameters changed."""
    components: dict[str, Any] = {node.path: node.component for node in pipeline.nodes()}
    seed = pipeline.seed
    for target, value in values:
        if not target.node:
            seed = value
        else:
            components[target.node] = _changed(components[target.node], target.name, value)
    return Bound(components, seed)


def _changed(component: Parametric, name: str, value: Any) -> Parametric:
    first, _, rest = name.partition(".")
    held = getattr(component, first)
    if rest:
        value = _changed(held, rest, value)
    if held is value or (type(held) is type(value) and held == value):
        return component  # the same object keeps what was worked out with it
    return replace(component, **{first: value})


def choose_settings(pipeline: Pipeline, wanted: Mapping[str, Any]) -> Choice:
    """Turn named values into grid indexes for every wire and encode setting.

    Raises:
        SettingError: an unknown name, or a value off its grid.
    """
    known = {s.name: s for s in (*pipeline.wire, *pipeline.encode)}
    for name in wanted:
        if name not in known:
            raise SettingError(
                f"no setting {name!r}", hint=nearest(name, known) or "This codec has none."
            )
    return {name: _index(setting, wanted) for name, setting in known.items()}


def _index(setting: Setting, wanted: Mapping[str, Any]) -> int:
    if setting.name not in wanted:
        return setting.default
    try:
        return setting.grid.nearest(_plain(wanted[setting.name]))
    except SettingError as error:
        raise SettingError(f"setting {setting.name!r}: {error.args[0]}") from None


def _plain(value: Any) -> Any:
    """Take the number out of a NumPy scalar; refuse what no setting can be."""
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise SettingError(f"expected a number or a word, got {type(value).__name__}")


def choose_controls(pipeline: Pipeline, wanted: Mapping[str, Any]) -> list[tuple[Target, Any]]:
    """Check a viewer's choices.

    Raises:
        SettingError: an unknown control, or a value outside what the spec allows.
    """
    known = {control.name: control for control in pipeline.controls}
    chosen = []
    nodes = {node.path: node for node in pipeline.nodes()}
    for name, value in wanted.items():
        if name not in known:
            raise SettingError(
                f"no control {name!r}", hint=nearest(name, known) or "This codec has none."
            )
        control = known[name]
        if isinstance(value, np.generic):
            value = value.item()
        problem = _refused(control, value)
        if not problem and control.target.node:
            problem = accepts_value(
                nodes[control.target.node].component, control.target.name, value
            )
        if problem:
            raise SettingError(f"control {name!r}: {problem}")
        chosen.append((control.target, value))
    return chosen


def _refused(control: Control, value: Any) -> str:
    if control.values and value not in control.values:
        return f"expected one of {', '.join(map(str, control.values))}, got {value!r}"
    if control.low is not None or control.high is not None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return f"expected a number, got {value!r}"
        if control.low is not None and not value >= control.low:
            return f"expected at least {control.low:g}, got {value!r}"
        if control.high is not None and not value <= control.high:
            return f"expected at most {control.high:g}, got {value!r}"
    if not control.target.node:
        if isinstance(value, bool) or not isinstance(value, int):
            return f"expected a whole number, got {value!r}"
        if not 0 <= value < 2**64:
            return f"expected a number from 0 to 2**64 - 1, got {value}"
    return ""
