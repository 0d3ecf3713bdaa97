"""How long the rest of a run will take."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Sequence

__all__ = ["Estimate"]


class Estimate:
    """Learns from the rows done so far; codecs differ by a thousand, so each counts for itself.

    Attributes:
        total: rows to do.
    """

    def __init__(self, cells: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        """Start the clock.

        Args:
            cells: the cell of every row to do.
            clock: gives seconds.
        """
        self.total = len(cells)
        self._left = Counter(cells)
        self._clock = clock
        self._last = clock()
        self._spent: dict[str, float] = {}
        self._done: Counter[str] = Counter()

    def after(self, cell: str) -> float:
        """Count a row as done and give the seconds left.

        With several workers a row's share of the time is what passed since the row before it.
        """
        now = self._clock()
        self._spent[cell] = self._spent.get(cell, 0.0) + now - self._last
        self._last = now
        self._done[cell] += 1
        self._left[cell] -= 1
        done = sum(self._done.values())
        mean = sum(self._spent.values()) / done
        return math.fsum(
            count * (self._spent[name] / self._done[name] if self._done[name] else mean)
            for name, count in self._left.items()
        )
