"""The coder ``rans`` against that of CompressAI, used as CompressAI uses it: with Python lists."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from semcodec.coding.tables import gaussian_tables
from semcodec.components.coders import Rans
from semcodec.contracts.coding import Tables

SYMBOLS = 1_000_000
ROUNDS = 7
MOST = 1e-3
"""Of the ideal, that a coder may add."""
LEAST = 5
"""Times the speed of CompressAI's coder."""
MIXTURES = {"dense": (2.3, 4.4), "sparse": (0.45, 8.0)}
"""Beta distributions of the table index, over all 64 tables."""

Ints = NDArray[np.int32]


def drawn(tables: Tables, name: str) -> tuple[Ints, Ints, float]:
    """Draw indexes, symbols as the tables foretell them, and what these are worth in bytes."""
    rng = np.random.default_rng(12)
    indexes = (len(tables) * rng.beta(*MIXTURES[name], SYMBOLS)).astype(np.int32)
    symbols = np.zeros(SYMBOLS, dtype=np.int32)
    bits = 0.0
    for row in np.unique(indexes):
        here = indexes == row
        inside = int(tables.lengths[row]) - 1
        cdf = tables.cdf[row, : inside + 1]
        units = rng.integers(0, int(cdf[inside]), np.count_nonzero(here))
        entries = np.searchsorted(cdf, units, side="right") - 1
        symbols[here] = entries + tables.offsets[row]
        bits += float((16 - np.log2(np.diff(cdf)[entries])).sum())
    return indexes, symbols, bits / 8


def seconds(work: Callable[[], Any], other: Callable[[], Any]) -> tuple[float, float]:
    """Least times of both, taken in turns."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for times, each in zip(taken, (work, other), strict=True):
            start = time.perf_counter()
            each()
            times.append(time.perf_counter() - start)
    return min(taken[0]), min(taken[1])


def measure(name: str) -> dict[str, Any]:
    """Run both coders over the same symbols; in a process of its own, see ``measured``."""
    from compressai import ans

    tables = gaussian_tables()
    indexes, symbols, ideal = drawn(tables, name)

    def encode() -> bytes:
        session = Rans().encoder()
        session.code(symbols, indexes, tables)
        return session.finish()

    def decode() -> Ints:
        session = Rans().decoder(data)
        found = session.code(indexes, tables)
        session.finish()
        return found

    def lists() -> tuple[list[list[int]], list[int], list[int]]:
        return tables.cdf.tolist(), (tables.lengths + 1).tolist(), tables.offsets.tolist()

    def their_encode() -> bytes:
        coded: bytes = ans.RansEncoder().encode_with_indexes(
            symbols.tolist(), indexes.tolist(), *lists()
        )
        return coded

    def their_decode() -> Ints:
        found = ans.RansDecoder().decode_with_indexes(theirs, indexes.tolist(), *lists())
        return np.array(found, dtype=np.int32)

    data, theirs = encode(), their_encode()
    assert (decode() == symbols).all()
    assert (their_decode() == symbols).all()
    return {
        "bits": 8 * ideal / SYMBOLS,
        "overhead": len(data) / ideal - 1,
        "their overhead": len(theirs) / ideal - 1,
        "encode": seconds(encode, their_encode),
        "decode": seconds(decode, their_decode),
    }


@pytest.fixture(scope="module")
def measured() -> dict[str, dict[str, Any]]:
    """Both mixtures; apart from this process, whose warnings are errors."""
    if importlib.util.find_spec("compressai") is None:
        pytest.skip("the peer is not installed; pip install torch torchvision compressai")
    run = subprocess.run([sys.executable, __file__], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    found: dict[str, dict[str, Any]] = json.loads(run.stdout)
    return found


@pytest.mark.benchmark
@pytest.mark.parametrize("name", MIXTURES)
def test_rans_against_the_ideal_and_compressai(
    name: str, measured: dict[str, dict[str, Any]]
) -> None:
    found = measured[name]
    print(
        f"\n{name}, {found['bits']:.2f} bits: {found['overhead']:.4%} above the ideal (0.1%), "
        f"CompressAI {found['their overhead']:.4%}"
    )
    assert 0 <= found["overhead"] <= MOST
    for way in ("encode", "decode"):
        ours, theirs = found[way]
        print(
            f"{way}: {SYMBOLS / ours / 1e6:.0f} million symbols a second, "
            f"{theirs / ours:.1f} times CompressAI (5)"
        )
        assert theirs >= LEAST * ours


if __name__ == "__main__":
    print(json.dumps({name: measure(name) for name in MIXTURES}))
