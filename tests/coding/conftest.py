"""Shared by the tests of the coder: one-call round trips."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from semcodec.coding.primitives import DCT, PLANE, SEQUENCE
from semcodec.components.coders import Range, Rans, Raw, Zstd
from semcodec.contracts.coding import AdaptivePass, Tables
from semcodec.contracts.kinds import EntropyCoder
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


@pytest.fixture(
    scope="session",
    params=[Range(), Rans(lanes=1), Rans(), Rans(lanes=8), Raw(), Zstd(level=3)],
    ids=["range", "rans1", "rans", "rans8", "raw", "zstd"],
)
def coder(request: pytest.FixtureRequest) -> EntropyCoder:
    """Every coder of the core."""
    made: EntropyCoder = request.param
    return made


@pytest.fixture(scope="session")
def adaptive_cases() -> dict[str, tuple[AdaptivePass, Symbols, np.ndarray]]:
    """A pass of every primitive, with masks, grids and ends: pass, description, int32 values."""
    rng = np.random.default_rng(11)
    holes = rng.random((9, 11)) < 0.7
    decay = 2.0 ** -np.add.outer(np.arange(8), np.arange(8))
    levels = np.add.outer(np.arange(9), np.arange(11)) // 4 + rng.integers(-3, 3, (9, 11))
    blocks = np.rint(rng.laplace(0, 1, (20, 8, 8)) * decay * 9)
    kept = rng.random((20, 8, 8)) < 0.8
    grid = ((3, 4), (2, 2), (2, 2))
    text = np.frombuffer(b"the quick brown fox jumps over the lazy dog, twice.", dtype=np.uint8)
    cases = {
        "plane": (PLANE, (), Symbols((9, 11), low=-3, high=9), levels),
        "holes": (PLANE, (), Symbols((9, 11), low=-3, high=9, mask=holes), levels * holes),
        "none": (PLANE, (), Symbols((9, 11), low=0, high=9, mask=holes & False), levels * 0),
        "dct": (DCT, (), Symbols((20, 8, 8), grid, low=-90, high=90, mask=kept), blocks * kept),
        "wide": (DCT, (), Symbols((20, 8, 8), grid), blocks * 300),
        "text": (SEQUENCE, (1,), Symbols((80,), low=0, high=255, end=0), text),
        "full": (SEQUENCE, (), Symbols((51,), low=0, high=255, end=256), text),
        "early": (SEQUENCE, (), Symbols((9,), low=3, high=3, end=-400), text[:0]),
    }
    return {
        name: (AdaptivePass(primitive=number, params=params), symbols, values.astype(np.int32))
        for name, (number, params, symbols, values) in cases.items()
    }
