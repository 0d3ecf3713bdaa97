"""Shared by the tests of the coder: one-call round trips."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from semcodec.components.coders import Range
from semcodec.contracts.coding import AdaptivePass, Tables
from semcodec.contracts.values import Symbols


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
