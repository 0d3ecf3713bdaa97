"""The order in which the symbols of a latent are coded: groups of channels, phases of a lattice.

Channels come in groups, one after another (Minnen and Singh, arXiv 2007.08739), and the places of a
group in phases. Two phases are a checkerboard (He et al., arXiv 2103.15306); with four, the places
of every square of 2x2 come one after another: top left, bottom right, top right, bottom left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["PHASES", "Group", "Part", "parts", "phases"]

Group: TypeAlias = tuple[int, int]
"""Channels, and phases: 1, 2 or 4."""

PHASES = (1, 2, 4)
_SQUARES = {1: ((0, 0), (0, 0)), 2: ((0, 1), (1, 0)), 4: ((0, 2), (3, 1))}


@dataclass(frozen=True)
class Part:
    """What one pass codes.

    Attributes:
        start: the first channel.
        stop: the channel after the last.
        phase: which places, of 0 to ``phases - 1``.
        phases: of this group.
    """

    start: int
    stop: int
    phase: int
    phases: int

    @property
    def seen(self) -> int:
        """How many channels are known at some place before."""
        return self.stop if self.phase else self.start

    def places(self, rows: int, columns: int) -> NDArray[np.int64]:
        """List its places as indexes into rows and columns as one axis; there may be none."""
        return np.flatnonzero(phases(self.phases, rows, columns) == self.phase)

    def taps(self, kernel: int) -> list[tuple[int, int, int]]:
        """List where a kernel meets symbols that are known.

        Args:
            kernel: rows of the kernel, odd.

        Returns:
            Rows, columns, and how many planes, two a channel from the first on, are known there.
        """
        # A place far enough from the edges.
        at = phases(self.phases, kernel + 2, kernel + 2)
        top, left = np.argwhere(at[kernel // 2 :, kernel // 2 :] == self.phase)[0]
        earlier = at[top : top + kernel, left : left + kernel] < self.phase
        known = 2 * np.where(earlier, self.stop, self.start)
        return [(int(r), int(c), int(known[r, c])) for r, c in np.argwhere(known)]


def phases(count: int, rows: int, columns: int) -> NDArray[np.intp]:
    """Give the phase of every place, (rows, columns), of 1, 2 or 4 phases."""
    square = np.array(_SQUARES[count])
    made: NDArray[np.intp] = square[np.ix_(np.arange(rows) % 2, np.arange(columns) % 2)]
    return made


def parts(groups: Sequence[Group]) -> list[Part]:
    """List the passes of a latent in coding order."""
    made: list[Part] = []
    start = 0
    for channels, count in groups:
        made += [Part(start, start + channels, phase, count) for phase in range(count)]
        start += channels
    return made
