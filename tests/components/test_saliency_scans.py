"""Scans by diagonals give what scans pixel by pixel give."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from semcodec.components.saliency._scans import barrier_distance, reconstruct

SIDES = st.tuples(st.integers(1, 3), st.integers(1, 7), st.integers(1, 7))
PLANES = SIDES.flatmap(lambda shape: arrays(np.float32, shape, elements=st.integers(0, 9)))


def raster_scans(plane: NDArray[np.float32], scans: int) -> NDArray[np.float32]:
    """Algorithm 1 of the paper, a pixel at a time; scans start from each corner in turn."""
    rows, columns = plane.shape
    high, low = np.full_like(plane, np.inf), np.full_like(plane, -np.inf)
    for y, x in product(range(rows), range(columns)):
        if y in (0, rows - 1) or x in (0, columns - 1):
            high[y, x] = low[y, x] = plane[y, x]
    for scan in range(scans):
        dy, dx = ((1, 1), (-1, -1), (1, -1), (-1, 1))[scan % 4]
        for y, x in product(range(rows)[::dy], range(columns)[::dx]):
            for ny, nx in ((y - dy, x), (y, x - dx)):
                if 0 <= ny < rows and 0 <= nx < columns:
                    top = max(high[ny, nx], plane[y, x])
                    bottom = min(low[ny, nx], plane[y, x])
                    if top - bottom < high[y, x] - low[y, x]:
                        high[y, x], low[y, x] = top, bottom
    return high - low


@given(planes=PLANES, scans=st.integers(1, 5))
def test_diagonals_give_what_pixels_give(planes, scans):
    expected = np.stack([raster_scans(plane, scans) for plane in planes])
    assert (barrier_distance(planes, scans) == expected).all()


@given(planes=PLANES)
def test_a_distance_falls_with_every_scan_and_is_nothing_on_the_border(planes):
    first, later = barrier_distance(planes, 2), barrier_distance(planes, 6)
    assert (later <= first).all()
    assert (later >= 0).all()
    for edge in (later[:, 0], later[:, -1], later[:, :, 0], later[:, :, -1]):
        assert (edge == 0).all()


def test_a_way_out_needs_no_barrier():
    """A dark corridor leads from the middle to the border; the walls beside it do not matter."""
    plane = np.full((1, 9, 9), 5, np.float32)
    plane[0, 2:7, 2:7] = 9
    plane[0, 4, :5] = 5
    distance = barrier_distance(plane, 4)[0]
    assert distance[4, 4] == 0
    assert distance[3, 4] == 4


@given(data=st.data(), planes=PLANES)
def test_reconstruction_is_the_fixed_point(data, planes):
    mask = planes[0]
    marker = np.minimum(data.draw(arrays(np.float32, mask.shape, elements=st.integers(0, 9))), mask)
    grown = marker
    while True:
        padded = np.pad(grown, 1, constant_values=-1)
        around = np.maximum.reduce(
            [padded[1:-1, 1:-1], padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2]]
        )
        around = np.minimum(np.maximum(around, padded[1:-1, 2:]), mask)
        if (around == grown).all():
            break
        grown = around
    assert (reconstruct(marker, mask, rounds=50) == grown).all()


def test_reconstruction_stops_after_its_rounds():
    """A spiral that one round cannot follow to its end."""
    mask = np.zeros((9, 9), np.float32)
    for y, x in ((0, range(9)), (8, range(9)), (2, range(7)), (6, range(2, 7)), (4, range(2, 5))):
        mask[y, list(x)] = 1
    mask[0:9, 8] = mask[2:9, 0] = mask[2:7, 6] = mask[4:7, 2] = 1
    marker = np.zeros_like(mask)
    marker[0, 0] = 1
    one, all_ = reconstruct(marker, mask, rounds=1), reconstruct(marker, mask, rounds=9)
    assert one.sum() < all_.sum()
    assert (one <= mask).all()
    assert all_[4, 4] == pytest.approx(1)
