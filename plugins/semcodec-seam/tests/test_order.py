"""Seams are optimal, seam by seam: against every path there is, and against a slow program."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import sobel
from semcodec_seam.carving.order import kept, removal_order
from semcodec_seam.carving.planes import Cost

from semcodec.errors import SettingError


@st.composite
def fields(draw: Any, most: int = 9, top: int = 30) -> Any:
    height, width = draw(st.integers(1, most)), draw(st.integers(2, most))
    values = draw(st.lists(st.integers(0, top), min_size=height * width, max_size=height * width))
    return np.array(values, np.float32).reshape(height, width)


def places(order: Any, k: int) -> list[int]:
    """Columns of the k-th seam, from top to bottom, in the field it was found in."""
    left = (order == 0) | (order >= k)
    found = []
    for row, stays in zip(order, left, strict=True):
        assert np.count_nonzero(row == k) == 1
        found.append(int(np.flatnonzero(np.flatnonzero(stays) == np.flatnonzero(row == k)[0])[0]))
    return found


def paths(height: int, width: int, reach: int) -> Any:
    """All connected columns."""
    for first in range(width):
        for steps in itertools.product(range(-reach, reach + 1), repeat=height - 1):
            path = np.cumsum([first, *steps])
            if path.min() >= 0 and path.max() < width:
                yield path


def backward(field: Any, path: Any, rigidity: float) -> float:
    steps = np.abs(np.diff(path)).sum()
    return float(field[np.arange(len(path)), path].sum() + rigidity * steps)


def forward(field: Any, gray: Any, path: Any, weight: float, rigidity: float) -> float:
    """Rubinstein et al. 2008, section 5, by its definition."""
    width = field.shape[1]
    total = 0.0
    for y, x in enumerate(path):
        left, right = gray[y, max(x - 1, 0)], gray[y, min(x + 1, width - 1)]
        cost = abs(right - left)
        if y:
            step = path[y - 1] - x
            above = gray[y - 1, x]
            cost += abs(above - left) if step < 0 else abs(above - right) if step > 0 else 0
            total += rigidity * abs(step)
        total += field[y, x] + weight * cost / 255
    return total


@given(field=fields(most=5), reach=st.integers(1, 2), rigidity=st.sampled_from([0.0, 1.0, 7.0]))
@settings(max_examples=1000, deadline=None)
def test_a_seam_is_the_best_of_all_paths(field: Any, reach: int, rigidity: float) -> None:
    order = removal_order(field, 1, cost=Cost(reach=reach, rigidity=rigidity))
    found = backward(field, places(order, 1), rigidity)
    best = min(backward(field, path, rigidity) for path in paths(*field.shape, reach))
    assert found == pytest.approx(best, abs=1e-3 * len(field))


@given(
    field=fields(most=5, top=9), gray=fields(most=5, top=255), rigidity=st.sampled_from([0.0, 1.0])
)
@settings(max_examples=1000, deadline=None)
def test_a_forward_seam_is_the_best_of_all_paths(field: Any, gray: Any, rigidity: float) -> None:
    height, width = (min(sides) for sides in zip(field.shape, gray.shape, strict=True))
    field, gray = field[:height, :width].copy() / 9, gray[:height, :width].copy()
    order = removal_order(field, 1, gray=gray, cost=Cost(forward=2.0, rigidity=rigidity))
    found = forward(field, gray, places(order, 1), 2.0, rigidity)
    best = min(forward(field, gray, path, 2.0, rigidity) for path in paths(height, width, 1))
    assert found == pytest.approx(best, abs=1e-3 * height)


def program(field: Any, reach: int, rigidity: float) -> float:
    """Least cost of a seam, by a program that is plainly right."""
    sums = field[0].astype(float)
    for row in field[1:]:
        sums = np.array(
            [
                row[x]
                + min(
                    sums[j] + rigidity * abs(j - x)
                    for j in range(max(0, x - reach), min(len(row), x + reach + 1))
                )
                for x in range(len(row))
            ]
        )
    return float(sums.min())


@given(
    field=fields(),
    gray=st.integers(0, 2**32 - 1),
    reach=st.integers(1, 3),
    rigidity=st.sampled_from([0.0, 1.0]),
)
@settings(max_examples=150, deadline=None)
def test_every_seam_is_optimal_in_what_is_left(
    field: Any, gray: int, reach: int, rigidity: float
) -> None:
    width = field.shape[1]
    order = removal_order(field, width - 1, cost=Cost(reach=reach, rigidity=rigidity))
    for k in range(1, width):
        left = field[(order == 0) | (order >= k)].reshape(len(field), -1)
        path = places(order, k)
        assert np.abs(np.diff(path)).max(initial=0) <= reach
        cost = backward(left, path, rigidity)
        assert cost == pytest.approx(program(left, reach, rigidity), abs=1e-2)


@given(field=fields(), seed=st.integers(0, 99))
@settings(max_examples=50, deadline=None)
def test_every_forward_seam_is_optimal_in_what_is_left(field: Any, seed: int) -> None:
    gray = np.random.default_rng(seed).integers(0, 256, field.shape).astype(np.float32)
    field, width = field[:5, :5] / 30, min(5, field.shape[1])
    gray = gray[:5, :5].copy()
    order = removal_order(field.copy(), width - 1, gray=gray, cost=Cost(forward=1.0))
    for k in range(1, width):
        stays = (order == 0) | (order >= k)
        left, shades = (plane[stays].reshape(len(field), -1) for plane in (field, gray))
        found = forward(left, shades, places(order, k), 1.0, 0.0)
        best = min(forward(left, shades, path, 1.0, 0.0) for path in paths(*left.shape, 1))
        assert found == pytest.approx(best, abs=1e-2)


@given(gray=fields(top=255))
@settings(max_examples=100, deadline=None)
def test_every_live_seam_is_optimal_by_the_slopes_of_what_is_left(gray: Any) -> None:
    width = gray.shape[1]
    order = removal_order(gray, width - 1, gray=gray, live=True)
    for k in range(1, width):
        left = gray[(order == 0) | (order >= k)].reshape(len(gray), -1)
        slopes = np.hypot(sobel(left, 0, mode="reflect"), sobel(left, 1, mode="reflect"))
        cost = backward(slopes, places(order, k), 0.0)
        assert cost == pytest.approx(program(slopes, 1, 0.0), abs=0.05 * len(gray))


def test_live_energy_knows_no_masks_and_no_other_costs() -> None:
    field = np.ones((3, 4), np.float32)
    with pytest.raises(ValueError, match="no masks"):
        removal_order(field, 1, gray=field, live=True, keep=field > 2)


def test_straight_seams_are_the_cheapest_columns() -> None:
    field = np.array([[3, 1, 2, 0], [0, 4, 1, 2]], np.float32)
    order = removal_order(field, 3, cost=Cost(reach=0))
    assert order.tolist() == [[2, 0, 3, 1]] * 2


@given(field=fields(), seed=st.integers(0, 999))
@settings(max_examples=150, deadline=None)
def test_masks_come_before_energy(field: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    keep, remove = rng.random((2, *field.shape)) < 0.2
    remove &= ~keep
    order = removal_order(field, 1, keep=keep, remove=remove)
    path = np.array(places(order, 1))
    rows = np.arange(len(path))
    # First as few to be kept as any path has, then as many to be removed, then the least energy.
    got = keep[rows, path].sum(), -remove[rows, path].sum(), field[rows, path].sum()
    ways = paths(*field.shape, 1) if field.size <= 30 else []
    for way in ways:
        other = keep[rows, way].sum(), -remove[rows, way].sum(), field[rows, way].sum()
        assert got <= (*other[:2], other[2] + 0.01)


def test_equal_seams_take_turns() -> None:
    order = removal_order(np.zeros((6, 9), np.float32), 8)
    assert order[:, 0].tolist() == [1] * 6
    assert order[:, -1].tolist() == [2] * 6
    assert order[:, 1].tolist() == [3] * 6


@given(field=fields(), share=st.floats(0, 1))
@settings(max_examples=50, deadline=None)
def test_any_width_is_a_prefix_of_the_order(field: Any, share: float) -> None:
    width = field.shape[1]
    whole = removal_order(field, width - 1)
    count = int(share * (width - 1))
    part = removal_order(field, count)
    assert np.array_equal(part, np.where(whole <= count, whole, 0))
    assert (kept(whole, count).sum(axis=1) == width - count).all()


def test_progress_reaches_the_end_and_never_falls() -> None:
    seen: list[float] = []
    removal_order(np.ones((4, 200), np.float32), 150, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1


@pytest.mark.parametrize("count", [-1, 5, 6])
def test_a_field_cannot_lose_all_columns(count: int) -> None:
    with pytest.raises(ValueError, match="fewer seams than the 5 columns"):
        removal_order(np.ones((2, 5), np.float32), count)


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"reach": 17}, "a reach of 0 to 16"),
        ({"forward": -1.0}, "forward from 0 to 100"),
        ({"rigidity": float("nan")}, "rigidity from 0 to 100"),
        ({"forward": 1.0, "reach": 2}, "a reach of 1 with forward"),
    ],
)
def test_costs_out_of_range_say_so(given_: Any, says: str) -> None:
    with pytest.raises(SettingError, match=says):
        Cost(**given_)


def test_a_field_too_tall_says_so() -> None:
    with pytest.raises(SettingError, match="at most 32768 pixels along a seam"):
        removal_order(np.ones((32769, 2), np.float32), 1)
