"""What a check is, and the ways in which one ends other than by passing."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

__all__ = [
    "CHECKS",
    "COMPONENTS",
    "PIPELINE",
    "Blocked",
    "Check",
    "Fault",
    "NotApplicable",
    "check",
]

PIPELINE = "pipeline"
COMPONENTS = (
    "saliency",
    "transform",
    "quantizer",
    "model",
    "coder",
    "decoder",
    "metric",
    "dataset",
)
"""The kinds of components, in the order in which a picture meets them."""

Function: TypeAlias = Callable[[Any], None]


class Fault(AssertionError):
    """A law is broken.

    Attributes:
        message: what was expected and what came.
        where: ``path:line`` of the class, method or field to look at; empty where there is none.
    """

    def __init__(self, message: str, where: str = "") -> None:
        self.message = message
        self.where = where
        super().__init__(f"{message}\n  look at {where}" if where else message)


class NotApplicable(Exception):
    """A check has nothing to say of a subject; the message is the reason."""


class Blocked(NotApplicable):
    """What a check builds on fails already, which another check reports.

    So one fault fails one check. Whoever runs a check raises the fault itself where the check is
    the one that reports it.

    Attributes:
        by: id of the check that reports the fault.
        fault: the fault.
    """

    def __init__(self, by: str, fault: Fault) -> None:
        self.by = by
        self.fault = fault
        super().__init__(f"see {by}: {fault.message.splitlines()[0]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One law that a subject is held against.

    Attributes:
        id: its name in lower-case kebab.
        level: 0 description, 1 contract, 2 exactness, 3 devices, 4 hostile input.
        kinds: kinds of component that it applies to, or ``pipeline``.
        law: the law, in a sentence.
        function: takes a subject; raises :class:`Fault` or :class:`NotApplicable`.
    """

    id: str
    level: int
    kinds: frozenset[str]
    law: str
    function: Function

    def run(self, subject: Any) -> None:
        """Hold a subject against the law.

        Raises:
            Fault: the law is broken.
            NotApplicable: it has nothing to say of this subject, or cannot.
        """
        __tracebackhide__ = True
        try:
            self.function(subject)
        except Blocked as blocked:
            if blocked.by != self.id:
                raise
            raise blocked.fault from blocked.__cause__


CHECKS: dict[str, Check] = {}
"""Every check by its id, as far as its module has been imported (``all_checks`` imports all)."""


def check(level: int, *kinds: str | Iterable[str]) -> Callable[[Function], Function]:
    """Register a function as a check; its name in kebab is the id, its docstring the law.

    Args:
        level: 0 to 4.
        kinds: kinds that it applies to, or groups of them.
    """
    listed = [[kind] if isinstance(kind, str) else kind for kind in kinds]

    def register(function: Function) -> Function:
        name = function.__name__.replace("_", "-")
        law = " ".join(inspect.cleandoc(function.__doc__ or "").partition("\n\n")[0].split())
        assert name not in CHECKS
        assert law
        CHECKS[name] = Check(
            id=name,
            level=level,
            kinds=frozenset(kind for group in listed for kind in group),
            law=law,
            function=function,
        )
        return function

    return register
