"""Laws of the range coder: exact, resumable, within bytes of the entropy, the same everywhere."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcodec.coding.tables import gaussian_tables, laplace_tables
from semcodec.components.coders import Range
from semcodec.contracts.coding import AdaptivePass, Tables
from semcodec.contracts.values import Symbols
from semcodec.errors import ContainerError

BOUND = 2**30
EXTREMES = [0, 1, -1, 7, 8, 300, -70000, BOUND, -BOUND]


def table_bits(symbols, indexes, tables: Tables) -> float:
    """What the integer probabilities say that the symbols are worth."""
    bits = 0.0
    for symbol, row in zip(symbols, indexes, strict=True):
        offset, inside = int(tables.offsets[row]), int(tables.lengths[row]) - 1
        place = int(symbol) - offset
        if not 0 <= place < inside:
            beyond = -1 - place if place < 0 else place - inside
            bits += 1 + 2 * int(math.log2(beyond + 1)) + 1
            place = inside
        share = int(tables.cdf[row, place + 1]) - int(tables.cdf[row, place])
        bits -= math.log2(share / 65536)
    return bits


def reference_decode(data: bytes, indexes, tables: Tables) -> list[int]:
    """Decode as ``docs/format-coding.md`` says, in the plainest way: exact big integers."""
    stream = iter(data)
    code = int.from_bytes(bytes(next(stream, 0) for _ in range(4)), "big")
    size = 2**32 - 1

    def narrow(start: int, width: int) -> None:
        nonlocal code, size
        code, size = code - start, width
        while size < 2**24:
            code, size = code << 8 | next(stream, 0), size << 8

    def bit() -> int:
        half = size >> 1
        one = int(code < half)
        narrow(0, half) if one else narrow(half, size - half)
        return one

    symbols = []
    for row in indexes:
        cdf, length = tables.cdf[row].tolist(), int(tables.lengths[row])
        unit = size >> 16
        part = min(code // unit, 65535)
        entry = max(e for e in range(length) if cdf[e] <= part)
        end = size if entry == length - 1 else unit * cdf[entry + 1]
        narrow(unit * cdf[entry], end - unit * cdf[entry])
        symbol = int(tables.offsets[row]) + entry
        if entry == length - 1:
            below, extra, beyond = bit(), 0, 1
            while bit():
                extra += 1
            for _ in range(extra):
                beyond = beyond << 1 | bit()
            symbol = int(tables.offsets[row]) - beyond if below else symbol + beyond - 1
        symbols.append(symbol)
    return symbols


pairs = st.lists(
    st.tuples(st.one_of(st.sampled_from(EXTREMES), st.integers(-BOUND, BOUND)), st.integers(0, 2)),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(pairs)
def test_tables_code_every_symbol_and_a_second_decoder_agrees(skewed, coded):
    symbols, indexes = [s for s, _ in coded], [i for _, i in coded]
    session = Range().encoder()
    session.code(np.array(symbols, dtype=np.int32), np.array(indexes, dtype=np.int32), skewed)
    data = session.finish()
    decoder = Range().decoder(data)
    decoded = decoder.code(np.array(indexes, dtype=np.int32), skewed)
    decoder.finish()
    assert decoded.dtype == np.int32
    assert decoded.tolist() == symbols
    assert reference_decode(data, indexes, skewed) == symbols
    assert len(data) <= table_bits(symbols, indexes, skewed) / 8 + 1.1


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([(0, 0), (1, 0), (-2, 1), (1, 1), (0, 1)]), max_size=300))
def test_long_runs_and_carries_are_exact(skewed, coded):
    symbols, indexes = [s for s, _ in coded], [i for _, i in coded]
    session = Range().encoder()
    session.code(np.array(symbols, dtype=np.int32), np.array(indexes, dtype=np.int32), skewed)
    data = session.finish()
    decoder = Range().decoder(data)
    assert decoder.code(np.array(indexes, dtype=np.int32), skewed).tolist() == symbols
    decoder.finish()


def test_a_carry_runs_through_a_chain_of_full_bytes():
    """Towards the last table entry the low end fills with 0xff; a step back must carry over it."""
    cdf = [[0, 1, 65535, 65536]]
    tables = Tables(np.array(cdf), np.array([3]), np.array([0]))
    rng = np.random.default_rng(5)
    carried = False
    for tail in range(200):
        symbols = np.concatenate([np.full(tail % 7, 1), rng.integers(0, 2, 40)])
        session = Range().encoder()
        session.code(np.full(12, 9), np.zeros(12, dtype=int), tables)
        session.code(symbols, np.zeros(len(symbols), dtype=int), tables)
        data = session.finish()
        carried |= b"\x00\x00" in data or b"\xff\xff" in data
        decoder = Range().decoder(data)
        assert (decoder.code(np.zeros(12, dtype=int), tables) == 9).all()
        assert (decoder.code(np.zeros(len(symbols), dtype=int), tables) == symbols).all()
        decoder.finish()
    assert carried


def test_an_empty_session_is_no_byte(skewed):
    assert Range().encoder().finish() == b""
    none = np.zeros(0, dtype=np.int32)
    session = Range().encoder()
    session.code(none, none, skewed)
    assert session.finish() == b""
    decoder = Range().decoder(b"")
    assert decoder.code(none, skewed).tolist() == []
    decoder.finish()


def test_how_a_stream_is_cut_into_calls_changes_no_byte():
    tables = gaussian_tables()
    rng = np.random.default_rng(1)
    indexes = rng.integers(0, 40, 500)
    symbols = np.rint(rng.normal(0, 3, 500)).astype(np.int32)
    whole = Range().encoder()
    whole.code(symbols, indexes, tables)
    parts = Range().encoder()
    for cut in range(0, 500, 7):
        parts.code(symbols[cut : cut + 7], indexes[cut : cut + 7], tables)
    data = whole.finish()
    assert parts.finish() == data
    decoder = Range().decoder(data)
    got = [decoder.code(indexes[cut : cut + 11], tables) for cut in range(0, 500, 11)]
    decoder.finish()
    assert (np.concatenate(got) == symbols).all()


@pytest.mark.parametrize("seed", range(25))
def test_three_streams_of_114_bytes_cost_at_most_two_bytes_more_than_their_entropy(seed):
    rng = np.random.default_rng(seed)
    session = Range().encoder()
    bits = 0.0
    for tables, scale in ((gaussian_tables(), 20), (laplace_tables(), 12), (gaussian_tables(), 34)):
        symbols = np.rint(rng.normal(0, 2, 90)).astype(np.int32)
        indexes = np.full(90, scale, dtype=np.int32)
        bits += table_bits(symbols, indexes, tables)
        session.code(symbols, indexes, tables)
    size = len(session.finish())
    assert 90 <= size <= 170
    assert size <= bits / 8 + 2
    assert size >= bits / 8 - 8


def test_a_long_stream_stays_within_a_thousandth_of_its_entropy():
    tables = gaussian_tables()
    rng = np.random.default_rng(3)
    indexes = rng.integers(5, 60, 100_000)
    symbols = np.rint(rng.normal(0, 4, 100_000)).astype(np.int32)
    session = Range().encoder()
    session.code(symbols, indexes, tables)
    data = session.finish()
    assert len(data) * 8 <= table_bits(symbols, indexes, tables) * 1.001 + 16
    assert (Range().decoder(data).code(indexes, tables) == symbols).all()


def test_a_symbol_may_end_a_stream(skewed):
    session = Range().encoder()
    session.code(np.array([1, 0, -1, 1]), np.ones(4, dtype=int), skewed)
    session.code(np.array([5]), np.zeros(1, dtype=int), skewed)
    decoder = Range().decoder(session.finish())
    assert decoder.code(np.ones(100, dtype=int), skewed, end=-1).tolist() == [1, 0, -1]
    assert decoder.code(np.ones(1, dtype=int), skewed).tolist() == [1]
    assert decoder.code(np.zeros(1, dtype=int), skewed).tolist() == [5]
    decoder.finish()


def test_what_cannot_be_coded_is_refused(skewed):
    session = Range().encoder()
    one = np.zeros(1, dtype=np.int32)
    with pytest.raises(ValueError, match="table indexes from 0 to 2, got 3 to 3"):
        session.code(one, one + 3, skewed)
    with pytest.raises(ValueError, match="table indexes"):
        session.code(one, one - 1, skewed)
    with pytest.raises(ValueError, match=r"within \+-2\*\*30"):
        session.code(np.array([BOUND + 1]), one, skewed)
    with pytest.raises(ValueError, match="an index for each of 1, got 2"):
        session.code(one, np.zeros(2, dtype=int), skewed)
    with pytest.raises(ValueError, match="one dimension, got float64"):
        session.code(np.array([0.5]), one, skewed)
    with pytest.raises(ContainerError, match="table indexes"):
        Range().decoder(b"").code(one + 3, skewed)
    assert session.finish() == b""
    with pytest.raises(ValueError, match="finished"):
        session.code(one, one, skewed)


def test_the_end_of_the_data_is_checked(skewed):
    session = Range().encoder()
    symbols, rows = np.array([1, 0, 1, 300, -1]), np.ones(5, dtype=int)
    session.code(symbols, rows, skewed)
    data = session.finish()
    for other in (data + b"\0", data + b"x", data[:-1] + bytes([data[-1] ^ 1])):
        decoder = Range().decoder(other)
        assert decoder.code(rows, skewed).shape == (5,)
        with pytest.raises(ContainerError, match="end after the last symbol"):
            decoder.finish()


def test_golden_table_session(skewed):
    """Frozen: a change here is another format."""
    session = Range().encoder()
    session.code(np.array([0, 1, 2, -5]), np.array([0, 0, 0, 0]), skewed)
    session.code(np.array([-2, -1, 0, 1, 2, -3]), np.full(6, 1), skewed)
    session.code(np.array([7, 6, BOUND, -BOUND]), np.full(4, 2), skewed)
    assert session.finish().hex() == ("fff80006ff1eccf9565238ffb80c3c00042bd000a6d8800042bcfffc")


def test_golden_gaussian_and_laplace():
    """Frozen: a change here is another format."""
    symbols = np.array([0, 1, -1, 2, -2, 3, 40, -400])
    rows = np.array([0, 5, 18, 20, 25, 30, 50, 63])
    session = Range().encoder()
    session.code(symbols, rows, gaussian_tables())
    session.code(symbols, rows, laplace_tables())
    assert session.finish().hex() == "feb2922034e599b6daa6"


SCRIPT = """
import numpy as np
from semcodec.components.coders import Range
from semcodec.contracts.coding import AdaptivePass
from semcodec.contracts.values import Symbols
session = Range().encoder()
values = np.add.outer(np.arange(12), np.arange(9)) // 5 % 3
session.adapt(values.astype(np.int32), Symbols((12, 9), low=0, high=2), AdaptivePass(primitive=1))
print(session.finish().hex())
"""


def test_a_fresh_process_writes_the_same_bytes():
    values = np.add.outer(np.arange(12), np.arange(9)) // 5 % 3
    session = Range().encoder()
    symbols = Symbols((12, 9), low=0, high=2)
    session.adapt(values.astype(np.int32), symbols, AdaptivePass(primitive=1))
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == session.finish().hex()


def test_components_import_without_numba():
    script = (
        "import sys, semcodec.components.coders, semcodec.components.models;"
        "print(any(name.partition('.')[0] == 'numba' for name in sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
