"""The scale tables: pinned, far from every rounding tie, and what they claim to be."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from semcodec.coding.adaptive import LOGIT, curves
from semcodec.coding.english import END, START, byte_weights
from semcodec.coding.tables import (
    RATIO,
    cumulative,
    gaussian_tables,
    laplace_tables,
    scale_grid,
    scale_index,
)

TAILS = {
    gaussian_tables: lambda x, s: 0.5 * math.erfc(x / (s * math.sqrt(2))),
    laplace_tables: lambda x, s: 0.5 * math.exp(-x / s),
}


def from_tie(x: float) -> float:
    return abs(x % 1 - 0.5)


def test_the_grid():
    grid = scale_grid()
    assert len(grid) == 64
    assert grid[0] == 0.11
    assert 256 < grid[-1] < 257
    assert all(b == a * RATIO for a, b in pairwise(grid))
    assert [scale_index(s) for s in grid] == list(range(64))
    assert scale_index(1e-300) == 0
    assert scale_index(1e100) == 63
    assert scale_index(grid[20] * 1.131**0.49) == 20
    assert scale_index(grid[20] * 1.131**0.51) == 21


@pytest.mark.parametrize(
    ("build", "digest"),
    [
        (gaussian_tables, "7fdd233a47b5d9debd4c0240759cfed5446c7f1ad7b48ade97c78cd9ba09bcf5"),
        (laplace_tables, "4c35e84ad18a04ba618008bca80a67e84f9bd27317f754302883b2fc6e5d5d3b"),
    ],
)
def test_the_tables_are_pinned(build, digest):
    assert build().digest == digest
    assert build() is build()


@pytest.mark.parametrize("build", TAILS)
def test_no_platform_can_round_another_way(build):
    """Errors of a libm are below 2**16 * 1e-15; every value is a million times farther off."""
    nearest = min(from_tie(v) for s in scale_grid() for v in cumulative(TAILS[build], s))
    assert nearest > 1e-6


@pytest.mark.parametrize("build", TAILS)
def test_frequencies_follow_the_distribution(build):
    tables, tail = build(), TAILS[build]
    for row, scale in enumerate(scale_grid()):
        length, offset = int(tables.lengths[row]), int(tables.offsets[row])
        assert length == 2 - 2 * offset
        shares = np.diff(tables.cdf[row, : length + 1]) / 65536
        middle = 1 - 2 * tail(0.5, scale)
        assert shares[-offset] == pytest.approx(middle, abs=length / 65536)
        assert shares[-1] < 2**-12
        assert np.abs(shares[:-1] - shares[:-1][::-1]).max() < 2.5 / 65536


def test_the_curves_of_the_mixer_are_pinned_and_far_from_ties():
    stretch, squash, rates = curves()
    assert stretch[[0, 1, 2047, 2048, 4095]].tolist() == [-2307, -2025, 0, 0, 2307]
    assert squash[[0, 1, LOGIT, LOGIT + 256, 2 * LOGIT]].tolist() == [3, 3, 32768, 47911, 65533]
    assert rates[[0, 1, 12, 255]].tolist() == [43690, 26214, 4854, 255]
    exact = [256 * math.log((i + 0.5) / (4095.5 - i)) for i in range(4096)]
    exact += [65536 / (1 + math.exp(-x / 256)) for x in range(-LOGIT, LOGIT + 1)]
    assert min(map(from_tie, exact)) > 1e-6


def test_the_text_prior_knows_english():
    table = byte_weights()
    assert table.shape == (258, 257)
    assert table.min() >= 1
    assert table[1 + ord("q")].argmax() == ord("u")
    assert table[1 + ord("t"), ord("h")] > table[1 + ord("t"), ord("q")]
    assert table[1 + ord("."), END] > table[1 + ord("q"), END]
    assert table[258 + START, ord("A")] > table[1 + ord(" "), ord("A")]
