"""Level 4: damaged data gives a DecodeError or a sound value, at a bounded cost."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from semcodec.testing.asking import asked
from semcodec.testing.attack import attack
from semcodec.testing.check import PIPELINE, Fault, NotApplicable, check
from semcodec.testing.processes import ProcessFailed

__all__: list[str] = []

DECODING = ("transform", "quantizer", "model", "coder", "decoder", PIPELINE)
_MOST_CASES = 4
_known: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


def _attacked(subject: Any) -> dict[str, list[tuple[str, str]]] | ProcessFailed:
    """Attack a subject, once; three checks look at what was found."""
    if subject not in _known:
        cases = sorted(subject.cases(), key=lambda case: -case.image.pixels)
        kept = [*cases[: _MOST_CASES - 1], *cases[_MOST_CASES - 1 :][-1:]]
        work = [(case, subject.emitted(case)) for case in kept]
        if not any(subject.decode(case.fresh(), emitted) for case, emitted in work):
            raise NotApplicable("it has no decoder's half")
        memory = subject.tests.memory_limit
        try:
            _known[subject] = asked(subject, "plain", attack, work, subject.home, memory)
        except ProcessFailed as failed:
            _known[subject] = failed
    found: dict[str, list[tuple[str, str]]] | ProcessFailed = _known[subject]
    return found


def _report(subject: Any, which: str) -> None:
    found = _attacked(subject)
    if isinstance(found, ProcessFailed):
        raise NotApplicable(f"see bounded-work: {found.message}")
    if found[which]:
        message, where = found[which][0]
        more = f" (and {len(found[which]) - 1} more)" if len(found[which]) > 1 else ""
        raise Fault(f"{message}{more}", where or subject.where(subject.driver.decodes[0]))


@check(4, DECODING)
def damaged_values(subject: Any) -> None:
    """Truncated, flipped and random data gives a DecodeError or a result as described."""
    _report(subject, "wrong")


@check(4, DECODING)
def bounded_work(subject: Any) -> None:
    """Damaged data takes bounded time and memory, and never takes the process down."""
    found = _attacked(subject)
    if isinstance(found, ProcessFailed):
        where = found.where or subject.where(subject.driver.decodes[0])
        raise Fault(f"on damaged data: {found.message}", where)
    _report(subject, "heavy")


@check(4, DECODING)
def no_side_effects(subject: Any) -> None:
    """Decoding writes no file, opens no connection, starts no process and unpickles nothing."""
    _report(subject, "effects")
