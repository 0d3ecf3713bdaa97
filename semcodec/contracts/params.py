"""Components as data classes: their annotated fields are their parameters.

    @component
    class DeadZone(Quantizer):
        step: Annotated[float, Gt(0)] = 8.0
        zone: EncodeOnly[float] = 0.6

The fields are what a spec may set; ``EncodeOnly`` marks those that the decoder never needs, which
therefore take no part in the codec's identity. Bounds are those of ``annotated_types``.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import types
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import (
    Annotated,
    Any,
    ClassVar,
    TypeAlias,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    overload,
)

from annotated_types import Ge, Gt, Interval, Le, Len, Lt
from typing_extensions import dataclass_transform

__all__ = [
    "RESERVED",
    "EncodeOnly",
    "Ge",
    "Gt",
    "Interval",
    "Le",
    "Len",
    "Lt",
    "Parameter",
    "Parametric",
    "component",
    "memoised",
    "of_format",
    "parameters",
    "replace",
]

T = TypeVar("T")
C = TypeVar("C", bound="Parametric")
F = TypeVar("F", bound=Callable[..., Any])


def memoised(function: F) -> F:
    """Keep every result; the arguments are classes, of which there are few."""
    return cast("F", cache(function))


class _EncodeOnlyMark:
    """Marks a parameter that the decoder never needs."""

    def __repr__(self) -> str:
        return "EncodeOnly"


ENCODE_ONLY = _EncodeOnlyMark()
DETERMINISM = ("bitexact", "stable", "seeded", "free")
RESERVED = frozenset({"use", "guides", "inputs", "of"})
"""Keys that stand beside the parameters in YAML and therefore name none."""
EncodeOnly: TypeAlias = Annotated[T, ENCODE_ONLY]
"""Marks a field that the decoder never needs, ``EncodeOnly[float]``, and whose default it takes.

Such a parameter stands neither in the decode digest nor in a private codec's file, so another value
of it changes no codec: mark what only the encoder's half reads, and nothing else. The mark is
outermost: ``EncodeOnly[Annotated[float, Gt(0)]]``.
"""


class Parametric:
    """Base of everything that a spec can build: a frozen data class with a kind and a format.

    Attributes:
        kind: one of the component kinds, set by the abstract base.
        format: counts up whenever the same parameters give other bits or pixels.
        ports: its named inputs beside the main one.
    """

    kind: ClassVar[str] = ""
    format: ClassVar[int] = 1
    ports: ClassVar[Mapping[str, Any]] = {}
    _changed: ClassVar[Mapping[int, Mapping[str, Any]]] = {}


@dataclasses.dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a component.

    Attributes:
        name: the field's name, the key in YAML.
        annotation: its type with bounds, without the ``EncodeOnly`` mark.
        default: its default, or ``dataclasses.MISSING`` when it must be given.
        encode_only: the decoder never needs it.
        nested: the component kind it takes, or an empty string for plain values.
        doc: its line of the class docstring's ``Attributes:`` section.
    """

    name: str
    annotation: Any
    default: Any
    encode_only: bool
    nested: str
    doc: str

    @property
    def required(self) -> bool:
        """Whether a spec must give it."""
        return self.default is dataclasses.MISSING


@overload
def component(cls: type[C]) -> type[C]: ...


@overload
def component(
    *, format: int = ..., changed: Mapping[int, Mapping[str, Any]] | None = ...
) -> Callable[[type[C]], type[C]]: ...


@dataclass_transform(
    frozen_default=True, kw_only_default=True, field_specifiers=(dataclasses.field,)
)
def component(
    cls: type[C] | None = None,
    *,
    format: int = 1,  # noqa: A002 - the field's own word for it
    changed: Mapping[int, Mapping[str, Any]] | None = None,
) -> type[C] | Callable[[type[C]], type[C]]:
    """Make a class a component: a frozen, keyword-only data class.

    Args:
        cls: a subclass of one of the component kinds.
        format: counts up whenever the same parameters give other bits or pixels.
        changed: for each earlier format, the defaults as they were then, where the next format
            changed them. ``id@N`` in a spec builds the component with those.

    Raises:
        TypeError: the class has no kind or lacks a method; a field has no annotation, a mutable
            type, a mutable default or a name that means something else in YAML; an ``EncodeOnly``
            mark hides inside another type or its field has no default (a decoder must be able to
            build it); ``changed`` names a format that is not earlier or a field that is not there.
    """

    def make(target: type[C]) -> type[C]:
        if not getattr(target, "kind", ""):
            raise TypeError(f"{target.__name__} must derive from a component kind")
        if target.__dict__.get("__abstractmethods__"):
            lacking = ", ".join(sorted(target.__abstractmethods__))  # type: ignore[attr-defined]
            raise TypeError(f"{target.__name__} lacks the methods {lacking}")
        _refuse_bare_fields(target)
        promise = getattr(target, "determinism", "stable")
        if promise not in DETERMINISM:
            raise TypeError(
                f"{target.__name__}.determinism must be one of {', '.join(DETERMINISM)}, "
                f"got {promise!r}"
            )
        if isinstance(format, bool) or not isinstance(format, int) or format < 1:
            raise TypeError(
                f"{target.__name__}: format must be a whole number from 1, got {format}"
            )
        try:
            made: Any = dataclasses.dataclass(frozen=True, kw_only=True)(target)
        except ValueError as error:  # what dataclasses says of a list as default
            raise TypeError(f"{target.__name__}: {error}; a tuple will do") from None
        made.format = format
        made._changed = {n: dict(d) for n, d in (changed or {}).items()}
        names = {f.name for f in dataclasses.fields(made)}
        for item in parameters(made):
            _refuse_parameter(target.__name__, item)
        for number, defaults in made._changed.items():
            if not 1 <= number < format:
                raise TypeError(f"{target.__name__}: format {number} is not before {format}")
            unknown = set(defaults) - names
            if unknown:
                raise TypeError(f"{target.__name__}: no field {min(unknown)!r} to change")
        return cast("type[C]", made)

    return make if cls is None else make(cls)


