"""What is coded to try an entropy coder: tables, symbols, and the order of calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.coding import Tables
from semcodec.testing.values import generator

__all__ = ["SCRIPTS", "script", "skewed_tables"]

Ints = NDArray[np.int32]


@cache
def skewed_tables() -> Tables:
    """Five tables: nearly certain, four symbols, nothing but the escape, even, wide."""
    wide = 300
    rows = [
        [0, 65530, 65535, 65536],
        [0, 8, 40000, 60000, 65535, 65536],
        [0, 65536],
        [0, 16384, 32768, 49152, 65536],
        [*range(wide), 65536],
    ]
    width = max(map(len, rows))
    cdf = np.array([row + [65536] * (width - len(row)) for row in rows])
    return Tables(cdf, np.array([len(row) - 1 for row in rows]), np.array([0, -2, 7, 5, -150]))


def _mixed(count: int, seed: str) -> tuple[Ints, Ints, Tables]:
    """Symbols that mostly lie inside their tables."""
    rng = generator("script", seed)
    tables = skewed_tables()
    indexes = rng.integers(0, len(tables), count).astype(np.int32)
    inside = np.maximum(tables.lengths[indexes] - 1, 1)
    symbols = tables.offsets[indexes] + rng.integers(0, 1 << 20, count) % inside
    far = rng.random(count) < 0.05
    symbols = np.where(far, rng.integers(-2000, 2000, count), symbols)
    return symbols.astype(np.int32), indexes, tables


def _two_calls() -> list[tuple[Any, ...]]:
    return [(*_mixed(40, "first"), None), (*_mixed(7, "second"), None)]


def _one_symbol() -> list[tuple[Any, ...]]:
    return [(np.array([1], np.int32), np.array([1], np.int32), skewed_tables(), None)]


def _nothing() -> list[tuple[Any, ...]]:
    none = np.zeros(0, dtype=np.int32)
    return [(none, none, skewed_tables(), None)]


SCRIPTS: Mapping[str, Callable[[], list[tuple[Any, ...]]]] = {
    "two calls of many tables": _two_calls,
    "one symbol": _one_symbol,
    "no symbol": _nothing,
    "four thousand symbols": lambda: [(*_mixed(4000, "long"), None)],
}
"""Calls of a session in order, each (symbols, indexes, tables, end)."""


def script(name: str) -> list[tuple[Any, ...]]:
    """Make a script: what a session codes, call by call."""
    return SCRIPTS[name]()
