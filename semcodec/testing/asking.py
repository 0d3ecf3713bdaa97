"""Asks another process about a subject, and says whose matter it is when it cannot answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from semcodec.testing import questions
from semcodec.testing.case import Case
from semcodec.testing.check import Blocked, Fault, NotApplicable
from semcodec.testing.processes import ProcessFailed, ask

if TYPE_CHECKING:
    from semcodec.testing.subject import Subject

__all__ = ["asked"]

_REPORTS: Mapping[str, str] = {
    "plain": "fresh-process",
    "hashed": "hash-seed",
    "threaded": "threads",
}
"""Which check reports that one of the processes fails where this one does not."""


def asked(
    subject: Subject, setting: str, function: Any, work: list[tuple[Case, Any]], *args: Any
) -> Any:
    """Ask about what the encoder's half gave in this process.

    Args:
        subject: what is asked about.
        setting: which process.
        function: takes what :meth:`Subject.known_as` says, the work and the other arguments.
        work: cases, and what the encoder's half made of them.
        args: further arguments.

    Raises:
        Blocked: the subject fails there and not here.
        NotApplicable: it cannot be made there.
        ProcessFailed: it ended the process, or took too long.
    """
    limit, home = subject.tests.time_limit, subject.home
    known = subject.known_as()
    try:
        return ask(setting, function, known, work, *args, limit=limit, home=home)
    except ProcessFailed as failed:
        if failed.ended:
            raise
        try:
            ask(setting, questions.signed, known, limit=limit, home=home)
        except ProcessFailed as broken:
            message = f"see builds-in-a-new-process: {broken.message}"
            raise NotApplicable(message) from failed
        for case, emitted in work:
            subject.decode(case.fresh(), emitted)  # blocked by runs where it fails here as well
        fault = Fault(
            f"it decodes here and not in another process: {failed.message}",
            failed.where or subject.where(subject.driver.decodes[0]),
        )
        raise Blocked(_REPORTS[setting], fault) from failed
