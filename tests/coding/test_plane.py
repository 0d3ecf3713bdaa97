"""Primitive PLANE, and what LABELS shares with it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from semcodec.coding.primitives import LABELS, PLANE
from semcodec.contracts.values import Symbols

shapes = st.one_of(
    st.tuples(st.integers(0, 7), st.integers(0, 7)),
    st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(0, 5)),
)


@pytest.mark.parametrize("primitive", [PLANE, LABELS])
@settings(max_examples=150, deadline=None)
@given(st.data(), shapes, st.integers(-5, 5), st.sampled_from([1, 2, 3, 4, 5, 16, 255, 256]))
def test_lossless_with_and_without_a_mask(pack, unpack, primitive, data, shape, low, levels):
    high = low + levels - 1
    values = data.draw(hnp.arrays(np.int32, shape, elements=st.integers(low, high)))
    mask = data.draw(st.one_of(st.none(), hnp.arrays(np.bool_, shape)))
    symbols = Symbols(shape, low=low, high=high, mask=mask)
    decoded = unpack(pack(values, symbols, primitive), symbols, primitive)
    expected = values if mask is None else np.where(mask, values, 0)
    assert decoded.dtype == np.int32
    assert decoded.shape == shape
    assert (decoded == expected).all()


def test_what_the_mask_hides_costs_nothing_and_shapes_nothing(pack):
    rng = np.random.default_rng(0)
    values = rng.integers(0, 9, (20, 20))
    mask = np.add.outer(np.arange(20), np.arange(20)) % 3 > 0
    symbols = Symbols((20, 20), low=0, high=8, mask=mask)
    other = np.where(mask, values, 777)
    assert pack(values, symbols, PLANE) == pack(other, symbols, PLANE)
    hidden = Symbols((20, 20), low=0, high=8, mask=np.zeros((20, 20), dtype=bool))
    assert pack(values, hidden, PLANE) == b""


def test_one_level_costs_nothing(pack):
    assert pack(np.full((30, 40), 7), Symbols((30, 40), low=7, high=7), PLANE) == b""


def blobs(seed: int, levels: int) -> np.ndarray:
    """A map of one to three ellipses on 16 x 24 cells."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:16, :24]
    field = np.zeros((16, 24))
    for _ in range(rng.integers(1, 4)):
        cy, cx, ry, rx = rng.uniform([0, 0, 2, 2], [16, 24, 6, 6])
        field = np.maximum(field, np.exp(-(((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2) / 2))
    return np.minimum(field * levels * 1.2, levels - 1).astype(np.int32)


def test_small_maps_cost_a_dozen_or_two_bytes(pack):
    two = [len(pack(blobs(s, 2), Symbols((16, 24), low=0, high=1), PLANE)) for s in range(20)]
    four = [len(pack(blobs(s, 4), Symbols((16, 24), low=0, high=3), PLANE)) for s in range(20)]
    assert np.mean(two) < 13
    assert max(two) < 24
    assert np.mean(four) < 32


def test_noise_costs_hardly_more_than_its_bits(pack):
    values = np.random.default_rng(2).integers(0, 256, (64, 64))
    assert len(pack(values, Symbols((64, 64), low=0, high=255), PLANE)) < 64 * 64 * 1.15


def test_golden(pack, unpack):
    """Frozen: a change here is another format."""
    values = np.array([[0, 0, 0, 1, 1], [0, 0, 2, 1, 1], [0, 2, 2, 2, 1], [3, 2, 2, 1, 1]])
    symbols = Symbols((4, 5), low=0, high=3)
    assert pack(values, symbols, PLANE).hex() == "58d1ebb058"
    planes = np.stack([values * 80 - 100, values.T.reshape(4, 5) * 20])
    mask = np.ones((2, 4, 5), dtype=bool)
    mask[:, 1:3, 2] = False
    symbols = Symbols((2, 4, 5), low=-100, high=155, mask=mask)
    data = pack(planes, symbols, PLANE)
    assert data.hex() == "598d14055587cc198e2909fec2fb837c"
    assert (unpack(data, symbols, PLANE) == np.where(mask, planes, 0)).all()
