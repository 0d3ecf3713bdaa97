"""The boundary between entropy models and entropy coders: integers only.

A model yields passes; a coder's session codes them. All streams of one coder share one session, so
that they pay one tail. Two families of passes exist:

- **Table passes** name an integer table for every symbol. Any coder can code them, any component
  can yield them.
- **Adaptive passes** name a *primitive*, an adaptive context model compiled into the core and
  selected by an integer (``docs/format.md``, Primitives), because a function passed as an
  argument would be compiled anew in every process.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from semcodec.contracts.context import Progress, silent
from semcodec.contracts.values import Symbols

__all__ = [
    "PRECISION",
    "AdaptivePass",
    "DecodeSession",
    "EncodeSession",
    "TablePass",
    "Tables",
]

Ints: TypeAlias = NDArray[np.int32]
PRECISION = 16
"""Bits of a cumulative frequency: every table sums to 2**16."""
_MOST = 1 << 47


def _integers(values: ArrayLike, name: str, low: int, high: int) -> NDArray[np.integer]:
    """Refuse what a cast to integers would silently change."""
    array = np.asarray(values)
    if array.dtype.kind not in "iu":
        raise ValueError(f"expected integers as {name}, got {array.dtype}")
    if array.size and (int(array.min()) < low or int(array.max()) > high):
        raise ValueError(f"expected {name} in [{low}, {high}], got [{array.min()}, {array.max()}]")
    return array


@dataclass(frozen=True)
class Tables:
    """Integer probability tables.

    Row i holds the symbols ``offsets[i] .. offsets[i] + lengths[i] - 2`` and, as its last entry,
    the escape: a symbol outside is coded as the escape followed by bypass bits, so every table can
    code every int32 in [-2**30, 2**30].

    Attributes:
        cdf: int32 (tables, width): ``cdf[i, 0] == 0``, strictly increasing up to
            ``cdf[i, lengths[i]] == 2**16``; entries beyond that repeat 2**16.
        lengths: int32 (tables,): entries of each table, the escape included; at least 1.
        offsets: int32 (tables,): the first symbol of each table.
    """

    cdf: Ints
    lengths: Ints
    offsets: Ints

    def __post_init__(self) -> None:
        for name in ("cdf", "lengths", "offsets"):
            array = _integers(getattr(self, name), name, -(2**31), 2**31 - 1).astype(np.int32)
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        if self.cdf.ndim != 2 or self.cdf.shape[0] < 1 or self.cdf.shape[1] < 2:
            raise ValueError(f"expected a cdf of shape (tables, width), got {self.cdf.shape}")
        count, width = self.cdf.shape
        if self.lengths.shape != (count,) or self.offsets.shape != (count,):
            raise ValueError(f"expected {count} lengths and offsets")
        if not ((self.lengths >= 1) & (self.lengths < width)).all():
            raise ValueError(f"expected lengths from 1 to {width - 1}")
        inside = np.arange(width - 1)[None, :] < self.lengths[:, None]
        steps = np.diff(self.cdf, axis=1)
        if (self.cdf[:, 0] != 0).any() or (steps[inside] < 1).any() or steps[~inside].any():
            raise ValueError("expected rows that start at 0 and increase strictly to their length")
        if (self.cdf[:, -1] != 1 << PRECISION).any():
            raise ValueError(f"expected rows that end at {1 << PRECISION}")

    def __len__(self) -> int:
        return len(self.lengths)

    @classmethod
    def from_frequencies(cls, rows: ArrayLike, offsets: ArrayLike) -> Tables:
        """Build tables from non-negative integer counts; exact, so the same everywhere.

        Args:
            rows: integers (tables, symbols), the last column the escape. Every entry gets at
                least 1 of 2**16; the rest is shared in proportion, remainders going to the
                largest fractions, earlier entries first.
            offsets: the first symbol of every row.

        Raises:
            ValueError: no such integers, more than 2**15 columns, or a row that sums to 2**47 or
                more.
        """
        counts = _integers(rows, "frequencies", 0, _MOST).astype(np.int64)
        if counts.ndim != 2 or min(counts.shape) < 1 or counts.shape[1] > 1 << (PRECISION - 1):
            raise ValueError(f"expected rows of 1 to 2**15 frequencies, got shape {counts.shape}")
        # Checked in floats first: the integer sum itself might wrap around.
        if (counts.sum(axis=1, dtype=np.float64) >= _MOST).any():
            raise ValueError(f"expected rows that sum to less than {_MOST}")
        tables, width = counts.shape
        spare = (1 << PRECISION) - width
        totals = np.maximum(counts.sum(axis=1, keepdims=True), 1)
        share, rest = np.divmod(counts * spare, totals)
        short = spare - share.sum(axis=1)
        order = np.argsort(-rest, axis=1, kind="stable")
        for row in range(tables):
            times, left = divmod(int(short[row]), width)
            share[row] += times
            share[row, order[row, :left]] += 1
        cdf = np.zeros((tables, width + 1), dtype=np.int64)
        np.cumsum(share + 1, axis=1, out=cdf[:, 1:])
        return cls(
            cdf.astype(np.int32),
            np.full(tables, width, dtype=np.int32),
            _integers(offsets, "offsets", -(2**31), 2**31 - 1).astype(np.int32),
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the three arrays, little-endian, in hexadecimal."""
        hasher = hashlib.sha256()
        for array in (self.cdf, self.lengths, self.offsets):
            hasher.update(np.asarray(array.shape, dtype="<i4").tobytes())
            hasher.update(array.astype("<i4").tobytes())
        return hasher.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TablePass:
    """Code some symbols, each with a static table.

    Attributes:
        tables: the tables.
        indexes: int32, broadcastable to the positions' shape: the table of each symbol.
        positions: int64 flat indexes into the symbols, in coding order; None takes all in raster
            order.
        means: float32, broadcastable likewise: what the quantizer subtracts before and adds
            after; None for zero. Means shape pixels and must never shape an index.
    """

    tables: Tables
    indexes: NDArray[np.int32] | int
    positions: NDArray[np.int64] | None = None
    means: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AdaptivePass:
    """Code all symbols by an adaptive primitive of the core.

    Attributes:
        primitive: its number (``semcodec.coding.primitives``).
        params: its integer parameters, as ``docs/format.md`` lists them.
    """

    primitive: int
    params: tuple[int, ...] = ()


