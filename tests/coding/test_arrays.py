"""Arrays in other forms than the kernels': coded as they are, and left as they are."""

from __future__ import annotations

import numpy as np
import pytest

from semcodec.contracts.values import Symbols

DCT = 2
GRID = ((2, 3),)
VALUES = np.random.default_rng(3).integers(-9, 10, (6, 8, 8), dtype=np.int32)
MASK = np.add.outer(np.arange(6), np.arange(64)).reshape(6, 8, 8) % 3 > 0


@pytest.mark.parametrize("mask", [None, MASK])
@pytest.mark.parametrize("form", ["read-only", "transposed", "every other"])
def test_the_form_of_an_array_changes_nothing(pack, form, mask):
    expected = pack(VALUES, Symbols(VALUES.shape, GRID, mask=mask), DCT)

    def formed(array):
        if form == "transposed":
            return np.asfortranarray(array)
        if form == "every other":
            return np.repeat(array, 2, axis=0)[::2]
        array = array.copy()
        array.setflags(write=False)
        return array

    given = formed(VALUES)
    symbols = Symbols(VALUES.shape, GRID, mask=None if mask is None else formed(mask))
    assert pack(given, symbols, DCT) == expected
    assert (given == VALUES).all()


@pytest.mark.parametrize("mask", [None, MASK])
def test_coding_leaves_the_values_untouched(pack, mask):
    given = VALUES.copy()
    pack(given, Symbols(VALUES.shape, GRID, mask=mask), DCT)
    assert (given == VALUES).all()
