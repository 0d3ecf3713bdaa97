"""What an optimising quantizer may do, and that it pays."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.coding.primitives import DCT
from semcodec.coding.rdoq import optimised_levels
from semcodec.contracts.values import Symbols


def blocks_like_a_picture(side: int, grid: tuple[tuple[int, int], ...], seed: int) -> np.ndarray:
    """Coefficients of Laplace spread that falls with the frequency and differs among blocks."""
    rng = np.random.default_rng(seed)
    count = sum(rows * columns for rows, columns in grid)
    u, v = np.mgrid[:side, :side]
    spread = 400 / (1 + (u + v) * 16 / side) ** 1.7
    strength = rng.lognormal(0, 1, (count, 1, 1))
    return (rng.laplace(0, 1, (count, side, side)) * spread * strength).astype(np.float32)


GRID = ((6, 8), (3, 4), (3, 4))


@pytest.mark.parametrize("side", [4, 8, 16])
@pytest.mark.parametrize("weight", [0.02, 0.1, 1.0])
def test_levels_are_the_nearest_or_less(side: int, weight: float) -> None:
    x = blocks_like_a_picture(side, GRID, side)
    steps = np.random.default_rng(side).uniform(4, 40, len(x)).astype(np.float32)
    q = optimised_levels(x, steps, GRID, weight)
    nearest = np.floor(np.abs(x.astype(float)) / steps[:, None, None] + 0.5)
    size = np.abs(q)
    assert q.dtype == np.int32
    assert ((size == nearest) | (size == nearest - 1) | (size == 0)).all()
    assert (np.sign(q) * np.sign(x) >= 0).all()
    assert (size[:, 0, 0] == nearest[:, 0, 0]).all()
    assert (optimised_levels(-x, steps, GRID, weight) == -q).all()


def test_bits_without_worth_leave_the_nearest_levels() -> None:
    x = blocks_like_a_picture(8, GRID, 5)
    q = optimised_levels(x, np.full(len(x), 7, dtype=np.float32), GRID, 1e-9)
    assert (np.abs(q) == np.floor(np.abs(x.astype(float)) / 7 + 0.5)).all()


@pytest.mark.parametrize("side", [8, 16])
def test_error_and_bits_together_fall(pack, side: int) -> None:
    grid = ((24, 32), (12, 16), (12, 16))
    x = blocks_like_a_picture(side, grid, side)
    step, weight = 20.0, 0.1
    symbols = Symbols(x.shape, grid)

    def price(q: np.ndarray) -> float:
        error = np.sum((x / step - q) ** 2)
        return float(error + weight * 8 * len(pack(q, symbols, DCT)))

    steps = np.full(len(x), step, dtype=np.float32)
    plain = (np.sign(x) * np.floor(np.abs(x) / step + 0.36)).astype(np.int32)
    assert price(optimised_levels(x, steps, grid, weight)) < 0.985 * price(plain)


def test_extremes() -> None:
    x = np.zeros((1, 16, 16), dtype=np.float32)
    assert not optimised_levels(x, np.ones(1, dtype=np.float32), ((1, 1),), 0.1).any()
    x[:] = 3e38
    q = optimised_levels(x, np.full(1, 2.0**-20, dtype=np.float32), ((1, 1),), 0.1)
    assert q.max() <= 2**30
    assert q.min() >= 2**30 - 1
    none = np.zeros((0, 8, 8), dtype=np.float32)
    assert optimised_levels(none, np.zeros(0, dtype=np.float32), (), 0.1).shape == (0, 8, 8)