class EncodeSession(ABC):
    """Writes symbols; resumable until ``finish``.

    Attributes:
        progress: set by the engine; call with the share of a long call that is done.
    """

    progress: Progress = staticmethod(silent)

    @abstractmethod
    def code(self, symbols: Ints, indexes: Ints, tables: Tables) -> None:
        """Code one-dimensional symbols, each with the table of its index."""

    @abstractmethod
    def adapt(self, values: Ints, symbols: Symbols, adaptive: AdaptivePass) -> None:
        """Code all values by a primitive; ``symbols`` describes them, its mask included."""

    @abstractmethod
    def finish(self) -> bytes:
        """Close the session and give its bytes."""


class DecodeSession(ABC):
    """Reads what an encode session wrote, call for call.

    Every method raises :class:`~semcodec.errors.ContainerError` on data that cannot be right, in
    time and memory bounded by the number of symbols asked for, and never reads out of bounds.

    Attributes:
        progress: set by the engine; call with the share of a long call that is done.
    """

    progress: Progress = staticmethod(silent)

    @abstractmethod
    def code(self, indexes: Ints, tables: Tables, end: int | None = None) -> Ints:
        """Decode one symbol for each index; stop after the symbol ``end``, which is included."""

    @abstractmethod
    def adapt(self, symbols: Symbols, adaptive: AdaptivePass) -> Ints:
        """Decode all values of a primitive's pass, as ``symbols`` describes them."""

    def finish(self) -> None:
        """Check that the data was used up as an encoder would have left it. Default: nothing."""
        return
