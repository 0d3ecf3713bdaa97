"""Integer tables: made of probabilities, stored as tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from semcodec_torch.entropy.tables import from_arrays, from_probabilities, to_arrays

from semcodec.coding.tables import gaussian_tables
from semcodec.contracts.coding import Tables
from semcodec.errors import WeightsError


def same(a: Tables, b: Tables) -> bool:
    return a.digest == b.digest


def test_tables_are_as_short_as_their_tails() -> None:
    rows = np.zeros((2, 9))
    rows[0, 3:6] = [0.25, 0.5, 0.25]
    rows[1] = 1 / 9
    tables = from_probabilities(rows, -4)
    assert tables.lengths.tolist() == [4, 10]
    assert tables.offsets.tolist() == [-1, -4]
    # 2**16 less one for each of the four entries, shared 1 : 2 : 1, and one again.
    assert tables.cdf[0, :5].tolist() == [0, 16384, 49151, 65535, 65536]


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 40))
def test_storing_gives_the_same_tables(seed: int, count: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.random((count, width)) ** 8
    tables = from_probabilities(rows / rows.sum(axis=1, keepdims=True) * rng.random(), -7)
    assert same(from_arrays(to_arrays(tables, "prior"), "prior"), tables)


def test_the_core_s_tables_are_stored_in_little() -> None:
    arrays = to_arrays(gaussian_tables(), "tables")
    assert same(from_arrays(arrays, "tables"), gaussian_tables())
    assert sum(array.nbytes for array in arrays.values()) < 80_000


def test_the_form_is_pinned() -> None:
    arrays = {
        "t.frequencies": np.array([65530, 6, 65536], np.int32),
        "t.lengths": np.array([2, 1], np.int32),
        "t.offsets": np.array([-3, 0], np.int32),
    }
    tables = from_arrays(arrays, "t")
    assert tables.cdf.tolist() == [[0, 65530, 65536], [0, 65536, 65536]]
    made = to_arrays(tables, "t")
    assert all(np.array_equal(made[name], arrays[name]) for name in arrays)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("t.lengths", None, "expected 't.lengths'"),
        ("t.lengths", np.array([2.0, 1.0]), "expected 't.lengths', int32"),
        ("t.lengths", np.array([2], np.int32), "as many lengths as offsets"),
        ("t.lengths", np.array([3, 1], np.int32), "lengths that sum to the 3"),
        ("t.lengths", np.array([4, -1], np.int32), "lengths that sum"),
        ("t.lengths", np.array([2**31 - 1, 2**31 - 1], np.int32), "lengths that sum"),
        ("t.frequencies", np.array([65530, 7, 65536], np.int32), "end at 65536"),
        ("t.frequencies", np.array([65536, 0, 65536], np.int32), "frequencies from 1"),
        ("t.frequencies", np.array([-1, 65537, 65536], np.int32), "frequencies from 1"),
    ],
)
def test_what_is_no_table_is_refused(name: str, value: Any, said: str) -> None:
    arrays = {
        "t.frequencies": np.array([65530, 6, 65536], np.int32),
        "t.lengths": np.array([2, 1], np.int32),
        "t.offsets": np.array([-3, 0], np.int32),
        name: value,
    }
    arrays = {key: array for key, array in arrays.items() if array is not None}
    with pytest.raises(WeightsError, match=said):
        from_arrays(arrays, "t")


def test_rectangles_that_would_fill_memory_are_refused() -> None:
    lengths = np.array([60000] + [1] * 400, np.int32)
    frequencies = np.ones(60400, np.int32)
    arrays = {"t.frequencies": frequencies, "t.lengths": lengths, "t.offsets": 0 * lengths}
    with pytest.raises(WeightsError, match="at most 4194304 entries"):
        from_arrays(arrays, "t")


@pytest.mark.parametrize("rows", [[[0.5, -0.1]], [[float("nan")]], [[0.7, 0.7]]])
def test_what_are_no_probabilities_is_refused(rows: Any) -> None:
    with pytest.raises(ValueError, match="expected rows"):
        from_probabilities(np.array(rows), 0)
