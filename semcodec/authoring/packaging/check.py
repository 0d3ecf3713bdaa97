"""What a check of a package is, and what it looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from semcodec.authoring.packaging.project import Project
from semcodec.authoring.packaging.wheel import Wheel
from semcodec.discovery.refs import is_name

__all__ = ["Check", "Fault", "Note", "Skip", "Subject"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong.

    Attributes:
        reason: what was expected, what came, and what to do.
        where: ``path:line`` relative to the project's folder; empty where no line says it.
    """

    reason: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth knowing that is not wrong."""

    reason: str


class Skip(Exception):
    """Raised by a check that cannot be made; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A package to be checked.

    Attributes:
        project: its folder.
        unbuilt: why its wheel does not build; empty where it does.
        built: its wheel, unpacked.
        facts: what ``looking`` found; None where its modules are not in the wheel.
    """

    project: Project
    unbuilt: str = ""
    built: Wheel | None = None
    facts: dict[str, Any] | None = None

    @property
    def wheel(self) -> Wheel:
        """The wheel.

        Raises:
            Skip: there is none.
        """
        if self.built is None:
            raise Skip("the wheel does not build")
        return self.built

    @property
    def entries(self) -> dict[str, str]:
        """Entry points of plugins, at least one, named by prefixes.

        Raises:
            Skip: there is none.
        """
        if not self.wheel.entries or not all(map(is_name, self.wheel.entries)):
            raise Skip("there is no entry point that names a prefix")
        return self.wheel.entries

    @property
    def found(self) -> dict[str, Any]:
        """What was found by importing the plugin.

        Raises:
            Skip: it cannot be imported.
        """
        if not self.entries or self.facts is None:
            raise Skip("the module of its entry point is not in the wheel")
        return self.facts


Finding: TypeAlias = "Fault | Note"


@dataclass(frozen=True, slots=True)
class Check:
    """One check; its law is the first line of the function's docstring.

    Attributes:
        id: its name in kebab.
        find: lists what is wrong; raises :class:`Skip` where it cannot be made.
    """

    id: str
    find: Callable[[Subject], Iterable[Finding]]

    @property
    def law(self) -> str:
        """What must hold, in one sentence."""
        return (self.find.__doc__ or "").partition("\n")[0]
