"""Residuals in steps of gain 1: pinned integers, and laws that hold for any symbol and shift."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from semcodec_torch.entropy.steps import BITS, FARTHEST, limited, residuals, step_table

from semcodec.coding.tables import RATIO

# Of the shifts from -63 to 63: 65536 is 1.
# fmt: off
PINNED = [
    152976261, 135257525, 119591092, 105739250, 93491822, 82662972, 73088393, 64622805,
    57137759, 50519681, 44668153, 39494388, 34919883, 30875228, 27299052, 24137093, 21341373,
    18869472, 16683884, 14751444, 13042833, 11532125, 10196397, 9015382, 7971160, 7047887,
    6231553, 5509773, 4871594, 4307333, 3808429, 3367311, 2977287, 2632438, 2327531, 2057941,
    1819576, 1608821, 1422476, 1257716, 1112039, 983235, 869350, 768656, 679625, 600906, 531305,
    469766, 415355, 367245, 324709, 287099, 253845, 224443, 198446, 175461, 155138, 137169,
    121281, 107233, 94813, 83831, 74121, 65536, 57945, 51234, 45299, 40052, 35413, 31312, 27685,
    24478, 21643, 19136, 16920, 14960, 13227, 11695, 10340, 9143, 8084, 7147, 6320, 5588, 4940,
    4368, 3862, 3415, 3019, 2670, 2360, 2087, 1845, 1632, 1443, 1275, 1128, 997, 882, 780, 689,
    609, 539, 476, 421, 372, 329, 291, 257, 228, 201, 178, 157, 139, 123, 109, 96, 85, 75, 66,
    59, 52, 46, 41, 36, 32, 28,
]
# fmt: on

INT32 = st.integers(-(2**31), 2**31 - 1)
SHIFT = st.integers(-80, 80)


def one(symbol: int, shift: int) -> int:
    return int(residuals(np.array([symbol], np.int32), np.array([shift], np.int32))[0])


def test_the_table_is_pinned() -> None:
    table = step_table()
    assert (table.dtype, table.shape) == (np.int64, (127,))
    assert table.tolist() == PINNED
    with pytest.raises(ValueError, match="read-only"):
        table[0] = 1


def test_it_is_what_the_definition_says_in_exact_fractions() -> None:
    ratio = Fraction(1131, 1000)
    for place, step in enumerate(step_table().tolist()):
        wanted = (1 << BITS) * ratio ** (FARTHEST - place)
        assert abs(step - wanted) <= Fraction(1, 2) + wanted / 2**40


@given(INT32)
def test_shift_0_changes_nothing(symbol: int) -> None:
    assert one(symbol, 0) == symbol


@given(INT32, SHIFT)
def test_it_is_the_residual_rounded(symbol: int, shift: int) -> None:
    shift = max(-FARTHEST, min(FARTHEST, shift))
    step = int(step_table()[shift + FARTHEST])
    assert one(symbol, shift) == (symbol * step + 2 ** (BITS - 1)) // 2**BITS
    # A step is off by half a unit in 2**16 at most, the result by half a unit.
    wanted = symbol * RATIO**-shift
    assert abs(one(symbol, shift) - wanted) <= 0.5 + abs(symbol) * (0.5 / 2**BITS) + 1e-6


@given(INT32, INT32, SHIFT)
def test_larger_symbols_never_are_smaller_residuals(a: int, b: int, shift: int) -> None:
    low, high = sorted((a, b))
    assert one(low, shift) <= one(high, shift)


@given(st.integers(0, 2**31 - 1), SHIFT, SHIFT)
def test_finer_steps_never_are_larger_residuals(symbol: int, a: int, b: int) -> None:
    coarse, fine = sorted((a, b))
    assert one(symbol, fine) <= one(symbol, coarse)


@pytest.mark.parametrize("symbol", [-(2**31), -1, 0, 1, 2**31 - 1])
@pytest.mark.parametrize("shift", [-(2**31), -64, -63, 63, 64, 2**31 - 1])
def test_nothing_overflows(symbol: int, shift: int) -> None:
    step = int(step_table()[0 if shift < 0 else -1])
    assert one(symbol, shift) == (symbol * step + 2**15) >> 16
    assert abs(int(limited(np.array([shift], np.int32))[0])) == FARTHEST


def test_shifts_broadcast_and_symbols_stay() -> None:
    rng = np.random.default_rng(0)
    symbols = rng.integers(-99, 100, (3, 4, 5)).astype(np.int32)
    before, shift = symbols.copy(), rng.integers(-9, 9, (1, 4, 5))
    made = residuals(symbols, shift)
    assert np.array_equal(made, residuals(symbols, np.broadcast_to(shift, symbols.shape)))
    assert np.array_equal(symbols, before)
