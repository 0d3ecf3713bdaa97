"""Shared by the tests of the coder: one-call round trips, and no stale machine code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import semcodec.coding
from semcodec.components.coders import Range
from semcodec.contracts.coding import AdaptivePass, Tables
from semcodec.contracts.values import Symbols


def _forget_stale_kernels() -> None:
    """Numba does not see that a kernel's callee changed; a developer's checkout would."""
    folder = Path(semcodec.coding.__file__).parent
    newest = max(source.stat().st_mtime for source in folder.glob("*.py"))
    for index in folder.glob("__pycache__/*.nbi"):
        if index.stat().st_mtime < newest:
            index.unlink(missing_ok=True)


_forget_stale_kernels()


@pytest.fixture(scope="session")
def pack() -> Callable[..., bytes]:
    """Code one adaptive pass."""

    def run(values: np.ndarray, symbols: Symbols, primitive: int, *params: int) -> bytes:
        session = Range().encoder()
        adaptive = AdaptivePass(primitive=primitive, params=params)
        session.adapt(np.asarray(values, dtype=np.int32), symbols, adaptive)
        return session.finish()

    return run


@pytest.fixture(scope="session")
def unpack() -> Callable[..., np.ndarray]:
    """Decode one adaptive pass and check that its data was used up."""

    def run(data: bytes, symbols: Symbols, primitive: int, *params: int) -> np.ndarray:
        session = Range().decoder(data)
        values = session.adapt(symbols, AdaptivePass(primitive=primitive, params=params))
        session.finish()
        return values

    return run


@pytest.fixture(scope="session")
def skewed() -> Tables:
    """Three tables: nearly certain, four symbols, nothing but the escape."""
    rows = np.array(
        [
            [0, 65530, 65535, 65536, 65536, 65536],
            [0, 8, 40000, 60000, 65535, 65536],
            [0, 65536, 65536, 65536, 65536, 65536],
        ]
    )
    return Tables(rows, np.array([3, 5, 1]), np.array([0, -2, 7]))
