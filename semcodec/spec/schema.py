"""A JSON Schema of specs that knows the installed components, for editors and other tools.

Nodes are described by ``if use = ... then ...`` rather than ``oneOf``, so that a validator names
the wrong parameter instead of answering that nothing fits.
"""

from __future__ import annotations

from typing import Any, get_args

from pydantic import PydanticUserError

from semcodec.contracts.params import Parametric, parameters
from semcodec.discovery import catalog
from semcodec.errors import PluginError
from semcodec.spec.form import INPUT_TYPES, SCHEMA_VERSION
from semcodec.spec.params import model_of

__all__ = ["schema"]

_ADDRESS = {"type": "string", "description": "Address of a parameter, such as quantizer.step."}
_DEFINITIONS = "#/$defs/"
_KINDS = ("saliency", "transform", "quantizer", "model", "coder", "decoder")
_OF = {
    "description": "With use: pipeline, the pipeline that codes what comes out here.",
    "anyOf": [{"type": "string"}, {"type": "object"}],
}


def schema() -> dict[str, Any]:
    """Make the schema for what is installed now (JSON Schema, draft 2020-12)."""
    kinds: dict[str, dict[str, type[Parametric]]] = {}
    for name in catalog().ids():
        try:
            cls = catalog().component(name)
        except PluginError:
            continue  # what cannot be used cannot be written either
        kinds.setdefault(cls.kind, {})[name] = cls
    definitions: dict[str, Any] = {}
    for kind in _KINDS:
        definitions[kind] = _node(_ports(kind), kinds.get(kind, {}), definitions)
    stages = {**kinds.get("transform", {}), **kinds.get("quantizer", {})}
    definitions["stage"] = _node("guides", stages, definitions, of=_OF)
    derived = {**kinds.get("decoder", {}), **kinds.get("saliency", {})}
    definitions["derived"] = _node("inputs", derived, definitions)
    definitions["grid"] = _grid()
    definitions["stream"] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "from": {"type": "string", "default": "image"},
            "stages": {"type": "array", "items": {"$ref": f"{_DEFINITIONS}stage"}},
            "model": {"$ref": f"{_DEFINITIONS}model"},
            "coder": {"$ref": f"{_DEFINITIONS}coder"},
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "semcodec pipeline spec",
        "type": "object",
        "required": ["semcodec"],
        "additionalProperties": False,
        "properties": _top(),
        "$defs": definitions,
    }


def _table(name: str) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": {"$ref": f"{_DEFINITIONS}{name}"}}


def _ports(kind: str) -> str:
    return "inputs" if kind == "decoder" else "guides"


def _top() -> dict[str, Any]:
    slots: dict[str, Any] = {kind: {"$ref": f"{_DEFINITIONS}{kind}"} for kind in _KINDS}
    slots["transform"] = {"$ref": f"{_DEFINITIONS}stage"}
    source = {
        "type": ["object", "string"],
        "required": ["type"],
        "additionalProperties": False,
        "properties": {
            "type": {"enum": list(INPUT_TYPES)},
            "limit": {"type": "integer", "minimum": 1},
            "classes": {"type": "integer", "minimum": 1},
        },
    }
    control = {
        "type": "object",
        "required": ["path"],
        "additionalProperties": False,
        "properties": {
            "path": _ADDRESS,
            "min": {"type": "number"},
            "max": {"type": "number"},
            "values": {"type": "array"},
            "doc": {"type": "string"},
        },
    }
    return {
        "semcodec": {"const": SCHEMA_VERSION},
        "name": {"type": "string"},
        "description": {"type": "string"},
        "extends": {"type": "string", "description": "Name of the pipeline to start from."},
        "set": {"type": "object", "description": "Parameters to change, by address."},
        "swap": {"type": "object", "description": "Components to change, by address."},
        "candidates": {"type": "array", "minItems": 2},
        "choose": {
            "type": "object",
            "properties": {"metric": {"type": "string"}, "within": {"type": "number"}},
        },
        "inputs": {"type": "object", "additionalProperties": source},
        "streams": _table("stream"),
        "derive": _table("derived"),
        **slots,
        "output": {"type": "string"},
        "wire": _table("grid"),
        "encode": _table("grid"),
        "controls": {"type": "object", "additionalProperties": control},
        "seed": {"anyOf": [{"const": "payload"}, {"type": "integer", "minimum": 0}]},
        "check": {"type": "boolean"},
        "lock": {"type": "object"},
    }


def _grid() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["path"],
        "additionalProperties": False,
        "properties": {
            "path": _ADDRESS,
            "min": {"type": "number"},
            "max": {"type": "number"},
            "levels": {"type": "integer", "minimum": 2, "maximum": 65536},
            "scale": {"enum": ["linear", "log"]},
            "values": {"type": "array", "minItems": 2},
            "bytes": {"enum": ["increasing", "decreasing", "scan"]},
            "doc": {"type": "string"},
        },
    }


def _node(
    ports: str, classes: dict[str, type[Parametric]], definitions: dict[str, Any], **also: Any
) -> dict[str, Any]:
    """Describe a node of certain classes; what their parameters refer to joins the definitions."""
    around = {
        "use": {"type": "string", "examples": sorted(classes)},
        ports: {"type": "object", "additionalProperties": {"type": "string"}},
        **also,
    }
    rules = []
    for name, cls in sorted(classes.items()):
        required = [p.name for p in parameters(cls) if p.required]
        rules.append(
            {
                # An id that is not installed here fits: another plugin may provide it.
                "if": {
                    "required": ["use"],
                    "properties": {"use": {"pattern": f"^{name.replace('.', '[.]')}(@[0-9]+)?$"}},
                },
                "then": {
                    "properties": {
                        **dict.fromkeys(around, True),
                        **_parameters(name, cls, definitions),
                    },
                    "additionalProperties": False,
                    **({"required": required} if required else {}),
                },
            }
        )
    return {
        "type": ["object", "string"],
        "required": ["use"],
        "properties": around,
        "allOf": rules,
    }


def _parameters(name: str, cls: type[Parametric], definitions: dict[str, Any]) -> dict[str, Any]:
    # Classes of several components may share a name, so what they define is kept apart by id.
    template = f"{_DEFINITIONS}{name}.{{model}}"
    try:
        plain = model_of(cls).model_json_schema(ref_template=template)
    except PydanticUserError:
        plain = {"properties": {p.name: {} for p in parameters(cls)}}
    for key, definition in plain.get("$defs", {}).items():
        definitions[f"{name}.{key}"] = definition
    found: dict[str, Any] = dict(plain.get("properties", {}))
    for parameter in parameters(cls):
        if parameter.nested:
            known = parameter.nested in _KINDS
            nested = {"$ref": f"{_DEFINITIONS}{parameter.nested}"} if known else {}
            nullable = type(None) in get_args(parameter.annotation)
            found[parameter.name] = {"anyOf": [nested, {"type": "null"}]} if nullable else nested
        if parameter.doc:
            found[parameter.name] = {**found[parameter.name], "description": parameter.doc}
    return found
