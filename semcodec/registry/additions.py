"""The law of the register: it only grows."""

from __future__ import annotations

from dataclasses import replace

from semcodec.registry.model import Codec, Provider, Register

__all__ = ["additions_problems"]


def additions_problems(old: Register, new: Register) -> list[str]:
    """Compare two releases of the register.

    Entries may be added. Beyond that:

    - a draft codec may change in everything but its code and its name, and may become permanent
      or deprecated;
    - a permanent codec may become deprecated;
    - a planned provider may change in everything but its prefix, and may become available;
    - a description may be added where there was none.

    Nothing is ever removed, so that no code and no prefix is given to anyone else.

    Returns:
        One sentence for each edit that breaks the law; empty when there is none.
    """
    problems: list[str] = []
    owners = {provider.prefix: provider for provider in new.providers}
    for provider in old.providers:
        problems += _provider_problems(provider, owners.get(provider.prefix))
    for codec in old.codecs:
        problems += _codec_problems(codec, new.code(codec.code))
    return problems


def _provider_problems(old: Provider, new: Provider | None) -> list[str]:
    if new is None:
        return [f"prefix {old.prefix}: expected to stay, got removed"]
    if old.status == "planned":
        return []
    return [
        f"prefix {old.prefix}: expected {name} to stay {before!r}, got {after!r}"
        for name, before, after in _differences(old, new)
    ]


def _codec_problems(old: Codec, new: Codec | None) -> list[str]:
    if new is None:
        return [f"code {old.code} ({old.name}): expected to stay, got removed"]
    if old.status == "draft":
        allowed = replace(new, name=old.name)
    elif old.status == "permanent" and new.status == "deprecated":
        allowed = replace(old, status="deprecated")
    else:
        allowed = old
    return [
        f"code {old.code} ({old.name}): expected {name} to stay {before!r}, got {after!r}"
        for name, before, after in _differences(allowed, new)
    ]


def _differences(old: Provider | Codec, new: Provider | Codec) -> list[tuple[str, object, object]]:
    pairs = ((name, getattr(old, name), getattr(new, name)) for name in old.__dataclass_fields__)
    return [
        (name, before, after)
        for name, before, after in pairs
        if before != after and not (name == "description" and before == "")
    ]
