"""What to say to those who address a component that is the parameter of another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from semcodec.contracts.params import Parameter, Parametric, parameters
from semcodec.errors import ComponentNotFound, PluginError
from semcodec.spec.params import dump, is_default
from semcodec.spec.problems import nearest

__all__ = ["instead_of_swap", "written_out"]


def written_out(node: Mapping[str, Any], name: str, address: str) -> str:
    """Say how to reach into the component that a node has by default and does not write out.

    Args:
        node: a node of a form: a mapping with ``use``.
        name: the parameter that an address went through.
        address: the address of that parameter.

    Returns:
        The assignment that writes the default out, or the node's parameters that are components.
        Empty when the node's own component is not known.
    """
    known = _parameters(node)
    parameter = known.get(name)
    if parameter is None or not parameter.nested:
        return nearest(name, [n for n, p in known.items() if p.nested])
    if parameter.required or not isinstance(parameter.default, Parametric):
        return f"it has none by default; set {address}={{use: ...}}"
    return f"it is the default of {node['use']}; write it out: set {address}={_text(parameter)}"


def instead_of_swap(node: Any, name: str, address: str) -> str:
    """Say how to change a component that is a parameter; empty when it is no such parameter.

    Args:
        node: the mapping that holds it.
        name: the parameter's name.
        address: the whole address.
    """
    parameter = _parameters(node).get(name) if isinstance(node, Mapping) else None
    if parameter is None or not parameter.nested:
        return "change it with set"
    return f"a component inside another is changed with set: {address}={{use: ...}}"


def _parameters(node: Mapping[str, Any]) -> dict[str, Parameter]:
    from semcodec.discovery import catalog

    try:
        cls = catalog().component(str(node.get("use")).partition("@")[0])
    except PluginError:
        return {}
    return {parameter.name: parameter for parameter in parameters(cls)}


def _text(parameter: Parameter) -> str:
    """Write a default component as one would in a spec, in one line."""
    return _flow(parameter.default)


def _flow(component: Parametric) -> str:
    from semcodec.discovery import catalog

    try:
        id_ = catalog().id_of(type(component))
    except ComponentNotFound:
        return "{use: ...}"
    parts = [f"use: {id_}"]
    for parameter in parameters(type(component)):
        value = getattr(component, parameter.name)
        if isinstance(value, Parametric):
            if value != parameter.default:
                parts.append(f"{parameter.name}: {_flow(value)}")
        elif not parameter.nested and not is_default(component, parameter):
            parts.append(f"{parameter.name}: {_yaml(dump(component, parameter))}")
    return f"{{{', '.join(parts)}}}"


def _yaml(value: Any) -> str:
    import json

    return json.dumps(value)
