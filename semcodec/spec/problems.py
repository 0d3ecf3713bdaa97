"""Collects everything that is wrong with a spec, so that one run reports all of it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from semcodec.errors import GraphError, Problem, SpecError
from semcodec.spec.text import MAX_PROBLEMS, clip

__all__ = ["Problems", "nearest"]


def nearest(word: str, known: Iterable[str]) -> str:
    """Suggest the known name that a mistyped one probably meant, or list a few."""
    options = sorted(known)
    close = difflib.get_close_matches(word[:100], options, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    if not options:
        return ""
    shown = ", ".join(options[:8]) + (", ..." if len(options) > 8 else "")
    return f"known: {shown}"


class Problems:
    """A growing list of problems with the lines of the text they stand in.

    Attributes:
        found: the problems so far.
    """

    def __init__(self, source: str, lines: Mapping[str, int] | None = None) -> None:
        self.source = source
        self.lines = lines or {}
        self.found: list[Problem] = []

    def add(self, path: str, message: str, hint: str = "") -> None:
        """Note a problem at a dotted path; beyond the first hundred they help nobody."""
        if len(self.found) < MAX_PROBLEMS:
            self.found.append(Problem(clip(path), clip(message), self._line(path), clip(hint)))

    def unknown(self, path: str, what: str, word: str, known: Iterable[str]) -> None:
        """Note an unknown name, with the nearest valid one."""
        if len(self.found) < MAX_PROBLEMS:
            self.add(path, f"unknown {what} {word!r}", nearest(word, known))

    def raise_any(self, *, graph: bool = False) -> None:
        """Raise all problems found so far as one error, in the order of the text.

        Raises:
            SpecError: or GraphError when ``graph`` says so.
        """
        if self.found:
            kind = GraphError if graph else SpecError
            raise kind(sorted(self.found, key=lambda p: p.line), source=self.source)

    def _line(self, path: str) -> int:
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path.rpartition(".")[0]
        return 0
