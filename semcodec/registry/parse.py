"""Reading the text of a register: strict, and everything that is wrong at once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from semcodec.errors import Problem, RegisterError
from semcodec.registry.document import Document, Place, load_document
from semcodec.registry.model import Codec, Provider, Register

__all__ = ["FORMAT", "parse_register"]

T = TypeVar("T")
Entries = list[tuple[Place, T]]

FORMAT = 1
_KEYS = ("register", "providers", "codecs")


def parse_register(text: str, *, source: str = "registry.yaml") -> Register:
    """Read a register.

    Args:
        text: the YAML.
        source: where it came from, for the message.

    Raises:
        RegisterError: the message lists every problem with its line and path.
    """
    document = load_document(text, source)
    problems: list[Problem] = []
    top = _top(document, problems)
    providers = _entries(Provider, "providers", top, document, problems)
    owned = not problems  # a damaged provider would be missed below, which is no second problem
    codecs = _entries(Codec, "codecs", top, document, problems)
    problems += _repetitions(providers, codecs, document)
    problems += _strangers(providers, codecs, document) if owned else ()
    if problems:
        head = f"{source}: {len(problems)} problem{'' if len(problems) == 1 else 's'}"
        raise RegisterError("\n".join([head, *(f"  - {problem}" for problem in problems)]))
    return Register(
        providers=tuple(entry for _, entry in providers), codecs=tuple(entry for _, entry in codecs)
    )


def _problem(document: Document, place: Place, message: str) -> Problem:
    return Problem(".".join(map(str, place)) or "register", message, document.line(place))


def _top(document: Document, problems: list[Problem]) -> dict[str, Any]:
    top = document.value
    if not isinstance(top, dict):
        problems.append(_problem(document, (), f"expected a mapping, got {_short(top)}"))
        return dict.fromkeys(_KEYS, ())
    for key in top:
        if key not in _KEYS:
            message = f"expected one of {', '.join(_KEYS)}, got an unknown key"
            problems.append(_problem(document, (str(key),), message))
    version = top.get("register")
    if version != FORMAT or isinstance(version, bool):
        message = f"expected format {FORMAT}, got {_short(version)}"
        problems.append(_problem(document, ("register",), message))
    return top


def _entries(
    kind: type[T],
    key: str,
    top: dict[str, Any],
    document: Document,
    problems: list[Problem],
) -> Entries[T]:
    raw = top.get(key)
    if not isinstance(raw, (list, tuple)):
        problems.append(_problem(document, (key,), f"expected a list, got {_short(raw)}"))
        return []
    adapter = TypeAdapter(kind)
    good: Entries[T] = []
    for index, entry in enumerate(raw):
        place: Place = (key, index)
        try:
            good.append((place, adapter.validate_python(entry)))
        except ValidationError as error:
            problems += [
                _problem(document, place + detail["loc"], _say(detail["type"], detail))
                for detail in error.errors(include_url=False)
            ]
    return good


def _say(kind: str, detail: Any) -> str:
    if kind == "missing":
        return "expected a value, got none"
    if kind in {"unexpected_keyword_argument", "extra_forbidden"}:
        return "expected no such key"
    message = str(detail["msg"]).removeprefix("Value error, ")
    return f"{message[0].lower()}{message[1:]}, got {_short(detail['input'])}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _repetitions(
    providers: Entries[Provider], codecs: Entries[Codec], document: Document
) -> Iterator[Problem]:
    unique: tuple[tuple[str, Iterable[tuple[Place, Hashable]]], ...] = (
        ("prefix", [(place, entry.prefix) for place, entry in providers]),
        ("code", [(place, entry.code) for place, entry in codecs]),
        ("name", [(place, entry.name) for place, entry in codecs]),
        ("digest", [(place, entry.digest) for place, entry in codecs]),
    )
    for field, values in unique:
        first: dict[Hashable, Place] = {}
        for place, value in values:
            if value in first:
                taken = ".".join(map(str, first[value]))
                message = f"expected a {field} of its own, got {value!r}, taken by {taken}"
                yield _problem(document, (*place, field), message)
            first.setdefault(value, place)


def _strangers(
    providers: Entries[Provider], codecs: Entries[Codec], document: Document
) -> Iterator[Problem]:
    distributions = {entry.distribution for _, entry in providers}
    for place, entry in codecs:
        if entry.provider not in distributions:
            message = f"expected the distribution of a provider, got {entry.provider!r}"
            yield _problem(document, (*place, "provider"), message)
