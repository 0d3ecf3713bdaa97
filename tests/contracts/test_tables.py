"""Tables: what is refused, and that counts become frequencies exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from semcodec.contracts.coding import PRECISION, Tables

ONE = 1 << PRECISION


@given(
    hnp.arrays(
        np.int64,
        st.tuples(st.integers(1, 4), st.integers(1, 300)),
        elements=st.one_of(st.integers(0, 50), st.integers(0, 2**47 // 300 - 1)),
    )
)
def test_frequencies_sum_up_and_everything_can_be_coded(counts: np.ndarray[Any, Any]) -> None:
    tables = Tables.from_frequencies(counts, np.zeros(len(counts), dtype=int))
    steps = np.diff(tables.cdf, axis=1).astype(object)
    width = counts.shape[1]
    assert (steps.sum(axis=1) == ONE).all()
    assert (steps >= 1).all()
    assert (tables.lengths == width).all()
    for row, step in zip(counts.astype(object), steps, strict=True):
        total = row.sum()
        for count, got in zip(row, step, strict=True):
            exact = count * (ONE - width) / total if total else (ONE - width) / width
            assert abs((got - 1) - exact) <= 1
        by_count = step[np.lexsort((step.astype(int), row.astype(int)))]
        assert (np.diff(by_count.astype(int)) >= 0).all()


def test_remainders_go_to_the_largest_fractions_earlier_ones_first() -> None:
    # 65533 to share: 3 of 7 is 28085.57, 1 of 7 is 9361.86; the two smaller ones have the larger
    # fraction, and of those the earlier one comes first.
    tables = Tables.from_frequencies([[3, 1, 3]], [0])
    assert np.diff(tables.cdf[0]).tolist() == [28087, 9363, 28086]
    assert np.diff(Tables.from_frequencies([[0, 0, 0]], [0]).cdf[0]).tolist() == [
        21846,
        21845,
        21845,
    ]


def test_digest_is_a_promise() -> None:
    tables = Tables.from_frequencies([[3, 1, 3], [1, 1, 0]], [-1, 5])
    assert tables.digest == "47b05f7d91d3986ad49d908fabc0f1a0fae6988b616a244a9522aa3f06d94c8b"
    assert tables.digest != Tables.from_frequencies([[3, 1, 3], [1, 1, 0]], [-1, 4]).digest


GOOD = ([[0, 1, ONE], [0, ONE, ONE]], [2, 1], [0, -3])


@pytest.mark.parametrize(
    ("cdf", "lengths", "offsets", "words"),
    [
        ([[1, 2, ONE]], [2], [0], "start at 0"),
        ([[0, 2, 2, ONE]], [3], [0], "increase strictly"),
        ([[0, 3, 2, ONE]], [3], [0], "increase strictly"),
        ([[0, 2, ONE, ONE + 1]], [2], [0], "increase strictly"),
        ([[0, 2, ONE - 1]], [2], [0], f"end at {ONE}"),
        ([[0, 2, ONE]], [3], [0], "lengths from 1 to 2"),
        ([[0, 2, ONE]], [0], [0], "lengths from 1 to 2"),
        ([[0, 2, ONE]], [2, 2], [0], "1 lengths and offsets"),
        ([[0, 2, ONE]], [2], [0, 0], "1 lengths and offsets"),
        ([0, 2, ONE], [2], [0], r"shape \(tables, width\)"),
        (np.zeros((0, 3), int), np.zeros(0, int), np.zeros(0, int), r"shape \(tables, width\)"),
        ([[0]], [1], [0], r"shape \(tables, width\)"),
        ([[0.0, 2.5, ONE]], [2], [0], "integers as cdf, got float64"),
        ([[0, 2**40, ONE]], [2], [0], r"expected cdf in \["),
        ([[0, 2, ONE]], [True], [0], "integers as lengths, got bool"),
        ([[0, 2, ONE]], [2], ["0"], "integers as offsets"),
        ([[0, 2, ONE]], [2], [2**31], "expected offsets in"),
    ],
)
def test_tables_that_no_coder_could_use(cdf: Any, lengths: Any, offsets: Any, words: str) -> None:
    assert len(Tables(*map(np.array, GOOD))) == 2
    with pytest.raises(ValueError, match=words):
        Tables(cdf, lengths, offsets)


@pytest.mark.parametrize(
    "rows",
    [
        [[-1, 2]],
        [[0.5, 2]],
        [[]],
        [1, 2],
        [[[1]]],
        [[2**47, 0]],
        [[2**46, 2**46]],
        np.ones((1, 2**15 + 1), int),
        [["a"]],
    ],
)
def test_frequencies_that_are_none(rows: Any) -> None:
    with pytest.raises(ValueError, match="expected"):
        Tables.from_frequencies(rows, [0])


def test_what_was_given_stays_the_callers() -> None:
    cdf = np.array(GOOD[0], dtype=np.int32)
    tables = Tables(cdf, np.array(GOOD[1], dtype=np.int32), np.array(GOOD[2], dtype=np.int32))
    cdf[0, 1] = 7
    assert tables.cdf[0, 1] == 1
    with pytest.raises(ValueError, match="read-only"):
        tables.cdf[0, 1] = 7
