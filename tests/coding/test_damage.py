"""Whatever the bytes: values as declared or a ContainerError, never a crash, never for long."""

from __future__ import annotations

import time

import numpy as np
import pytest

from semcodec.coding.primitives import DCT, LABELS, PLANE, SEQUENCE
from semcodec.coding.tables import laplace_tables
from semcodec.components.coders import Range
from semcodec.contracts.coding import AdaptivePass
from semcodec.contracts.values import Symbols
from semcodec.errors import ContainerError

RNG = np.random.default_rng(11)
GRID = ((3, 4), (2, 2), (2, 2))
MASK = RNG.random((20, 8, 8)) < 0.8
CASES = {
    "plane": (
        PLANE,
        Symbols((9, 11), low=-3, high=9),
        np.add.outer(np.arange(9), np.arange(11)) // 4 + RNG.integers(-3, 3, (9, 11)),
    ),
    "labels": (
        LABELS,
        Symbols((9, 11), low=-3, high=9),
        np.add.outer(np.arange(9), np.arange(11)) // 4 + RNG.integers(-3, 3, (9, 11)),
    ),
    "dct": (
        DCT,
        Symbols((20, 8, 8), GRID, low=-90, high=90, mask=MASK),
        np.rint(RNG.laplace(0, 1, (20, 8, 8)) * 2.0 ** -np.add.outer(*[np.arange(8)] * 2) * 9),
    ),
    "text": (
        SEQUENCE,
        Symbols((80,), low=0, high=255, end=0),
        np.frombuffer(b"the quick brown fox jumps over the lazy dog, twice.", dtype=np.uint8),
    ),
    "caption": (
        SEQUENCE,
        Symbols((51,), low=0, high=255),
        np.frombuffer(b"the quick brown fox jumps over the lazy dog, twice.", dtype=np.uint8),
        2,
    ),
}


def variants(data: bytes, count: int):
    """Truncations, flips, insertions and noise."""
    rng = np.random.default_rng(len(data))
    yield from (data[:cut] for cut in range(len(data)))
    for _ in range(count):
        other = bytearray(data)
        match rng.integers(4):
            case 0:
                other[rng.integers(len(other))] ^= 1 << int(rng.integers(8))
            case 1:
                other.insert(int(rng.integers(len(other))), int(rng.integers(256)))
            case 2:
                other = bytearray(rng.bytes(int(rng.integers(2 * len(data)))))
            case _:
                start = int(rng.integers(len(other)))
                other[start : start + 8] = bytes([int(rng.choice([0, 255]))] * 8)
        yield bytes(other)
    yield b"\xff" * 100
    yield b"\xff\xff\xff\xfe" + b"\xff" * 50
    yield b"\x00" * 100


@pytest.mark.parametrize("name", CASES)
def test_adaptive_passes_survive_any_bytes(name):
    primitive, symbols, values, *params = CASES[name]
    adaptive = AdaptivePass(primitive=primitive, params=tuple(params))
    session = Range().encoder()
    session.adapt(values.astype(np.int32), symbols, adaptive)
    data = session.finish()
    seen = {"error": 0, "values": 0, "noticed": 0}
    for other in variants(data, 800):
        if other == data:
            continue
        decoder = Range().decoder(other)
        try:
            got = decoder.adapt(symbols, adaptive)
        except ContainerError:
            seen["error"] += 1
            continue
        seen["values"] += 1
        coded = got if symbols.mask is None else np.where(symbols.mask, got, symbols.low)
        assert symbols.check(coded) == ""
        try:
            decoder.finish()
        except ContainerError:
            seen["noticed"] += 1
    assert min(seen.values()) > 0
    # Where symbols are cheap, more of those that noise stands for end in the zeros that may follow.
    least = 0.8 if name == "caption" else 0.9
    assert seen["error"] + seen["noticed"] > least * sum((seen["error"], seen["values"]))


def test_table_passes_survive_any_bytes():
    tables = laplace_tables()
    rng = np.random.default_rng(4)
    indexes = rng.integers(0, 64, 60)
    session = Range().encoder()
    session.code(np.rint(rng.laplace(0, 5, 60)).astype(np.int32), indexes, tables)
    data = session.finish()
    errors = 0
    for other in variants(data, 1500):
        try:
            got = Range().decoder(other).code(indexes, tables)
        except ContainerError:
            errors += 1
            continue
        assert got.shape == (60,)
        assert np.abs(got.astype(np.int64)).max() <= 2**30
    assert errors > 0


def test_a_cut_stream_is_noticed_before_long():
    symbols = Symbols((2000, 2000), low=0, high=255)
    started = time.perf_counter()
    with pytest.raises(ContainerError, match="more than the 5 bytes") as caught:
        Range().decoder(b"noise").adapt(symbols, AdaptivePass(primitive=PLANE))
    assert time.perf_counter() - started < 5
    assert "damaged" in caught.value.hint


def test_a_session_stays_broken():
    decoder = Range().decoder(b"\xff" * 9)
    for _ in range(2):
        with pytest.raises(ContainerError):
            decoder.adapt(Symbols((2, 2), low=0, high=1), AdaptivePass(primitive=PLANE))
    with pytest.raises(ContainerError):
        decoder.finish()


def test_values_that_only_the_declared_range_rules_out_are_refused():
    wide = Symbols((4, 4, 4), ((2, 2),), low=-1000, high=1000)
    narrow = Symbols((4, 4, 4), ((2, 2),), low=-10, high=10)
    values = np.full((4, 4, 4), 11, dtype=np.int32)
    session = Range().encoder()
    session.adapt(values, wide, AdaptivePass(primitive=DCT))
    with pytest.raises(ContainerError, match="no encoder writes"):
        Range().decoder(session.finish()).adapt(narrow, AdaptivePass(primitive=DCT))
