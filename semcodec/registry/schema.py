"""The register's JSON Schema, for editors and for programs that are not ours."""

from __future__ import annotations

import inspect
import re
from typing import Any

from pydantic import TypeAdapter

from semcodec.registry.model import Codec, Provider
from semcodec.registry.parse import FORMAT

__all__ = ["register_schema"]


def register_schema() -> dict[str, Any]:
    """Make the JSON Schema (draft 2020-12) of ``registry.yaml``.

    It holds what a schema can say: keys, types, patterns, ranges. That codes, names, prefixes and
    digests are each taken once, and that a codec's provider is listed, only
    :func:`semcodec.registry.parse_register` knows.

    Returns:
        The schema as data; ``docs/registry.schema.json`` is its text.
    """
    lists = {
        "providers": {"type": "array", "items": _entry(Provider)},
        "codecs": {"type": "array", "items": _entry(Codec)},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The register of semcodec",
        "description": "Who owns a component prefix, and which pipeline a wire code means.",
        "type": "object",
        "properties": {"register": {"const": FORMAT}, **lists},
        "required": ["register", "providers", "codecs"],
        "additionalProperties": False,
    }


def _entry(kind: type[Provider | Codec]) -> dict[str, Any]:
    schema = TypeAdapter(kind).json_schema()
    text = inspect.cleandoc(kind.__doc__ or "")
    summary, _, attributes = text.partition("\n\nAttributes:\n")
    docs = dict(re.findall(r"^    (\w+): ((?:.|\n        )+)", attributes, re.MULTILINE))
    for name, field in schema["properties"].items():
        field.pop("title", None)
        field["description"] = " ".join(docs[name].split())
    return {**schema, "description": summary}
