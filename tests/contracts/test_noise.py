"""Noise: the published words of Philox, the table of the normal law, independent streams."""

from __future__ import annotations

import hashlib
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.contracts.noise import normal, normal_table, uniform

WORD = (1 << 64) - 1


def philox(counter: list[int], key: list[int]) -> list[int]:
    """Philox 4x64-10 as the paper writes it, on Python's integers."""
    c, k = list(counter), list(key)
    for _ in range(10):
        high0, low0 = divmod(0xD2E7470EE14C6C93 * c[0], 1 << 64)
        high1, low1 = divmod(0xCA5A826395121157 * c[2], 1 << 64)
        c = [high1 ^ c[1] ^ k[0], low1, high0 ^ c[3] ^ k[1], low0]
        k = [(k[0] + 0x9E3779B97F4A7C15) & WORD, (k[1] + 0xBB67AE8584CAA73B) & WORD]
    return c


def numbers(seed: int, stream: int, count: int) -> list[int]:
    found: list[int] = []
    block = 1
    while len(found) < count:
        for word in philox([block, 0, 0, 0], [seed % 2**64, stream % 2**32]):
            found += [(word >> shift) & 0xFFFF for shift in (0, 16, 32, 48)]
        block += 1
    return found[:count]


def test_the_independent_philox_is_the_published_one() -> None:
    # Known answers of Random123 (kat_vectors, philox4x64 10).
    assert philox([0] * 4, [0] * 2) == [
        0x16554D9ECA36314C,
        0xDB20FE9D672D0FDC,
        0xD7E772CEE186176B,
        0x7E68B68AEC7BA23B,
    ]
    assert philox([WORD] * 4, [WORD] * 2) == [
        0x87B092C3013FE90B,
        0x438C3C67BE8D0224,
        0x9CC7D7C69CD777B6,
        0xA09CAEBF594F0BA0,
    ]


@given(
    st.one_of(st.integers(0, 2**64 - 1), st.integers(-(2**70), 2**70)),
    st.one_of(st.integers(0, 2**32 - 1), st.integers(-5, 2**40)),
    st.integers(0, 40),
)
def test_bits_are_those_of_philox_with_a_counter_from_one(
    seed: int, stream: int, count: int
) -> None:
    words = (uniform(seed, (count,), stream) * 65536).astype(int).tolist()
    assert words == numbers(seed, stream, count)


def test_the_example_of_the_format_page() -> None:
    assert (uniform(12345, (6,), 7) * 65536).tolist() == [7433, 16309, 65505, 2670, 40073, 59831]
    assert (normal(12345, (2, 2), 7) * 4096).tolist() == [[-4950, -2777], [13560, -7135]]


def test_the_normal_table() -> None:
    table = normal_table()
    digest = hashlib.sha256(table.astype("<i2").tobytes()).hexdigest()
    assert digest == "1ea009ce409dac97d6bd609266910f809c5fb912f78e16bd89145b08174d6fc5"
    assert (table == -table[::-1]).all()
    assert (np.diff(table.astype(int)) >= 0).all()
    for n in (0, 1, 999, 32767, 32768, 65535):
        assert abs(table[n] / 4096 - NormalDist().inv_cdf((n + 0.5) / 65536)) <= 1.0001 / 8192


def test_the_laws() -> None:
    flat = uniform(1, (1 << 16,))
    assert flat.dtype == np.float32
    assert flat.min() >= 0
    assert flat.max() < 1
    assert np.histogram(flat, 16, (0, 1))[0] == pytest.approx(4096, abs=5 * 4096**0.5)
    bell = normal(1, (256, 256))
    assert (bell.dtype, bell.shape) == (np.float32, (256, 256))
    assert bell.mean() == pytest.approx(0, abs=5 / 256)
    assert bell.std() == pytest.approx(1, abs=0.02)
    for edge in (-2.0, -1.0, 0.0, 1.0, 2.0):
        assert (bell < edge).mean() == pytest.approx(NormalDist().cdf(edge), abs=0.01)


def test_every_seed_and_every_stream_is_another_sequence() -> None:
    drawn = {
        uniform(seed, (8,), stream).tobytes() for seed in (0, 1, 2**63) for stream in (0, 1, 2**31)
    }
    assert len(drawn) == 9
    assert np.array_equal(uniform(5, (3, 4), 2).reshape(-1), uniform(5, (12,), 2))
    assert abs(np.corrcoef(normal(5, (4096,), 0), normal(5, (4096,), 1))[0, 1]) < 0.08
