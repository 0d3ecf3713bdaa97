"""Builds a component that stands on its own, outside a pipeline: a metric, a data set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from semcodec.contracts.params import Parametric
from semcodec.errors import PluginError
from semcodec.spec.params import build
from semcodec.spec.problems import Problems

__all__ = ["build_component"]


def build_component(
    node: Mapping[str, Any], *, kind: str, where: str, source: str = "compare file"
) -> Parametric:
    """Build what ``{"use": id, parameters}`` names.

    Args:
        node: the id and the parameters, nested components as mappings too.
        kind: the kind that it must be of.
        where: where it stands, for messages.
        source: what it stands in, for messages.

    Raises:
        ComponentNotFound: nobody installed provides it.
        SpecError: the parameters make no sense; with every problem.
    """
    problems = Problems(source)
    made = _build(node, where, kind, problems)
    problems.raise_any()
    assert made is not None  # build notes a problem whenever it gives none
    return made


def _build(node: Any, where: str, kind: str, problems: Problems) -> Parametric | None:
    from semcodec.discovery import catalog

    given = {"use": node} if isinstance(node, str) else node
    if not isinstance(given, Mapping) or not isinstance(given.get("use"), str):
        problems.add(where, "expected a component id or a mapping with 'use'")
        return None

    def nested(value: Any, path: str, inner: str) -> Any:
        try:
            return _build(value, path, inner, problems)
        except PluginError as error:
            problems.add(path, str(error.args[0]), error.hint)
            return None

    return build(catalog().component(given["use"], kind=kind), given, where, problems, nested)
