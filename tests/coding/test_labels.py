"""Primitive LABELS."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.coding.primitives import LABELS, PLANE
from semcodec.contracts.values import Symbols


def test_the_last_label_left_needs_no_name(pack, unpack):
    # Four of five labels lie around the last place, and the fifth is what it is not asked for.
    values = np.array([[0, 4, 4, 3, 3], [1, 2, 4, 4, 4], [3, 4, 4, 4, 4]], dtype=np.int32)
    symbols = Symbols(values.shape, low=0, high=4)
    assert (unpack(pack(values, symbols, LABELS), symbols, LABELS) == values).all()


def polygons(seed: int, shape: tuple[int, int], labels: int) -> np.ndarray:
    """Straight-edged regions: each place takes the label of the largest of a few planes."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]] / max(shape)
    slopes = rng.normal(0, 1, (9, 2))
    planes = [a * y + b * x + c for (a, b), c in zip(slopes, rng.normal(0, 0.3, 9), strict=True)]
    return np.argmax(planes, axis=0) * 29 % labels


@pytest.mark.parametrize("labels", [2, 256])
def test_lines_cost_less_than_in_plane(pack, labels):
    maps = [polygons(seed, (240, 320), labels) for seed in range(8)]
    symbols = Symbols((240, 320), low=0, high=labels - 1)
    size = {number: sum(len(pack(m, symbols, number)) for m in maps) for number in (LABELS, PLANE)}
    assert size[LABELS] < 0.75 * size[PLANE]


def test_an_even_map_costs_next_to_nothing(pack):
    for levels in (2, 256):
        symbols = Symbols((480, 640), low=0, high=levels - 1)
        assert len(pack(np.full((480, 640), levels - 1), symbols, LABELS)) < 12


@pytest.mark.parametrize(("shape", "labels"), [((16, 24), 2), ((16, 24), 4), ((6, 8), 3)])
def test_small_maps_pay_for_no_large_model(pack, shape, labels):
    maps = [polygons(seed, shape, labels) for seed in range(40)]
    symbols = Symbols(shape, low=0, high=labels - 1)
    size = {number: sum(len(pack(m, symbols, number)) for m in maps) for number in (LABELS, PLANE)}
    assert size[LABELS] < size[PLANE]


def test_which_of_two_labels_is_which_hardly_matters(pack):
    symbols = Symbols((60, 80), low=0, high=1)
    for seed in range(5):
        mask = polygons(seed, (60, 80), 2)
        assert abs(len(pack(mask, symbols, LABELS)) - len(pack(1 - mask, symbols, LABELS))) <= 2


def test_many_labels_far_apart_are_named_by_where_they_were_named_last(pack):
    """A label is dear once: the same spots again cost less than other ones."""
    places = np.arange(0, 60, 6)
    values = np.zeros((60, 60), dtype=int)
    values[np.ix_(places, places)] = 200
    other = values.copy()
    other[np.ix_(places, places)] = np.arange(1, 101).reshape(10, 10) * 2
    symbols = Symbols((60, 60), low=0, high=255)
    assert len(pack(values, symbols, LABELS)) < 0.6 * len(pack(other, symbols, LABELS))


def test_what_the_mask_hides_costs_nothing_and_shapes_nothing(pack):
    rng = np.random.default_rng(0)
    values = rng.integers(0, 9, (20, 20))
    mask = np.add.outer(np.arange(20), np.arange(20)) % 3 > 0
    symbols = Symbols((20, 20), low=0, high=8, mask=mask)
    other = np.where(mask, values, 777)
    assert pack(values, symbols, LABELS) == pack(other, symbols, LABELS)
    hidden = Symbols((20, 20), low=0, high=8, mask=np.zeros((20, 20), dtype=bool))
    assert pack(values, hidden, LABELS) == b""


def test_one_label_costs_nothing(pack):
    assert pack(np.full((30, 40), 7), Symbols((30, 40), low=7, high=7), LABELS) == b""


def test_noise_costs_hardly_more_than_its_bits(pack):
    rng = np.random.default_rng(2)
    bits = rng.integers(0, 2, (64, 64))
    assert len(pack(bits, Symbols((64, 64), low=0, high=1), LABELS)) < 64 * 64 / 8 * 1.15
    values = rng.integers(0, 256, (64, 64))
    assert len(pack(values, Symbols((64, 64), low=0, high=255), LABELS)) < 64 * 64 * 1.25


def test_golden(pack, unpack):
    """Frozen: a change here is another format."""
    values = np.array([[0, 0, 0, 1, 1], [0, 0, 2, 1, 1], [0, 2, 2, 2, 1], [3, 2, 2, 1, 1]])
    symbols = Symbols((4, 5), low=0, high=3)
    assert pack(values, symbols, LABELS).hex() == "30e46ee891"
    planes = np.stack([values * 80 - 100, values.T.reshape(4, 5) * 20])
    mask = np.ones((2, 4, 5), dtype=bool)
    mask[:, 1:3, 2] = False
    symbols = Symbols((2, 4, 5), low=-100, high=155, mask=mask)
    data = pack(planes, symbols, LABELS)
    assert data.hex() == "2dfd18e8ff6f1f3550644bf889bacd1aaf"
    assert (unpack(data, symbols, LABELS) == np.where(mask, planes, 0)).all()
    y, x = np.mgrid[:48, :64]
    sloping = (3 * x + 11 * y) // 90 % 5 * ((y - 20) ** 2 + (x - 30) ** 2 > 150)
    symbols = Symbols((48, 64), low=0, high=4)
    assert pack(sloping, symbols, LABELS).hex() == (
        "46ec6d0be4ee4fe9a7734e02b66c1971e76494d882c92a7c1e96c32ec11e2353587993ef3a236169"
        "1c4a22ff13417a8f436f7275d305ee6a67d8a1a42fb60786fa7788a5d6c4b2fe61dee30573"
    )
    assert pack(sloping > 1, Symbols((48, 64), low=0, high=1), LABELS).hex() == (
        "4aa15e211c18fc11f6a44e047a99deb05e8093f5c0d1e7634c531c6b07755b3654af372995d9902b"
    )
