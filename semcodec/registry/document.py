"""YAML that is data and nothing else: no aliases, no tags, no key twice, no deep nesting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from semcodec.errors import RegisterError

__all__ = ["Document", "Place", "load_document"]

Place: TypeAlias = "tuple[int | str, ...]"
"""Keys and indexes from the top of a document to a value in it."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML text, read.

    Attributes:
        value: what it says.
        node: where it says it.
    """

    value: Any
    node: yaml.Node

    def line(self, place: Place) -> int:
        """Line of a value, counted from 1; that of its nearest parent where it is absent."""
        node: yaml.Node = self.node
        for key in place:
            child = _child(node, key)
            if child is None:
                break
            node = child
        return int(node.start_mark.line) + 1


def load_document(text: str, source: str) -> Document:
    """Read one YAML document.

    Raises:
        RegisterError: it is not YAML, or uses more of YAML than data needs.
    """
    try:
        _check_events(text)
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            raise RegisterError(f"{source}: expected a register, got an empty document")
        _check_keys(node)
        return Document(loader.construct_document(node), node)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: an impossible date or number
        raise RegisterError(
            f"{source}: expected plain YAML, got what cannot be read: {error}"
        ) from None


def _check_events(text: str) -> None:
    # Before anything recursive touches the text: libyaml overflows the stack on deep nesting.
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        line = event.start_mark.line + 1 if event.start_mark else 1
        if depth > _DEEPEST:
            raise ValueError(f"line {line}: nested more than {_DEEPEST} deep")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "tag", None):
            raise ValueError(f"line {line}: an alias or a tag")


def _check_keys(root: yaml.Node) -> None:
    for node in _walk(root):
        if not isinstance(node, yaml.MappingNode):
            continue
        seen: set[str] = set()
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
                raise ValueError(f"line {line}: a key that is no plain word")
            if key.value in seen:
                raise ValueError(f"line {line}: the key {key.value!r} a second time")
            seen.add(key.value)


def _walk(node: yaml.Node) -> Iterator[yaml.Node]:
    yield node
    if isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from _walk(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _walk(value)


def _child(node: yaml.Node, key: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for name, value in node.value if name.value == key), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        found: yaml.Node = node.value[key]
        return found
    return None
