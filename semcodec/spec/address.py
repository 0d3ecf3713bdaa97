"""Addresses of parameters and components inside a general form.

quantizer.step                 the only quantizer that there is
image.quantizer.step           of stream ``image``
image.stages.1.step            by position
decoder.realism                of the decoder; likewise ``saliency.`` and ``derive.NAME.``
image.stages.1.of.model        inside a nested pipeline
map.model.inner.scale          inside a nested component
seed, check, wire.step.levels  top-level entries
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from semcodec.spec.nested import instead_of_swap, written_out
from semcodec.spec.problems import nearest

__all__ = ["AddressError", "Place", "locate", "locate_slots"]

SLOTS = ("transform", "quantizer", "model", "coder")
TABLES = ("wire", "encode", "controls", "inputs")

KindOf = Callable[[str], str]


class AddressError(ValueError):
    """An address that names nothing, or more than one thing; the message says which.

    Attributes:
        hint: what to do instead; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address leads.

    Attributes:
        holder: the mapping or list that holds the value.
        key: its key there.
        node: canonical address of the component around it, nested pipelines as a prefix that
            ends in ``/``; empty for top-level entries.
        name: the parameter's name, dotted inside nested components; empty for a component.
    """

    holder: Any
    key: Any
    node: str = ""
    name: str = ""


def locate(form: dict[str, Any], address: str, kind_of: KindOf) -> Place:
    """Find the one thing that an address names.

    Raises:
        AddressError: nothing or several things.
    """
    places = _locate(form, address, kind_of, "", address)
    if len(places) > 1:
        names = ", ".join(f"{p.node}.{p.name}".rstrip(".") for p in places)
        raise AddressError(f"{address!r} is ambiguous: {names}")
    return places[0]


def locate_slots(form: dict[str, Any], address: str, kind_of: KindOf) -> list[Place]:
    """Find the components that an address names; a bare ``coder`` names every stream's.

    Raises:
        AddressError: nothing, or several where only one can be meant.
    """
    places = _locate(form, address, kind_of, "", address)
    for place in places:
        if place.name:
            hint = instead_of_swap(place.holder, place.key, address)
            raise AddressError(f"{address!r} names a parameter, expected a component", hint)
    if len(places) > 1 and address != "coder":
        names = ", ".join(place.node for place in places)
        raise AddressError(f"{address!r} is ambiguous: {names}")
    return places


def _locate(
    form: dict[str, Any], address: str, kind_of: KindOf, prefix: str, whole: str
) -> list[Place]:
    head, *rest = address.split(".")
    if head in ("seed", "check", "name", "description", "output") and not rest:
        if prefix and head in ("seed", "check"):
            raise AddressError(f"{whole!r}: the {head} belongs to the outermost pipeline")
        return [Place(form, head, "", head)]
    if head in TABLES:
        return [_table(form, head, rest, whole)]
    if head in ("decoder", "saliency"):
        if head not in form:
            raise AddressError(f"{whole!r}: the spec has no {head}")
        return _inside(form, head, rest, f"{prefix}{head}", kind_of, whole)
    if head == "derive":
        table = form.get("derive", {})
        if not rest or rest[0] not in table:
            hint = nearest(rest[0] if rest else "", table)
            raise AddressError(f"{whole!r}: no such entry in derive; {hint}".rstrip("; "))
        return _inside(table, rest[0], rest[1:], f"{prefix}derive.{rest[0]}", kind_of, whole)
    streams: dict[str, Any] = form.get("streams", {})
    if head == "streams" and rest:
        head, *rest = rest
    if head in streams:
        return _in_stream(streams[head], head, rest, kind_of, prefix, whole)
    if head not in (*SLOTS, "stages"):
        known = {*streams, *SLOTS, "decoder", "saliency", "derive"}
        raise AddressError(f"{whole!r}: nothing is called {head!r}; {nearest(head, known)}")
    found: list[Place] = []
    reasons = []
    for name, stream in streams.items():
        try:
            found += _in_stream(stream, name, [head, *rest], kind_of, prefix, whole)
        except AddressError as error:
            reasons.append(error)
    if not found:
        raise reasons[0] if len(reasons) == 1 else AddressError(f"{whole!r}: no stream has it")
    return found


def _table(form: dict[str, Any], head: str, rest: list[str], whole: str) -> Place:
    table = form.get(head, {})
    if not rest or rest[0] not in table:
        hint = nearest(rest[0] if rest else "", table)
        raise AddressError(f"{whole!r}: no such entry in {head}; {hint}".rstrip("; "))
    if len(rest) != 2:
        raise AddressError(f"{whole!r}: expected {head}.{rest[0]}.KEY")
    return Place(table[rest[0]], rest[1], "", whole)


def _in_stream(
    stream: dict[str, Any], name: str, rest: list[str], kind_of: KindOf, prefix: str, whole: str
) -> list[Place]:
    if not rest:
        raise AddressError(f"{whole!r} names a stream, expected a component or parameter in it")
    slot, *inside = rest
    stages = stream["stages"]
    if slot in ("model", "coder"):
        if slot not in stream:
            raise AddressError(f"{whole!r}: stream {name!r} has no {slot}")
        return _inside(stream, slot, inside, f"{prefix}{name}.{slot}", kind_of, whole)
    if slot == "stages":
        if not inside or not inside[0].isdigit() or int(inside[0]) >= len(stages):
            raise AddressError(f"{whole!r}: stream {name!r} has stages 0 to {len(stages) - 1}")
        index, inside = int(inside[0]), inside[1:]
    elif slot in SLOTS:
        indexes = [i for i, stage in enumerate(stages) if kind_of(stage["use"]) == slot]
        if len(indexes) != 1:
            count = len(indexes) or "no"
            raise AddressError(f"{whole!r}: stream {name!r} has {count} stages of kind {slot}")
        index = indexes[0]
    else:
        raise AddressError(f"{whole!r}: {nearest(slot, (*SLOTS, 'stages'))}")
    if inside[:1] == ["of"] and isinstance(stages[index].get("of"), dict):
        deeper = ".".join(inside[1:])
        return _locate(stages[index]["of"], deeper, kind_of, f"{prefix}{name}/", whole)
    return _inside(stages, index, inside, f"{prefix}{name}.stages.{index}", kind_of, whole)


def _inside(
    holder: Any, key: Any, rest: list[str], node: str, kind_of: KindOf, whole: str
) -> list[Place]:
    if not rest:
        return [Place(holder, key, node)]
    value = holder[key]
    for depth, step in enumerate(rest[:-1]):
        inner = value.get(step)
        if isinstance(inner, str) and step not in ("use", "of"):
            inner = value[step] = {"use": inner}
        if not isinstance(inner, dict):
            address = whole.split(".")[: depth + 1 - len(rest)]
            raise AddressError(
                f"{whole!r}: the spec writes no component {step!r} out there",
                written_out(value, step, ".".join(address)),
            )
        value = inner
    return [Place(value, rest[-1], node, ".".join(rest))]
