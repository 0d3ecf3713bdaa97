"""Laws of the saliency sources that look at the picture."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.components.saliency import _working
from semcodec.components.saliency.barrier import MinimumBarrier
from semcodec.components.saliency.blend import Blend
from semcodec.components.saliency.contrast import FrequencyTuned, Gradient, SpectralResidual
from semcodec.components.saliency.plain import Centre, UniformSaliency
from semcodec.contracts.values import Image, Map

SOURCES = [Blend, MinimumBarrier, FrequencyTuned, Gradient, SpectralResidual]
each_source = pytest.mark.parametrize("source", SOURCES, ids=lambda cls: cls.__name__)


@pytest.fixture(scope="session")
def rate(context):
    """Run a source, and hold its map against the description."""

    def run(source, picture):
        shape = Image.of(picture)
        kept = picture.copy()
        result = source.saliency(picture, {}, context(shape))
        assert (picture == kept).all()
        assert Map(shape.height, shape.width).check(result) == ""
        return result

    return run


def disc(height=90, width=120, y=40, x=70, radius=16):
    """An orange disc on plain green; returns the picture and the disc."""
    rows, columns = np.mgrid[:height, :width]
    inside = np.hypot(rows - y, columns - x) <= radius
    return np.where(inside[..., None], (240, 130, 20), (60, 110, 70)).astype(np.uint8), inside


@each_source
@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    channels=st.integers(1, 4),
    depth=st.sampled_from([np.uint8, np.uint16]),
    seed=st.integers(0, 9),
)
def test_any_picture_of_noise_gives_a_map_and_the_same_again(
    rate, source, height, width, channels, depth, seed
):
    random = np.random.default_rng(seed)
    top = np.iinfo(depth).max
    picture = random.integers(0, top, (height, width, channels), depth, endpoint=True)
    assert (rate(source(), picture) == rate(source(), picture)).all()


@each_source
@pytest.mark.parametrize("value", [0, 1, 128, 255])
@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 1, 1), (64, 48, 3), (600, 333, 1), (3, 700, 4)])
def test_nothing_stands_out_in_a_flat_picture(rate, source, value, shape):
    assert (rate(source(), np.full(shape, value, np.uint8)) == 0).all()


@each_source
def test_what_is_not_seen_does_not_stand_out(rate, source):
    """One level more or less, as a flat area has after JPEG, is not stretched to a full map."""
    random = np.random.default_rng(1)
    picture = (128 + random.integers(-1, 1, (300, 200, 3), endpoint=True)).astype(np.uint8)
    assert rate(source(), picture).mean() < 0.25


@each_source
@pytest.mark.parametrize(
    "shape", [(1, 5000, 3), (5000, 1, 3), (2, 3000, 1), (7, 1025, 4), (1030, 3, 2), (1, 2, 3)]
)
def test_extreme_sides(rate, source, shape):
    rate(source(), np.random.default_rng(2).integers(0, 255, shape, np.uint8))


@each_source
def test_hard_edges_and_single_pixels(rate, source):
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[20, 30] = 255
    assert rate(source(), picture).max() > 0
    picture[:, 32:] = 255
    assert rate(source(), picture).max() > 0


@each_source
def test_a_disc_stands_out(rate, source):
    picture, inside = disc()
    result = rate(source(), picture)
    assert result[inside].mean() > result[~inside].mean() + 0.05


@pytest.mark.parametrize("source", [MinimumBarrier, FrequencyTuned])
@pytest.mark.parametrize("channels", ["rgb", "gray"])
def test_a_disc_stands_out_as_a_whole(rate, source, channels):
    picture, inside = disc()
    if channels == "gray":
        picture = picture.max(axis=2, keepdims=True)
    result = rate(source(), picture)
    assert result[inside].mean() > result[~inside].mean() + 0.4


@each_source
@pytest.mark.parametrize("size", [(90, 120), (201, 140), (640, 427)])
@pytest.mark.parametrize("axis", [0, 1])
def test_a_mirrored_picture_gives_a_mirrored_map(rate, source, size, axis):
    random = np.random.default_rng(3)
    coarse = random.integers(0, 255, (8, 10, 3), np.uint8)
    picture = np.kron(coarse, np.ones((90, 90, 1), np.uint8))[: size[0], : size[1]]
    one, other = rate(source(), picture), rate(source(), np.flip(picture, axis))
    assert np.abs(np.flip(other, axis) - one).mean() < 0.02


@each_source
def test_depth_gray_and_opaque_alpha_change_nothing(rate, source):
    picture, _ = disc()
    result = rate(source(), picture)
    assert np.allclose(rate(source(), picture.astype(np.uint16) * 257), result, atol=2e-3)
    opaque = np.concatenate([picture, np.full_like(picture[..., :1], 255)], axis=2)
    assert (rate(source(), opaque) == result).all()
    gray = picture[..., :1]
    assert np.allclose(rate(source(), gray), rate(source(), gray.repeat(3, axis=2)), atol=1e-6)


@each_source
def test_what_cannot_be_seen_does_not_matter(rate, source):
    picture, _ = disc()
    clear = np.zeros_like(picture[..., :1])
    assert (rate(source(), np.concatenate([picture, clear], axis=2)) == 0).all()


@each_source
def test_a_large_picture_is_looked_at_small(rate, source):
    """Twice the pixels, the same map but for the interpolation."""
    picture, _ = disc(480, 640, 200, 300, 90)
    small, large = source(), source()
    one = rate(small, picture)
    other = rate(large, picture.repeat(2, axis=0).repeat(2, axis=1))
    assert np.abs(other[::2, ::2] - one).mean() < 0.02


def test_cells_are_averaged_exactly():
    picture = np.random.default_rng(4).integers(0, 65535, (50, 31, 2), np.uint16)
    picture[..., 1] = 65535
    result = _working.shrink(picture, 7)
    assert result.shape == (7, 4, 3)
    edges = [round(i * 50 / 7) for i in range(8)]
    expected = [picture[a:b, :8, 0].mean() / 65535 for a, b in pairwise(edges)]
    assert np.allclose(result[:, 0], np.array(expected)[:, None], atol=1e-6)


def test_memory_does_not_grow_with_the_picture():
    picture = np.zeros((3000, 3000, 4), np.uint8)
    tracemalloc.start()
    _working.shrink(picture, 256)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6  # all of it in 32 bits would be four times that


def test_bands_make_no_difference(monkeypatch):
    picture = np.random.default_rng(5).integers(0, 255, (77, 301, 4), np.uint8)
    whole = _working.shrink(picture, 64)
    monkeypatch.setattr(_working, "_BAND", 1)
    assert (_working.shrink(picture, 64) == whole).all()


@pytest.mark.parametrize(
    ("rgb", "expected"),
    [
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((1, 2, 1), (0.48, -0.32, 0.26)),
    ],
)
def test_lab_of_known_colours(rgb, expected):
    """Primaries as published for sRGB and D65 (B. Lindbloom's calculator)."""
    result = _working.lab(np.array([[rgb]], np.float32) / np.float32(255))
    assert result[0, 0] == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("contrast", [0.0, 3.0, 100.0])
@pytest.mark.parametrize("centre", [0.0, 1.0])
def test_minimum_barrier_keeps_its_range_for_all_parameters(rate, contrast, centre):
    picture, _ = disc()
    for smoothing in (0.0, 0.16):
        made = MinimumBarrier(contrast=contrast, centre=centre, smoothing=smoothing, scans=1)
        assert rate(made, picture).max() == pytest.approx(1, abs=0.02)


def test_a_blend_is_the_mean_times_the_prior(rate):
    picture, _ = disc()
    made = Blend(
        first=UniformSaliency(), second=FrequencyTuned(), share=0.25, prior=Centre(width=0.3)
    )
    expected = (0.75 + 0.25 * rate(FrequencyTuned(), picture)) * rate(Centre(width=0.3), picture)
    assert np.allclose(rate(made, picture), expected / expected.max(), atol=1e-6)


@given(share=st.floats(0, 1))
def test_a_blend_of_full_maps_is_full_and_no_more(rate, share):
    everywhere = UniformSaliency()
    made = Blend(first=everywhere, second=everywhere, share=share, prior=everywhere)
    assert rate(made, np.zeros((3, 4, 3), np.uint8)) == pytest.approx(1, abs=1e-6)


def test_a_prior_takes_no_weight(rate):
    """The largest value stays, wherever the prior puts it."""
    picture, _ = disc()
    made = Blend(first=Centre(), second=Centre(), prior=FrequencyTuned())
    assert rate(made, picture).max() == 1


def test_the_paper_s_variant_finds_a_disc_against_a_border_of_two_colours(rate):
    """U leaves out the border that differs most: a thing may touch one side."""
    picture, inside = disc(y=80)
    paper = MinimumBarrier(background=True, contrast=10.0, centre=0.0)
    result = rate(paper, picture)
    assert result[inside].mean() > result[~inside].mean() + 0.4
