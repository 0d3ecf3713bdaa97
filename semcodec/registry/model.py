"""The public register: which wire codes and component prefixes are taken, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Interval, Len
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Strict,
    StringConstraints,
    WithJsonSchema,
)

__all__ = ["CORE", "Codec", "Provider", "Register", "WireField", "can_be_registered"]

CORE = "core"
"""The prefix that stands for bare ids, those without a dot."""

_NAME = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_SETTING = r"^[a-z][a-z0-9._/-]{0,63}$"
_LEVELS = (2, 65536)
_CODES = ((1, 95), (128, 16383))
_Name = Annotated[str, Strict(), StringConstraints(pattern=_NAME, max_length=64)]
_Section = Annotated[str, Strict(), StringConstraints(pattern=r"^[a-z0-9][a-z0-9._+/-]{0,127}$")]
_Setting = Annotated[str, Strict(), StringConstraints(pattern=_SETTING)]
_Digest = Annotated[str, Strict(), StringConstraints(pattern=r"^[0-9a-f]{64}$")]
# Both are shown to people who will click or paste them: one printable line, nothing chained to it.
_Home = Annotated[str, Strict(), StringConstraints(pattern=r"^https://[!-~]{1,200}$")]
_Install = Annotated[
    str, Strict(), StringConstraints(pattern=r"^pip install [A-Za-z0-9][A-Za-z0-9._,\[\]-]{0,99}$")
]
_Description = Annotated[
    # One line of printable characters: it is shown in tables and terminals.
    str, Strict(), StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]{0,200}$")
]
# What a program that reads YAML as data checks, where a validator of ours is no part of it.
_CODE_SCHEMA = {
    "type": "integer",
    "anyOf": [{"minimum": low, "maximum": high} for low, high in _CODES],
}
_WIRE_SCHEMA = {
    "type": "object",
    "maxProperties": 64,
    "propertyNames": {"pattern": _SETTING},
    "additionalProperties": {"type": "integer", "minimum": _LEVELS[0], "maximum": _LEVELS[1]},
}


def can_be_registered(code: int) -> bool:
    """Whether a wire code is one that the register gives out; the others are for experiments."""
    return any(low <= code <= high for low, high in _CODES)


def _registered_code(code: int) -> int:
    if not can_be_registered(code):
        raise ValueError("expected a wire code from 1 to 95 or from 128 to 16383")
    return code


def _wire_fields(value: Any) -> Any:
    # The order of keys in YAML means nothing; the order on the wire is that of the names.
    if not isinstance(value, dict):
        raise ValueError("expected a mapping of setting names to numbers of levels")
    return [{"name": key, "levels": value[key]} for key in sorted(value, key=str)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A distribution that owns a component prefix.

    Attributes:
        prefix: what its component ids start with, before the dot; ``core`` for bare ids.
        distribution: name on the package index.
        home: web page, https.
        install: the command that installs it, ``pip install ...``.
        status: ``available``, or ``planned`` while nothing can be installed.
        description: what it brings, for people and for searching; may be empty.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    prefix: _Name
    distribution: _Name
    home: _Home
    install: _Install
    status: Literal["available", "planned"]
    description: _Description = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WireField:
    """A wire setting.

    Attributes:
        name: its name in the spec.
        levels: how many values it may take, 2 to 65536; its radix in the packed settings.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: _Setting
    levels: Annotated[int, Strict(), Interval(ge=_LEVELS[0], le=_LEVELS[1])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """A registered pipeline.

    Attributes:
        code: its wire code, 1 to 95 (one byte) or 128 to 16383 (two bytes). 0 is private, 96 to
            127 are for experiments and never registered.
        name: name of the pipeline.
        provider: the distribution that ships it.
        digest: decode digest of its lock, 64 hexadecimal digits.
        sections: names of its sections, in the order of the file.
        wire: its wire settings, sorted by name, as they are packed.
        status: ``draft`` while its weights or lock may change, ``permanent`` once they may not,
            ``deprecated`` when new files should not use it; files decode for ever.
        description: what it is, for people and for searching; may be empty.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    code: Annotated[
        int, Strict(), Ge(0), AfterValidator(_registered_code), WithJsonSchema(_CODE_SCHEMA)
    ]
    name: _Name
    provider: _Name
    digest: _Digest
    sections: Annotated[tuple[_Section, ...], Len(0, 64)]
    wire: Annotated[
        tuple[WireField, ...],
        Len(0, 64),
        BeforeValidator(_wire_fields),
        WithJsonSchema(_WIRE_SCHEMA),
    ]
    status: Literal["draft", "permanent", "deprecated"]
    description: _Description = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Everything registered.

    Attributes:
        providers: who owns which prefix.
        codecs: which pipeline has which code.
    """

    providers: tuple[Provider, ...]
    codecs: tuple[Codec, ...]

    def code(self, code: int) -> Codec | None:
        """Find the codec of a wire code; None when the code is free."""
        return next((codec for codec in self.codecs if codec.code == code), None)

    def pipeline(self, name: str) -> Codec | None:
        """Find the codec of a pipeline's name; None when it is not registered."""
        return next((codec for codec in self.codecs if codec.name == name), None)

    def provider_of(self, component_id: str) -> Provider | None:
        """Find the owner of a component id by its prefix; bare ids are the core's.

        Args:
            component_id: such as ``anchors.jpeg``, ``anchors.jpeg@1`` or ``dct``.
        """
        prefix, dot, _ = component_id.partition(".")
        wanted = prefix if dot else CORE
        return next((provider for provider in self.providers if provider.prefix == wanted), None)

    def install_hint(self, name: str) -> str:
        """Say how to install what provides a component id or a registered pipeline.

        Args:
            name: a component id with its prefix, or the name of a pipeline.

        Returns:
            A command such as ``pip install semcodec-anchors``. Empty when the register does not
            know the name, when it is a bare id, or while its provider is only planned: a command
            that installs nothing of ours today may install something of a stranger's.
        """
        owner = self._owner(name)
        return owner.install if owner is not None and owner.status == "available" else ""

    def planned(self, name: str) -> str:
        """Say who will provide a name while nothing can be installed; empty otherwise.

        Args:
            name: a component id with its prefix, or the name of a pipeline.
        """
        owner = self._owner(name)
        if owner is None or owner.status != "planned":
            return ""
        what = f"Pipeline {name!r}" if self.pipeline(name) else f"Ids of {owner.prefix!r}"
        return f"{what} will come with {owner.distribution}, which is not out yet."

    def distribution(self, name: str) -> Provider | None:
        """Find a provider by its distribution; None when no prefix is its own."""
        return next((owner for owner in self.providers if owner.distribution == name), None)

    def _owner(self, name: str) -> Provider | None:
        """Find who provides a pipeline or, by its prefix, a component; None for a bare id."""
        codec = self.pipeline(name)
        if codec is not None:
            return self.distribution(codec.provider)
        return self.provider_of(name) if "." in name else None
