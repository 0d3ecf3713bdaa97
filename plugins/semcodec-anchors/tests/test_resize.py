"""Laws of the resize stage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from semcodec_anchors.resize import Resize

from semcodec.contracts.context import Context
from semcodec.contracts.values import Image

sides = st.integers(1, 20000)
scales = st.floats(0, 1, exclude_min=True, allow_subnormal=False)


def both_ways(stage, picture):
    shape = Image.of(picture)
    small = stage.layout(shape, {}, None)
    ctx = Context(image=shape, shape=shape, coded=small)
    coded = stage.forward(picture, {}, ctx)
    assert small.check(coded) == ""
    decoded = stage.inverse(coded, {}, ctx)
    assert shape.check(decoded) == ""
    return coded, decoded


@given(sides, sides, scales)
def test_the_size_is_within_a_half_of_the_scale_and_never_empty(height, width, scale):
    small = Resize(scale=scale).layout(Image(height, width), {}, None)
    for side, before in ((small.height, height), (small.width, width)):
        assert 1 <= side <= before
        assert abs(side - before * scale) <= 0.5 or side == 1


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(1, 1), (1, 50), (37, 53)])
def test_every_kind_of_picture_goes_both_ways(size, channels, photo):
    for scale in (0.1, 0.5, 0.9):
        both_ways(Resize(scale=scale), photo(*size, channels))


def test_a_scale_of_one_changes_nothing_and_copies(photo):
    picture = photo(20, 30, 3)
    coded, decoded = both_ways(Resize(scale=1.0), picture)
    assert np.array_equal(coded, picture)
    assert np.array_equal(decoded, picture)
    assert not np.shares_memory(coded, picture)


def test_flat_pictures_stay_flat():
    for level in (0, 1, 127, 254, 255):
        picture = np.full((33, 47, 3), level, np.uint8)
        for down in ("area", "bicubic", "lanczos"):
            for up in ("bicubic", "lanczos"):
                coded, decoded = both_ways(Resize(scale=0.3, down=down, up=up), picture)
                assert (coded == level).all()
                assert (decoded == level).all()


def test_area_averages_whole_blocks():
    picture = np.random.default_rng(0).integers(0, 256, (12, 16, 3)).astype(np.uint8)
    coded, _ = both_ways(Resize(scale=0.25, down="area"), picture)
    blocks = picture.reshape(3, 4, 4, 4, 3).mean(axis=(1, 3))
    assert np.abs(coded - blocks).max() <= 1  # rows, then columns, each rounded


def test_a_larger_scale_keeps_more(photo):
    picture = photo(64, 64, 3)
    errors = [
        np.mean((both_ways(Resize(scale=scale), picture)[1].astype(float) - picture) ** 2)
        for scale in (0.1, 0.3, 0.6, 0.9)
    ]
    assert errors == sorted(errors, reverse=True)


def test_sixteen_bits_are_refused():
    assert "to_depth8" in Resize().accepts(Image(8, 8, 3, 16))
    assert Resize().accepts(Image(8, 8, 4)) == ""
