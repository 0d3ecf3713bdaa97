"""Reads spec text: YAML with the scalars of YAML 1.2, every value with its line.

Anchors, aliases and tags are refused, keys are unique strings, and size and depth are bounded, so
a spec is data of exactly the JSON kinds whatever its author intended.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from semcodec.errors import Problem, SpecError

__all__ = ["MAX_BYTES", "Document", "parse"]

MAX_BYTES = 1 << 20
MAX_DEPTH = 32

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_TAGS = {
    f"tag:yaml.org,2002:{name}"
    for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "value", "merge")
}
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Document:
    """A spec as data.

    Attributes:
        data: mappings, lists, text, numbers, booleans and None only.
        lines: line of each value, counted from 1, by dotted path.
        source: where it came from, for messages.
    """

    data: dict[str, Any]
    lines: dict[str, int] = field(default_factory=dict)
    source: str = "spec"


def parse(text: str, *, source: str = "spec") -> Document:
    """Read spec text.

    Args:
        text: YAML (or JSON, its subset), at most 1 MiB.
        source: name for messages.

    Raises:
        SpecError: with every problem found.
    """
    if len(text) > MAX_BYTES:
        message = f"expected at most {MAX_BYTES} characters, got {len(text)}"
        raise SpecError([Problem("", message)], source=source)
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error).split("\n")[0] or "nested too deeply"
        line = mark.line + 1 if mark else 0
        raise SpecError([Problem("", f"not YAML: {what}", line)], source=source) from None
    walker = _Walker()
    data = walker.value(node, "", 0) if node is not None else None
    if not walker.problems and not isinstance(data, dict):
        walker.problems.append(Problem("", f"expected a mapping of keys, got {_kind(data)}", 1))
    if walker.problems:
        raise SpecError(walker.problems, source=source)
    assert isinstance(data, dict)
    return Document(data, walker.lines, source)


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    return {dict: "a mapping", list: "a list", str: "text", bool: "a boolean"}.get(
        type(value), "a number"
    )


class _Walker:
    """Turns YAML nodes into data, collecting lines and problems."""

    def __init__(self) -> None:
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []
        self.seen: set[int] = set()

    def value(self, node: yaml.Node, path: str, depth: int) -> Any:
        line = node.start_mark.line + 1
        self.lines[path] = line
        if id(node) in self.seen:
            return self.problem(path, "aliases are not allowed", line, "write the value out")
        self.seen.add(id(node))
        if depth > MAX_DEPTH:
            return self.problem(path, f"expected at most {MAX_DEPTH} levels", line)
        if node.tag not in _TAGS:
            return self.problem(path, f"tag {node.tag!r} is not allowed", line)
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode):
            return [
                self.value(item, _join(path, str(i)), depth + 1)
                for i, item in enumerate(node.value)
            ]
        return self.scalar(node, path, line)

    def mapping(self, node: yaml.MappingNode, path: str, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.problem(path, "expected a key of plain text", line)
                continue
            key = key_node.value
            where = _join(path, key)
            if key in found:
                self.problem(where, f"key {key!r} stands twice", line)
                continue
            found[key] = self.value(value_node, where, depth + 1)
            self.lines[where] = line
        return found

    def scalar(self, node: yaml.Node, path: str, line: int) -> Any:
        text = str(node.value)
        if getattr(node, "style", None) in ("'", '"', "|", ">"):
            return text
        if text in _WORDS:
            return _WORDS[text]
        try:
            if _INT.fullmatch(text):
                return int(text)
            if _FLOAT.fullmatch(text):
                number = float(text)
                if number in (float("inf"), float("-inf")):
                    raise ValueError
                return number
        except ValueError:
            return self.problem(path, "expected a number of sensible size", line)
        return text

    def problem(self, path: str, message: str, line: int, hint: str = "") -> None:
        self.problems.append(Problem(path, message, line, hint))


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
