"""The names of a new plugin: well formed, and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from semcodec.discovery import catalog
from semcodec.discovery.metadata import normalized, registrations
from semcodec.discovery.refs import is_name
from semcodec.discovery.scan import CORE, LOCAL
from semcodec.errors import SettingError
from semcodec.registry import CORE as BARE
from semcodec.registry import load_register

__all__ = ["RESERVED", "Names", "check_free", "names_of"]

RESERVED = (BARE, CORE, LOCAL)
"""Prefixes that mean something else."""
_LONGEST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a plugin is called.

    Attributes:
        distribution: its name on package indexes, ``semcodec-NAME``, and of its folder.
        prefix: what its ids start with; its entry point.
        author: who wrote it; may be empty.
    """

    distribution: str
    prefix: str
    author: str = ""

    @property
    def package(self) -> str:
        """Its import package."""
        return self.distribution.replace("-", "_")


def names_of(name: str, *, prefix: str | None = None, author: str = "") -> Names:
    """Make the names of a plugin from what its author typed.

    Args:
        name: with or without ``semcodec-`` in front.
        prefix: prefix of its ids; None for the name.
        author: who wrote it.

    Raises:
        SettingError: one of them cannot be such a name.
    """
    short = name.removeprefix(f"{CORE}-")
    for what, word in (("name", short), ("prefix", short if prefix is None else prefix)):
        if not is_name(word) or not word[0].isalpha() or len(word) > _LONGEST:
            raise SettingError(
                f"expected a {what} of lower-case letters and digits, words joined by single "
                f"hyphens, a letter first, at most {_LONGEST} characters, got {word!r}",
                hint="For example: semcodec plugins new acme",
            )
        if word in RESERVED:
            raise SettingError(
                f"the {what} {word!r} is reserved",
                hint="Choose another, such as the name of your method or group.",
            )
    if re.search(r'["\\]|[^\S ]', author) or not author.isprintable() or len(author) > 100:
        raise SettingError(
            f"expected an author's name on one line without quotes, got {author!r:.120}"
        )
    return Names(
        distribution=f"{CORE}-{short}", prefix=short if prefix is None else prefix, author=author
    )


def check_free(names: Names, pipelines: Iterable[str]) -> None:
    """Refuse names that the register or an installed distribution has.

    Args:
        names: the plugin's.
        pipelines: the names of its pipelines.

    Raises:
        SettingError: one is taken; the message says by whom.
    """
    ours = names.distribution
    for claim in registrations():
        if normalized(claim.distribution) == ours:
            raise SettingError(
                f"{ours} is installed already ({claim.label})",
                hint=f"Choose another name, or: pip uninstall {ours}",
            )
        if claim.name == names.prefix:
            raise _taken(f"prefix {names.prefix!r}", f"{claim.label}, which is installed")
    register = load_register()
    owner = next((each for each in register.providers if each.prefix == names.prefix), None)
    if owner is not None and owner.distribution != ours:
        raise _taken(f"prefix {names.prefix!r}", f"{owner.distribution} in registry.yaml")
    installed = catalog().pipelines()
    for name in pipelines:
        codec = register.pipeline(name)
        if codec is not None and codec.provider != ours:
            raise _taken(f"pipeline name {name!r}", f"{codec.provider} in registry.yaml")
        if name in installed:
            owner_name = catalog().pipeline(name).distribution
            raise _taken(f"pipeline name {name!r}", f"{owner_name}, which is installed")


def _taken(what: str, whose: str) -> SettingError:
    return SettingError(f"the {what} is taken by {whose}", hint="Choose another with --prefix.")
