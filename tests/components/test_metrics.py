from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from semcodec.components.metrics import Mse, Psnr
from semcodec.errors import ImageError

SHAPES = st.tuples(st.integers(1, 8), st.integers(1, 8), st.integers(1, 4))
PAIRS = st.tuples(SHAPES, st.sampled_from([np.uint8, np.uint16])).flatmap(
    lambda s: st.tuples(hnp.arrays(s[1], s[0]), hnp.arrays(s[1], s[0]))
)


@given(pair=PAIRS)
@settings(max_examples=100, deadline=None)
def test_mse_is_the_exact_mean_of_squares(pair):
    left, right = pair
    squares = [(int(a) - int(b)) ** 2 for a, b in zip(left.flat, right.flat, strict=True)]
    assert Mse().compute(left, right) == float(Fraction(sum(squares), len(squares)))
    assert Mse().compute(right, left) == Mse().compute(left, right)


def test_psnr_by_hand():
    black = np.zeros((4, 4, 3), dtype=np.uint8)
    assert Psnr().compute(black, black + np.uint8(1)) == pytest.approx(48.130803608679)
    assert Psnr().compute(black, black + np.uint8(255)) == 0
    deep = black.astype(np.uint16)
    assert Psnr().compute(deep, deep + np.uint16(65535)) == 0
    assert Psnr().compute(black, black.copy()) == math.inf


def test_alpha_counts():
    opaque = np.full((2, 2, 4), 255, dtype=np.uint8)
    clear = opaque.copy()
    clear[..., 3] = 0
    assert Mse().compute(opaque, clear) == 255**2 / 4


def test_large_pictures_are_summed_exactly_in_pieces(monkeypatch):
    left = np.zeros((1200, 1000, 1), dtype=np.uint16)
    right = np.full_like(left, 65535)
    right[-1, -1] = 0
    assert Mse().compute(left, right) == 65535**2 * 1199999 / 1200000


@pytest.mark.parametrize("metric", [Mse(), Psnr()])
@pytest.mark.parametrize(
    ("left", "right"),
    [
        (np.zeros((2, 2, 3), np.uint8), np.zeros((2, 3, 3), np.uint8)),
        (np.zeros((2, 2, 3), np.uint8), np.zeros((2, 2, 3), np.uint16)),
        (np.zeros((2, 2, 3), np.float32), np.zeros((2, 2, 3), np.float32)),
        (np.zeros((0, 2, 3), np.uint8), np.zeros((0, 2, 3), np.uint8)),
    ],
)
def test_what_cannot_be_compared_is_refused(metric, left, right):
    with pytest.raises(ImageError, match="expected"):
        metric.compute(left, right)


def test_directions():
    assert Psnr.higher_is_better
    assert not Mse.higher_is_better
    assert (Psnr.version, Mse.version, Psnr.unit) == ("1", "1", "dB")
