"""One check of one subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from semcodec.testing.check import Check

if TYPE_CHECKING:
    from semcodec.testing.subject import Subject

__all__ = ["Trial"]


class Trial(NamedTuple):
    """One check of one subject.

    Attributes:
        check: the check.
        subject: what it looks at.
        expected: why it is expected to fail; empty where it is not.
    """

    check: Check
    subject: Subject
    expected: str
