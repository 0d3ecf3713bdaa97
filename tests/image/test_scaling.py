"""Scaling: sizes, identity, depth, and what a filter must keep."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from semcodec.image.scaling import Filter, scaled

sides = st.integers(1, 20)


@given(sides, sides, sides, sides, st.integers(1, 4), st.sampled_from([np.uint8, np.uint16]))
@settings(max_examples=60, deadline=None)
def test_any_size_from_any_size(
    rows: int, columns: int, height: int, width: int, channels: int, dtype: Any
) -> None:
    top = np.iinfo(dtype).max
    flat = np.full((rows, columns, channels), top // 3, dtype)
    if channels in (2, 4):
        flat[..., -1] = top
    made = scaled(flat, height, width)
    assert made.shape == (height, width, channels)
    assert made.dtype == dtype
    assert np.array_equal(made, np.broadcast_to(flat[:1, :1], made.shape))


@pytest.mark.parametrize("filter_", get_args(Filter))
def test_the_filter_is_pillows(filter_: Filter) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    kind = Pillow.Resampling[filter_.upper()]
    expected = np.asarray(Pillow.fromarray(picture).resize((17, 9), kind))
    assert np.array_equal(scaled(picture, 9, 17, filter_), expected)
    assert scaled(picture, 20, 30, filter_) is picture


def test_sixteen_bits_are_not_cut_to_eight_and_do_not_run_over() -> None:
    slope = np.linspace(0, 65535, 64).astype(np.uint16)[None, :, None]
    made = scaled(np.repeat(slope, 8, axis=0), 4, 32)
    assert len(np.unique(made)) > 30
    edge = np.zeros((8, 8, 3), np.uint16)
    edge[:, 4:] = 65535
    made = scaled(edge, 16, 16)  # Lanczos overshoots on both sides
    assert made[0, 0, 0] < 2000
    assert made[0, -1, 0] > 63000


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("channels", [1, 3])
def test_what_is_made_may_be_written_to(dtype: str, channels: int) -> None:
    made = scaled(np.zeros((4, 6, channels), dtype), 2, 3)
    made[:] = 1
    assert made.all()
