"""What differs between two specs, or between two coded files, by address."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semcodec.engine.api import load
from semcodec.engine.candidates import Candidates
from semcodec.engine.codec import Codec
from semcodec.engine.inspect import Inspection, inspect
from semcodec.errors import ImageError, PluginError, SettingError
from semcodec.spec.lock import decode_form, full_form

__all__ = ["Difference", "Differences", "between", "compare_codecs", "compare_files"]

_ABSENT = "-"
_WORDS = ("description", "doc")  # they say what a codec does and change nothing of it


@dataclass(frozen=True, slots=True)
class Difference:
    """One address with what stands there on either side; ``-`` for nothing."""

    address: str
    one: str
    other: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """All that differs.

    Attributes:
        differences: by address.
        same_decoder: whether files of the one decode with the other to the same pixels; None
            where that cannot be told.
        verdict: the same in a sentence.
    """

    differences: tuple[Difference, ...]
    same_decoder: bool | None
    verdict: str


def between(one: str, other: str) -> Differences:
    """Compare what two arguments name: both specs, or both coded files.

    Raises:
        SettingError: one is a spec and the other a file.
        ImageError: a file cannot be read.
        DecodeError: a file is damaged.
        SpecError: a spec makes no sense.
        ComponentNotFound: nothing installed has that name.
    """
    files = [_is_coded(each) for each in (one, other)]
    if files[0] != files[1]:
        coded, spec = (one, other) if files[0] else (other, one)
        raise SettingError(
            f"expected two specs or two coded files: {coded} is a file, {spec} a spec",
            hint=f"semcodec inspect {coded} says which codec it is of.",
        )
    if files[0]:
        return compare_files(_read(one), _read(other))
    return compare_codecs(load(one), load(other))


def compare_codecs(one: Codec, other: Codec) -> Differences:
    """Compare two codecs by every parameter of their general forms, defaults included, docs not.

    Raises:
        SettingError: one chooses between candidates; each is to be compared by itself.
    """
    for codec in (one, other):
        if isinstance(codec, Candidates):
            codec.lock()  # raises, naming the candidates
    found = _differences(full_form(one.pipeline), full_form(other.pipeline))
    same = one.digest == other.digest
    digests = f"({one.digest[:8]}, {other.digest[:8]})"
    if same and one.full_digest == other.full_digest:
        verdict = "They are the same codec."
    elif same:
        verdict = f"The decoders are the same ({one.digest[:8]}): only the encoders differ."
    else:
        verdict = f"The decoders differ {digests}: files of one do not decode with the other."
    return Differences(differences=found, same_decoder=same, verdict=verdict)


def compare_files(one: bytes, other: bytes) -> Differences:
    """Compare two coded files: pictures, codecs, settings and bytes of every part.

    Raises:
        DecodeError: one is no coded file, or damaged.
    """
    left, right = inspect(one), inspect(other)
    found = _differences(_facts(left), _facts(right))
    known = min(len(left.digest), len(right.digest))
    alike = left.digest[:known] == right.digest[:known]
    whole = known == 64
    same = alike if whole or not alike else None
    if one == other:
        verdict = "The files are equal."
    elif same:
        verdict = f"One decoder reads both ({left.digest[:8]})."
    elif same is None:
        verdict = f"Perhaps one decoder reads both: {left.digest[:known]} is all there is to tell."
    else:
        verdict = f"Their decoders differ ({left.digest[:8]}, {right.digest[:8]})."
    return Differences(differences=found, same_decoder=same, verdict=verdict)


def _facts(file: Inspection) -> dict[str, Any]:
    facts: dict[str, Any] = {
        name: getattr(file, name)
        for name in ("size", "form", "name", "digest", "width", "height", "channels", "depth")
    }
    facts["origin"] = file.codec
    facts["settings"] = file.settings
    facts["parts"] = {part.name: part.size for part in file.parts}
    facts["codec"] = file.lock if file.lock is not None else _form(file)
    return facts


def _form(file: Inspection) -> dict[str, Any]:
    """The spec of a registered codec, where it is installed; without it the digests tell enough."""
    try:
        codec = load(file.name) if file.name else None
    except PluginError:
        return {}
    return decode_form(codec.pipeline) if codec is not None and codec.digest == file.digest else {}


def _differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[Difference, ...]:
    left, right = dict(_flat(one)), dict(_flat(other))
    addresses = dict.fromkeys([*left, *right])
    return tuple(
        Difference(address, left.get(address, _ABSENT), right.get(address, _ABSENT))
        for address in addresses
        if address.rpartition(".")[2] not in _WORDS and left.get(address) != right.get(address)
    )


def _flat(value: Any, address: str = "") -> Iterator[tuple[str, str]]:
    """List every scalar with its address, as ``--set`` would name it."""
    inside: Iterator[tuple[Any, Any]]
    if isinstance(value, Mapping) and value:
        inside = iter(value.items())
    elif isinstance(value, (list, tuple)) and any(isinstance(v, Mapping) for v in value):
        inside = iter(enumerate(value))
    else:
        yield (
            address.removeprefix("streams."),
            value if isinstance(value, str) else json.dumps(value),
        )
        return
    for key, each in inside:
        yield from _flat(each, f"{address}.{key}" if address else str(key))


def _is_coded(name: str) -> bool:
    path = Path(name)
    try:
        return path.is_file() and path.suffix.lower() not in (".yaml", ".yml", ".json")
    except (OSError, ValueError):
        return False


def _read(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise ImageError(f"{name}: cannot be read: {error.strerror}") from None
