"""What the passes of an entropy model must be, and the means that come with them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.coding import TablePass
from semcodec.contracts.values import Symbols

__all__ = ["Cover", "Means"]

Floats = NDArray[np.float32]


class Cover:
    """Which symbols passes have claimed: each once, and all in the end.

    Args:
        symbols: their description.
    """

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols
        self._seen: NDArray[np.bool_] | None = None
        self._count = 0

    def claim(self, positions: Any) -> str:
        """Note the positions of a pass, None for all; say what is wrong with them, if anything."""
        if positions is None:
            self._count += self._symbols.size
            return self.problem() if self._count > self._symbols.size else ""
        if not isinstance(positions, np.ndarray) or positions.dtype.kind not in "iu":
            return f"positions must be an array of int64, got {positions!r:.60}"
        if positions.ndim != 1:
            return f"positions must be one-dimensional, got shape {positions.shape}"
        if not positions.size:
            return ""
        # As unsigned numbers those below 0 are the largest.
        if positions.view(f"u{positions.itemsize}").max() >= self._symbols.size:
            return f"a position lies outside {self._symbols.shape}"
        if self._seen is None:
            self._seen = np.zeros(self._symbols.size, dtype=bool)
        self._seen[positions] = True
        self._count += positions.size
        return "" if np.count_nonzero(self._seen) == self._count else "a position is coded twice"

    def problem(self) -> str:
        """Say how the passes fall short of all symbols, or go beyond; empty if they do not."""
        if self._count == self._symbols.size:
            return ""
        return f"its passes cover {self._count} of {self._symbols.size} symbols"


class Means:
    """Means of the passes, put in their places when somebody asks.

    Args:
        symbols: the symbols' description.
        latent: what the quantizer made them of.
        quantized: whether there is one.
    """

    def __init__(self, symbols: Symbols, latent: Any, quantized: bool) -> None:
        self._symbols, self._latent, self._quantized = symbols, latent, quantized
        self._met: list[TablePass] = []
        self._placed: Floats | None = None

    def problem(self, item: TablePass) -> str:
        """Say why a pass cannot have means; empty if it can, or has none."""
        if item.means is None:
            return ""
        if not self._quantized:
            return "it has means, but no quantizer stands before it"
        if self._latent.shape != self._symbols.shape:
            return (
                f"it has means for symbols of shape {self._symbols.shape}, which stand for a "
                f"latent of another, {self._latent.shape}"
            )
        return ""

    def spread(self, item: TablePass) -> TablePass:
        """Give a pass with one mean for each of its symbols, in one dimension, or with none.

        Raises:
            ValueError: as many means do not belong to as many symbols.
        """
        if item.means is None:
            return item
        shape = self._symbols.shape if item.positions is None else item.positions.shape
        values = np.asarray(item.means, dtype=np.float32)
        full = values.size == math.prod(shape)
        means = (values if full else np.broadcast_to(values, shape)).reshape(-1)
        self._met.append(replace(item, means=means))
        return self._met[-1]

    def placed(self) -> Floats | None:
        """Give the means known so far, 0 where there are none; None where no pass had any."""
        if self._placed is None and self._met:
            self._placed = np.zeros(self._symbols.shape, dtype=np.float32)
        for item in self._met:
            assert self._placed is not None
            where = slice(None) if item.positions is None else item.positions
            self._placed.reshape(-1)[where] = item.means
        self._met.clear()
        return self._placed
