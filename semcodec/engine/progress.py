"""Progress of work that is made of parts: one share that only grows, from 0 to 1."""

from __future__ import annotations

from semcodec.contracts.context import Progress

__all__ = ["Meter"]


class Meter:
    """Reports shares of a whole to one callback, whatever part they come from.

    A meter is itself a callback, so parts nest, and components take one for their own progress.

    Attributes:
        failure: what the callback raised, if it did; it is the caller's own error and not that of
            the component that happened to report.
    """

    def __init__(self, callback: Progress) -> None:
        self._callback = callback
        self._told = 0.0
        self.failure: Exception | None = None

    @classmethod
    def of(cls, callback: Progress | None) -> Meter | None:
        """Wrap a callback, where there is one."""
        return None if callback is None else cls(callback)

    def __call__(self, done: float, what: str) -> None:
        """Report; a share that falls back, lies outside [0, 1] or is NaN is put right."""
        if done > self._told:
            self._told = min(float(done), 1.0)
        try:
            self._callback(self._told, what)
        except Exception as error:
            self.failure = error
            raise
