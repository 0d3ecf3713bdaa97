"""Grids: values as the format page says, the nearest of them found."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.errors import SettingError
from semcodec.graph.grid import Grid

POSITIVE = st.floats(1e-3, 1e6)


@given(POSITIVE, st.floats(1.01, 1e3), st.integers(2, 300), st.booleans())
def test_values_follow_the_formula(low: float, ratio: float, levels: int, log: bool) -> None:
    high = low * ratio
    grid = Grid(low, high, levels, log)
    assert len(grid.values) == levels
    assert [grid.value(i) for i in range(levels)] == list(grid.values)
    for index, value in enumerate(grid.values):
        share = index / (levels - 1)
        exact = low * (high / low) ** share if log else low + share * (high - low)
        assert value == pytest.approx(exact, rel=5.1e-6)
        assert float(f"{value:.6g}") == value
    assert list(grid.values) == sorted(grid.values)
    assert grid.values[0] == float(f"{low:.6g}")
    assert grid.values[-1] == float(f"{high:.6g}")


def test_golden_values() -> None:
    assert Grid(2, 128, 7, log=True).values == (2, 4, 8, 16, 32, 64, 128)
    assert Grid(2, 128, 61, log=True).values[1:4] == (2.14355, 2.2974, 2.46229)
    assert Grid(0, 1, 4).values == (0, 0.333333, 0.666667, 1)
    assert Grid(1, 8, 4, whole=True).values == (1, 3, 6, 8)
    assert Grid(1, 8, 4, whole=True).rounded
    assert not Grid(1, 7, 4, whole=True).rounded
    assert all(isinstance(v, int) for v in Grid(1, 7, 4, whole=True).values)


@given(POSITIVE, st.floats(1.01, 1e3), st.integers(2, 60), st.booleans(), st.floats(0, 1))
def test_the_nearest_is_nearest(
    low: float, ratio: float, levels: int, log: bool, share: float
) -> None:
    grid = Grid(low, low * ratio, levels, log)
    first, last = grid.values[0], grid.values[-1]
    value = min(max(first + share * (last - first), first), last)

    def far(other: float) -> float:
        return abs(math.log(other / value)) if log else abs(other - value)

    found = grid.values[grid.nearest(value)]
    assert far(found) == min(map(far, grid.values))
    for index, exact in enumerate(grid.values):
        assert grid.values[grid.nearest(exact)] == grid.values[index]


@pytest.mark.parametrize(
    ("grid", "value", "words"),
    [
        (Grid(2, 128, 7), 1.99, "expected a value from 2 to 128, got 1.99"),
        (Grid(2, 128, 7), 129, "expected a value from 2 to 128, got 129"),
        (Grid(2, 128, 7), "8", "expected a number from 2 to 128, got '8'"),
        (Grid(2, 128, 7), True, "expected a number from 2 to 128, got True"),
        (Grid(2, 128, 7), float("nan"), "expected a number from 2 to 128, got nan"),
        (Grid(2, 128, 7), None, "expected a number from 2 to 128, got None"),
        (Grid(levels=2, listed=("a", "b")), "c", "expected one of 'a', 'b', got 'c'"),
        (Grid(levels=2, listed=(1, 2)), True, "expected one of 1, 2, got True"),
        (Grid(levels=2, listed=(False, True)), 1, "expected one of False, True, got 1"),
        (Grid(levels=2, listed=((1, 2), (3, 4))), [3, 5], "expected one of"),
        (Grid(levels=99, listed=tuple("ab" * 50)[:99]), "c", ", ..., got 'c'"),
    ],
)
def test_values_that_are_not_on_it(grid: Grid, value: Any, words: str) -> None:
    with pytest.raises(SettingError) as caught:
        grid.nearest(value)
    assert words in str(caught.value)


def test_lists() -> None:
    assert Grid(levels=3, listed=(2, 5, 10)).nearest(6) == 1
    assert Grid(levels=2, listed=((1, 2), (3, 4))).nearest([3, 4]) == 1
    assert Grid(levels=2, listed=(False, True)).nearest(True) == 1
    assert Grid(levels=2, listed=(1, True)).nearest(True) == 1
    entry = {"values": ["a", "b"]}
    assert Grid.of(entry, whole=False) == Grid(levels=2, listed=("a", "b"))
    entry = {"min": 1, "max": 4, "levels": 4, "scale": "log"}
    assert Grid.of(entry, whole=True) == Grid(1, 4, 4, log=True, whole=True)
