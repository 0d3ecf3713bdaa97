"""Reads spec text: YAML with the scalars of YAML 1.2, every value with its line.

Anchors, aliases and tags are refused, keys are unique strings, and size and depth are bounded, so
a spec is data of exactly the JSON kinds whatever its author intended. The events of the parser are
read, not its node graph, because only they tell what was written: an anchor that nothing uses, a
tag that restates the default.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from semcodec.errors import Problem, SpecError

__all__ = ["MAX_BYTES", "MAX_PROBLEMS", "Document", "clip", "kind_name", "of_data", "parse"]

MAX_BYTES = 1 << 20
MAX_DEPTH = 64
MAX_PROBLEMS = 100
MAX_WHOLE = 2**53

_LARGEST = sys.float_info.max
_SIZE = "expected a number of sensible size"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A spec as data.

    Attributes:
        data: mappings, lists, text, numbers, booleans and None only. Numbers are finite, and
            whole ones beyond 2**53 are floats, as every reader of JSON has them.
        lines: line of each value, counted from 1, by dotted path.
        source: where it came from, for messages.
    """

    data: dict[str, Any]
    lines: dict[str, int] = field(default_factory=dict)
    source: str = "spec"


def parse(text: str, *, source: str = "spec") -> Document:
    """Read spec text.

    Args:
        text: YAML, or JSON whose escapes are no surrogate pairs; at most 1 MiB.
        source: name for messages.

    Raises:
        SpecError: with every problem found, up to a hundred.
    """
    if len(text) > MAX_BYTES:
        message = f"expected at most {MAX_BYTES} characters, got {len(text)}"
        raise SpecError([Problem("", message)], source=source)
    reader = _Reader()
    try:
        data = reader.document(yaml.parse(text, Loader=_LOADER))
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error).split("\n")[0]
        line = mark.line + 1 if mark else 0
        raise SpecError([Problem("", f"not YAML: {what}", line)], source=source) from None
    except _Stop:
        data = None
    if not reader.problems and not isinstance(data, dict):
        reader.problem("", f"expected a mapping of keys, got {kind_name(data)}", 1)
    if reader.problems:
        raise SpecError(reader.problems, source=source)
    assert isinstance(data, dict)
    return Document(data, reader.lines, source)


def of_data(data: object, *, source: str = "spec") -> Document:
    """Take a spec that is data already; what is returned shares nothing with it.

    Raises:
        SpecError: something in it is not of the JSON kinds, or too deep, with its path.
    """
    copied = _copy(data, "", source, 0)
    if not isinstance(copied, dict):
        message = f"expected a mapping of keys, got {kind_name(copied)}"
        raise SpecError([Problem("", message)], source=source)
    return Document(copied, {}, source)


def clip(text: str) -> str:
    """Shorten what a message quotes, so that no message is as long as a spec."""
    return text if len(text) <= 400 else f"{text[:300]} ... {text[-60:]}"


def kind_name(value: object) -> str:
    """Name the kind of a value in the words of YAML."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "a boolean"
    for kind, name in ((dict, "a mapping"), (list, "a list"), (str, "text")):
        if isinstance(value, kind):
            return name
    return "a number" if isinstance(value, (int, float)) else type(value).__name__


def _copy(value: Any, path: str, source: str, depth: int) -> Any:
    problem = ""
    if depth > MAX_DEPTH:
        problem = f"expected at most {MAX_DEPTH} levels"
    elif isinstance(value, dict):
        if all(isinstance(key, str) and not _SURROGATE.search(key) for key in value):
            return {k: _copy(v, _join(path, k), source, depth + 1) for k, v in value.items()}
        problem = "expected keys of plain text"
    elif isinstance(value, (list, tuple)):
        return [_copy(v, _join(path, str(i)), source, depth + 1) for i, v in enumerate(value)]
    elif value is None or isinstance(value, bool):
        return value
    elif isinstance(value, str):
        problem = "expected Unicode text" if _SURROGATE.search(value) else ""
    elif isinstance(value, (int, float)):
        if _sensible(value):
            return value if isinstance(value, float) or abs(value) <= MAX_WHOLE else float(value)
        problem = _SIZE
    else:
        problem = f"expected data of the JSON kinds, got {type(value).__name__}"
    if problem:
        raise SpecError([Problem(clip(path), problem)], source=source)
    return value


def _sensible(number: float) -> bool:
    """Whether it fits binary64; compared, not converted, since whole ones may be of any size."""
    return -_LARGEST <= number <= _LARGEST


class _Stop(Exception):
    """What follows is not worth reading: too deep, or wrong in too many places."""


class _Reader:
    """Turns YAML events into data, collecting lines and problems."""

    def __init__(self) -> None:
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []

    def document(self, events: Iterator[Any]) -> Any:
        """Read the one document that there is; None for an empty text."""
        data = None
        count = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                count += 1
                if count > 1:
                    line = _line(event)
                    return self.problem("", "expected one document, found another", line)
                data = self.value(next(events), events, "", 0)
        return data

    def value(self, event: Any, events: Iterator[Any], path: str, depth: int) -> Any:
        line = _line(event)
        self.lines[path] = line
        if isinstance(event, yaml.AliasEvent):
            return self.problem(path, "aliases are not allowed", line, "write the value out")
        self.plain(event, path, line)
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event, path, line)
        if depth >= MAX_DEPTH:
            # Nothing is read beyond: the parser's time grows with the square of the depth.
            self.problem(path, f"expected at most {MAX_DEPTH} levels", line)
            raise _Stop
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(events, path, depth)
        found: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            found.append(self.value(event, events, _join(path, str(len(found))), depth + 1))
        return found

    def mapping(self, events: Iterator[Any], path: str, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            line = _line(event)
            if not isinstance(event, yaml.ScalarEvent):
                self.problem(path, "expected a key of plain text", line)
                self.value(event, events, path, depth + 1)
                self.value(next(events), events, path, depth + 1)
                continue
            where = _join(path, event.value)
            self.plain(event, where, line)
            if event.value in found:
                self.problem(where, f"key {event.value!r} stands twice", line)
            if _SURROGATE.search(event.value):
                self.problem(path, "expected Unicode text", line)
            found[event.value] = self.value(next(events), events, where, depth + 1)
            self.lines[where] = line
        return found

    def plain(self, event: Any, path: str, line: int) -> None:
        """Refuse what YAML lets stand before a value."""
        if event.anchor is not None:
            self.problem(path, "anchors are not allowed", line, "write the value out")
        if event.tag is not None:
            self.problem(path, f"tag {event.tag!r} is not allowed", line, "leave it out")

    def scalar(self, event: Any, path: str, line: int) -> Any:
        text = str(event.value)
        if _SURROGATE.search(text):
            return self.problem(path, "expected Unicode text", line)
        if event.style in ("'", '"', "|", ">"):
            return text
        if text in _WORDS:
            return _WORDS[text]
        if not _FLOAT.fullmatch(text):
            return text
        number = float(text)
        if not _sensible(number):
            return self.problem(path, _SIZE, line)
        # Python refuses whole numbers of thousands of digits, which floats take for infinite.
        if _INT.fullmatch(text) and abs(int(text)) <= MAX_WHOLE:
            return int(text)
        return number

    def problem(self, path: str, message: str, line: int, hint: str = "") -> None:
        self.problems.append(Problem(clip(path), clip(message), line, hint))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _Stop


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
