"""Laws of to_pil, to_depth8 and flatten."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.errors import ImageError
from semcodec.image import flatten, read_image, to_depth8, to_pil


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_pillow_and_back(channels, noise):
    array = noise(5, 4, channels)
    assert np.array_equal(read_image(to_pil(array)), array)
    assert np.array_equal(read_image(to_pil(array[:, ::2])), array[:, ::2])


def test_sixteen_bits_in_pillow(noise):
    gray = noise(5, 4, 1, dtype=np.uint16)
    picture = to_pil(gray)
    assert picture.mode == "I;16"
    assert np.array_equal(read_image(picture), gray)
    with pytest.raises(ImageError, match="to_depth8"):
        to_pil(noise(5, 4, 3, dtype=np.uint16))


def test_depth_is_reduced_by_exact_rounding():
    values = np.arange(65536, dtype=np.uint16).reshape(256, 256, 1)
    expected = (2 * values.astype(np.int64) + 257) // (2 * 257)
    reduced = to_depth8(values)
    assert reduced.dtype == np.uint8
    assert np.array_equal(reduced, expected)
    eight = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    assert np.array_equal(to_depth8(eight.astype(np.uint16) * 257), eight)
    assert to_depth8(eight) is eight


@given(
    value=st.integers(0, 65535),
    alpha=st.integers(0, 65535),
    under=st.integers(0, 255),
    deep=st.booleans(),
)
def test_flatten_rounds_the_blend_half_up(value, alpha, under, deep):
    top, dtype = (65535, np.uint16) if deep else (255, np.uint8)
    value, alpha = value % (top + 1), alpha % (top + 1)
    array = np.array([[[value, alpha]]], dtype)
    exact = Fraction(value * alpha + under * (top // 255) * (top - alpha), top)
    made = flatten(array, (under, under, under))
    assert made.dtype == dtype
    assert made.tolist() == [[[int(exact + Fraction(1, 2))]]]


def test_flatten_keeps_what_it_can(noise):
    for channels in (1, 3):
        array = noise(3, 3, channels)
        assert flatten(array, (1, 2, 3)) is array
    color = noise(3, 3, 4)
    color[..., 3] = 255
    assert np.array_equal(flatten(color), color[..., :3])
    color[..., 3] = 0
    assert (flatten(color, (9, 8, 7)) == (9, 8, 7)).all()
    gray = np.array([[[50, 0], [50, 255]]], np.uint8)
    assert flatten(gray).tolist() == [[[255], [50]]]
    assert flatten(gray, (1, 2, 3)).tolist() == [[[1, 2, 3], [50, 50, 50]]]


@pytest.mark.parametrize("background", [(1, 2), (0, 0, 256), (-1, 0, 0)])
def test_no_colour(background):
    with pytest.raises(ImageError, match="background"):
        flatten(np.zeros((1, 1, 4), np.uint8), background)


@pytest.mark.parametrize("function", [flatten, to_depth8, to_pil])
def test_no_picture(function):
    with pytest.raises(ImageError, match="shape"):
        function(np.zeros((2, 2), np.uint8))
