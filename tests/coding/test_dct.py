"""Primitive DCT."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from semcodec.coding.geometry import zigzag
from semcodec.coding.primitives import DCT
from semcodec.contracts.values import Symbols

BOUND = 2**30
grids = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), max_size=4).map(tuple)
entries = st.one_of(
    st.integers(-2, 2),
    st.integers(-40, 40),
    st.sampled_from([BOUND, -BOUND, 14, 15, 16, -15]),
)


@settings(max_examples=120, deadline=None)
@given(st.data(), grids, st.sampled_from([4, 8, 16]))
def test_lossless_with_and_without_a_mask(pack, unpack, data, grid, side):
    shape = (sum(rows * columns for rows, columns in grid), side, side)
    values = data.draw(hnp.arrays(np.int32, shape, elements=entries, fill=st.just(0)))
    mask = data.draw(st.one_of(st.none(), hnp.arrays(np.bool_, shape)))
    symbols = Symbols(shape, grid, mask=mask)
    decoded = unpack(pack(values, symbols, DCT), symbols, DCT)
    expected = values if mask is None else np.where(mask, values, 0)
    assert decoded.dtype == np.int32
    assert (decoded == expected).all()


def laplacian(seed: int, grid: tuple, side: int = 8) -> np.ndarray:
    """Blocks whose coefficients fall off with frequency, and vary in strength over the plane."""
    rng = np.random.default_rng(seed)
    count = sum(rows * columns for rows, columns in grid)
    strength = np.repeat(rng.choice([0.1, 1, 5], (count + 31) // 32), 32)[:count, None, None]
    diagonal = np.add.outer(np.arange(side), np.arange(side))
    values = np.rint(rng.laplace(0, 1, (count, side, side)) * strength * 2.0 ** (2 - diagonal))
    return values.astype(np.int32)


def test_every_bit_of_a_mask_saves(pack):
    grid = ((12, 16), (6, 8), (6, 8))
    values = laplacian(1, grid)
    whole = pack(values, Symbols(values.shape, grid), DCT)
    mask = np.ones(values.shape, dtype=bool)
    mask[: 12 * 8] = False
    kept = pack(values, Symbols(values.shape, grid, mask=mask), DCT)
    assert kept != pack(np.where(mask, values, 0), Symbols(values.shape, grid), DCT)
    assert len(kept) < 0.8 * len(whole)
    hidden = Symbols(values.shape, grid, mask=np.zeros(values.shape, dtype=bool))
    assert pack(values, hidden, DCT) == b""


def test_beats_the_memoryless_entropy_of_every_frequency(pack):
    """The least that contexts must give: less than ideal static codes, one for each frequency."""
    grid = ((24, 32),)
    values = laplacian(2, grid)
    static = 0.0
    for frequency in values.reshape(len(values), -1).T:
        shares = np.unique(frequency, return_counts=True)[1] / len(frequency)
        static -= len(frequency) * float((shares * np.log2(shares)).sum())
    assert len(pack(values, Symbols(values.shape, grid), DCT)) * 8 < 0.93 * static


def test_flat_blocks_cost_next_to_nothing(pack):
    values = np.zeros((600, 8, 8), dtype=np.int32)
    values[:, 0, 0] = 9
    assert len(pack(values, Symbols(values.shape, ((20, 30),)), DCT)) < 12


def test_the_scan_is_the_zigzag_of_jpeg():
    assert zigzag(4).tolist() == [0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15]
    assert zigzag(8)[:10].tolist() == [0, 1, 8, 16, 9, 2, 3, 10, 17, 24]
    assert sorted(zigzag(16).tolist()) == list(range(256))


@pytest.mark.parametrize("side", [4, 8, 16])
def test_values_beyond_the_declared_range_are_refused(pack, side):
    values = np.zeros((1, side, side), dtype=np.int32)
    values[0, 1, 1] = 5
    with pytest.raises(ValueError, match=r"\[-4, 4\]"):
        pack(values, Symbols(values.shape, ((1, 1),), low=-4, high=4), DCT)


def test_golden(pack, unpack):
    """Frozen: a change here is another format."""
    grid = ((2, 3), (1, 2), (1, 2))
    scattered = np.arange(10 * 64).reshape(10, 8, 8) * 40503 % 65521 % 61 - 30
    diagonal = np.add.outer(np.arange(8), np.arange(8))
    values = np.sign(scattered) * (np.abs(scattered) // (1 + diagonal * diagonal))
    values[0, 0, 0], values[1, 3, 2], values[6, 0, 1] = -700, 40, 3
    symbols = Symbols(values.shape, grid)
    data = pack(values, symbols, DCT)
    assert data.hex() == (
        "00680cd517dca01fe0a53861a911f5b4ffebe17006a6ba424f3436d9eb2ee5865e1402b497e3f08d"
        "ed8ab04aaf07f477f324fa1c0115b1737f017640538859a31bcd08167e8cc127853165eaf1539f24"
        "58d65079fd02ee"
    )
    assert (unpack(data, symbols, DCT) == values).all()


@pytest.mark.parametrize(
    ("side", "golden"),
    [
        (4, "2bf05060eabe7d3d"),
        (
            16,
            (
                "01786000065e53bcbce24e32c9de4a2f7bb7c6ee030773a3f8d90be2ffb4c53e19b47f66e28da3b4"
                "e837e5c295f11878e74c640a3513cc44201ea1b080f646d5d7568841125bbda64eef5923898d9bda"
                "f082e7669080a0b26d9ee1b5e11ea74e84ccde497772f3"
            ),
        ),
    ],
)
def test_golden_sides_with_a_mask(pack, unpack, side, golden):
    """Frozen: a change here is another format."""
    place = np.arange(2 * side * side).reshape(2, side, side)
    values = np.where(place % 7 == 3, 2, 0) - np.where(place % 11 == 5, 20, 0)
    mask = place % 5 != 0
    symbols = Symbols(values.shape, ((1, 2),), mask=mask)
    data = pack(values, symbols, DCT)
    assert data.hex() == golden
    assert (unpack(data, symbols, DCT) == np.where(mask, values, 0)).all()
