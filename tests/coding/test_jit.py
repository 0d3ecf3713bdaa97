"""Kernels called without numba: the same values as the function itself, and nothing of numba."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import semcodec
from semcodec.coding.jit import Kernel, kernel


class Pair(NamedTuple):
    """Two arrays, one of which nothing may write."""

    free: Any
    frozen: Any


@kernel
def scaled(value: Any, by: Any) -> Any:
    return value * by


@kernel
def scale(values: Any, by: Any) -> None:
    for i in range(len(values)):
        values[i] = scaled(values[i], by)


@kernel
def same(values: Any, count: Any) -> Any:
    return values, count + 1


@kernel
def fresh(values: Any) -> Any:
    made = np.zeros(values.shape, dtype=np.int32)
    made[:, 0] = values[:, -1]
    return made


@kernel
def both(pair: Any, place: Any) -> Any:
    pair.free[place] += pair.frozen[place]
    return pair.free[place]


@kernel
def zeros(count: Any) -> Any:
    return np.zeros(count, dtype=np.uint8)


@kernel
def halved(value: Any) -> Any:
    return value / 2


@pytest.fixture(autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Machine code of tests is kept apart from that of the package."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "kernels"))


def test_a_kernel_calls_another_and_writes_to_its_argument() -> None:
    values = np.arange(5)
    assert scale(values, -(2**40)) is None
    assert values.tolist() == [-(2**40) * i for i in range(5)]


def test_an_argument_that_comes_back_is_the_same_object() -> None:
    values = np.arange(6, dtype=np.int32).reshape(2, 3)
    back, count = same(values, 41)
    assert back is values
    assert count == 42


def test_a_new_array_is_the_callers_own() -> None:
    values = np.arange(6, dtype=np.int32).reshape(2, 3)
    made = fresh(values)
    assert made.dtype == np.int32
    assert made.tolist() == [[2, 0, 0], [5, 0, 0]]
    made[:] = 7
    assert fresh(values).tolist() == [[2, 0, 0], [5, 0, 0]]
    assert fresh(values[:0]).shape == (0, 3)


def test_each_kind_of_argument_has_machine_code_of_its_own() -> None:
    for dtype in (np.int8, np.uint16, np.int64):
        values = np.array([1, 2, 3], dtype=dtype)
        scale(values, 3)
        assert values.tolist() == [3, 6, 9]


def test_named_tuples_are_taken_apart() -> None:
    frozen = np.array([5, 6])
    frozen.setflags(write=False)
    pair = Pair(np.array([1, 2]), frozen)
    assert both(pair, 1) == 8
    assert pair.free.tolist() == [1, 8]


def test_memory_is_given_back() -> None:
    resource = pytest.importorskip("resource")
    zeros(1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(200):
        zeros(1 << 22)
    gc.collect()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 200 << 10  # kilobytes (or bytes, on a Mac); all of them would be 800 MB


def test_memory_that_there_is_not_is_said() -> None:
    with pytest.raises(MemoryError, match="a coding kernel"):
        zeros(1 << 55)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("value", [3.0, 2**63, True])
def test_what_only_numba_knows_to_pass_works_too(value: Any) -> None:
    assert halved(value) == value / 2


def test_a_strided_array_works_too() -> None:
    values = np.arange(10)
    scale(values[::2], 10)
    assert values.tolist() == [0, 1, 20, 3, 40, 5, 60, 7, 80, 9]


def test_a_result_that_only_numba_knows_to_give_works_too() -> None:
    assert halved(7) == 3.5


def test_threads_may_meet_at_the_first_call() -> None:
    again = Kernel(scale.__wrapped__)
    rows = np.ones((4, 1000), dtype=np.int16)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda row: again(row, 2), rows))
    assert (rows == 2).all()


SCRIPT = """
import sys
import numpy as np
import semcodec

codec = semcodec.load("flat-dct")
picture = np.add.outer(np.arange(24), np.arange(40))[:, :, None].astype(np.uint8)
data = codec.encode(picture)
assert codec.decode(data).shape == (24, 40, 1)
print(data.hex(), "numba" in sys.modules)
"""


def test_a_second_process_imports_no_numba_and_writes_the_same(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "NUMBA_CACHE_DIR": str(tmp_path),
        "PYTHONPATH": str(Path(semcodec.__file__).parents[1]),
    }
    first, second = (
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for _ in range(2)
    )
    assert first[1] == "True"
    assert second == [first[0], "False"]
