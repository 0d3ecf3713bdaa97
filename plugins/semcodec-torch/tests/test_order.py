"""The order of coding: every symbol once, and what a place may look at."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from semcodec_torch.entropy.order import Part, parts, phases

GROUPS = st.lists(st.tuples(st.integers(1, 5), st.sampled_from([1, 2, 4])), min_size=1, max_size=5)


@given(st.integers(1, 40), st.integers(1, 40))
def test_two_phases_are_a_checkerboard_of_rows_and_columns(rows: int, columns: int) -> None:
    made = phases(2, rows, columns)
    assert made.shape == (rows, columns)
    assert made[0, 0] == 0
    assert (made[1:] != made[:-1]).all()
    assert (made[:, 1:] != made[:, :-1]).all()


def test_four_phases_go_through_squares_of_two() -> None:
    assert phases(4, 3, 4).tolist() == [[0, 2, 0, 2], [3, 1, 3, 1], [0, 2, 0, 2]]
    assert (phases(1, 3, 4) == 0).all()


@given(GROUPS, st.integers(1, 9), st.integers(1, 9))
def test_every_symbol_is_in_one_part(
    groups: list[tuple[int, int]], rows: int, columns: int
) -> None:
    count = np.zeros((sum(channels for channels, _ in groups), rows * columns), int)
    made = parts(groups)
    for part in made:
        count[part.start : part.stop, part.places(rows, columns)] += 1
    assert (count == 1).all()
    assert [part.start for part in made] == sorted(part.start for part in made)
    assert all(b.phase == a.phase + 1 or b.phase == 0 for a, b in pairwise(made))


@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize(("phase", "count"), [(p, n) for n in (1, 2, 4) for p in range(n)])
@pytest.mark.parametrize("start", [0, 3])
def test_taps_are_where_something_is_known(kernel: int, phase: int, count: int, start: int) -> None:
    part, half = Part(start, start + 2, phase, count), kernel // 2
    when = phases(count, 20, 20)
    taps = {(row, column): planes for row, column, planes in part.taps(kernel)}
    for row, column in np.argwhere(when == phase):
        if not (half <= row < 20 - half and half <= column < 20 - half):
            continue
        around = when[row - half : row + half + 1, column - half : column + half + 1]
        wanted = np.where(around < phase, 2 * part.stop, 2 * part.start)
        known = {(int(r), int(c)): int(wanted[r, c]) for r, c in np.argwhere(wanted)}
        assert taps == known