def _refuse_bare_fields(cls: type) -> None:
    """A field without annotation would silently be no parameter."""
    annotated = {name for base in cls.__mro__ for name in inspect.get_annotations(base)}
    for name, value in vars(cls).items():
        inherited = any(hasattr(base, name) for base in cls.__bases__)
        described = hasattr(type(value), "__get__") or isinstance(value, type)
        if not (name.startswith("_") or name in annotated or inherited or described):
            raise TypeError(f"{cls.__name__}.{name} has no annotation; write {name}: TYPE = ...")


def _refuse_parameter(owner: str, item: Parameter) -> None:
    where = f"{owner}.{item.name}"
    if item.name in RESERVED or item.name.startswith("_") or hasattr(Parametric, item.name):
        raise TypeError(f"{where}: the name means something else in a spec; choose another")
    if item.encode_only and item.required:
        raise TypeError(f"{where}: EncodeOnly needs a default")
    for part in _parts(item.annotation):
        if part is ENCODE_ONLY:
            raise TypeError(f"{where}: EncodeOnly must be outermost, EncodeOnly[X | None]")
        base = get_origin(part) or part
        if inspect.isclass(base) and issubclass(base, (list, dict, set, bytearray)):
            raise TypeError(
                f"{where}: a component compares and hashes by its parameters, and a "
                f"{base.__name__} cannot; use a tuple"
            )


def _parts(annotation: Any) -> Iterator[Any]:
    """Walk through an annotation: itself, and what it is made of."""
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


@memoised
def of_format(cls: type[C], number: int) -> type[C]:
    """Give the class as it stood at an earlier format: same code, that format's defaults.

    Raises:
        ValueError: no such format.
    """
    if number == cls.format:
        return cls
    if not 1 <= number < cls.format:
        raise ValueError(f"format {number} does not exist, the newest is {cls.format}")
    defaults: dict[str, Any] = {}
    for earlier in range(cls.format - 1, number - 1, -1):
        defaults.update(cls._changed.get(earlier, {}))
    space: dict[str, Any] = {"__doc__": cls.__doc__, "__module__": cls.__module__}
    hints = get_type_hints(cls, include_extras=True)
    space["__annotations__"] = {name: hints[name] for name in defaults}
    space.update(defaults)
    older = types.new_class(cls.__name__, (cls,), {}, lambda ns: ns.update(space))
    made: Any = dataclasses.dataclass(frozen=True, kw_only=True)(older)
    made.format = number
    return cast("type[C]", made)


def replace(instance: C, **changes: Any) -> C:
    """Copy a component with other parameters; an unchanged one is returned as it is."""
    return dataclasses.replace(instance, **changes) if changes else instance  # type: ignore[type-var]


@memoised
def parameters(cls: type[Parametric]) -> tuple[Parameter, ...]:
    """List a component's parameters, in the order of its fields."""
    hints = get_type_hints(cls, include_extras=True)
    docs = _attribute_docs(cls)
    found = []
    for item in dataclasses.fields(cls):  # type: ignore[arg-type]
        annotation, encode_only = _strip(hints[item.name])
        default = item.default
        if default is dataclasses.MISSING and item.default_factory is not dataclasses.MISSING:
            default = item.default_factory()
        found.append(
            Parameter(
                name=item.name,
                annotation=annotation,
                default=default,
                encode_only=encode_only,
                nested=_nested_kind(annotation),
                doc=docs.get(item.name, ""),
            )
        )
    return tuple(found)


def _strip(annotation: Any) -> tuple[Any, bool]:
    """Take the encode-only mark off an annotation, keeping its other metadata."""
    if get_origin(annotation) is not Annotated:
        return annotation, False
    base, *marks = get_args(annotation)
    kept = [mark for mark in marks if mark is not ENCODE_ONLY]
    inner: Any = base
    for mark in kept:
        inner = Annotated[inner, mark]
    return inner, len(kept) != len(marks)


def _nested_kind(annotation: Any) -> str:
    base = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    options = get_args(base) if get_origin(base) in (types.UnionType, Union) else (base,)
    for option in options:
        if inspect.isclass(option) and issubclass(option, Parametric):
            return option.kind
    return ""


def _attribute_docs(cls: type) -> dict[str, str]:
    """Read the ``Attributes:`` sections of the class and its bases."""
    docs: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        text = inspect.cleandoc(base.__dict__.get("__doc__") or "")
        section = re.search(r"^Attributes:\n((?:[ \t]+.*\n?|\n)+)", text, re.MULTILINE)
        if not section:
            continue
        body = inspect.cleandoc("\n" + section.group(1))
        for entry in re.split(r"\n(?=\S)", body):
            name, found, rest = entry.partition(":")
            if found:
                docs[name.split("(")[0].strip()] = " ".join(rest.split())
    return docs
