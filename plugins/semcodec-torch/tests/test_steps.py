"""Residuals in steps of gain 1: pinned integers, and laws that hold for any symbol and shift."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from semcodec_torch.entropy.steps import BITS, FARTHEST, limited, residuals, step_of, step_table

from semcodec.coding.tables import RATIO

# Of the shifts from -63 to 63: 256 is 1.
# fmt: off
PINNED = [
    597564, 528350, 467153, 413044, 365202, 322902, 285502, 252433, 223194, 197343, 174485,
    154275, 136406, 120606, 106637, 94286, 83365, 73709, 65171, 57623, 50949, 45047, 39830,
    35216, 31137, 27531, 24342, 21523, 19030, 16826, 14877, 13154, 11630, 10283, 9092, 8039,
    7108, 6284, 5557, 4913, 4344, 3841, 3396, 3003, 2655, 2347, 2075, 1835, 1622, 1435, 1268,
    1121, 992, 877, 775, 685, 606, 536, 474, 419, 370, 327, 290, 256, 226, 200, 177, 156, 138,
    122, 108, 96, 85, 75, 66, 58, 52, 46, 40, 36, 32, 28, 25, 22, 19, 17, 15, 13, 12, 10, 9, 8,
    7, 6, 6, 5, 4, 4, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0,
]
# fmt: on

INT32 = st.integers(-(2**31), 2**31 - 1)
SHIFT = st.integers(-80, 80)


def one(symbol: int, shift: int) -> int:
    return int(residuals(np.array([symbol], np.int32), step_of(np.array([shift])))[0])


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
    # A step is off by half a unit in 2**8 at most, the result by half a unit.
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
    assert one(symbol, shift) == (symbol * step + 2**7) >> 8
    assert abs(int(limited(np.array([shift], np.int32))[0])) == FARTHEST


@pytest.mark.parametrize("shift", range(-FARTHEST, 27))
def test_steps_of_common_gains_are_within_5_percent(shift: int) -> None:
    assert int(step_table()[shift + FARTHEST]) / 2**BITS == pytest.approx(RATIO**-shift, rel=0.05)


def test_shifts_broadcast_and_symbols_stay() -> None:
    rng = np.random.default_rng(0)
    symbols = rng.integers(-99, 100, (3, 4, 5)).astype(np.int32)
    before, shift = symbols.copy(), rng.integers(-9, 9, (1, 4, 5))
    steps = step_of(shift)
    made = residuals(symbols, steps)
    assert np.array_equal(made, residuals(symbols, np.broadcast_to(steps, symbols.shape)))
    assert np.array_equal(symbols, before)
