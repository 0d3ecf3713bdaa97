"""Figures against the reference libraries, published values and hand-made cases."""

from __future__ import annotations

import math

import numpy as np
import pytest
from semcodec_metrics.colour import Ciede2000, ColourMap, LabHistogram
from semcodec_metrics.edges import EdgeCorrelation
from semcodec_metrics.errors import BackgroundPsnr, PsnrY, RoiPsnr
from semcodec_metrics.grain import GrainedWasserstein, grain_control, with_grain
from semcodec_metrics.structure import MsSsim, Ssim
from semcodec_metrics.wasserstein import SlicedWasserstein

from semcodec.errors import ImageError, SettingError


@pytest.mark.parametrize("size", [(161, 161), (163, 190), (176, 208), (215, 162)])
def test_ssim_and_ms_ssim_are_those_of_pytorch_msssim(size, photo, noisy):
    theirs = pytest.importorskip("pytorch_msssim", exc_type=ImportError)
    import torch

    picture = photo(*size)
    for sigma in (3, 30):
        other = noisy(picture, sigma)
        planes = [
            torch.from_numpy(each.astype(np.float64).transpose(2, 0, 1)[None])
            for each in (picture, other)
        ]
        expected = [float(f(*planes, data_range=255)) for f in (theirs.ssim, theirs.ms_ssim)]
        found = [metric.compute(picture, other) for metric in (Ssim(), MsSsim())]
        assert found == pytest.approx(expected, abs=1e-6)


def test_ms_ssim_of_a_negative_is_0_and_no_complex_number(photo):
    picture = photo(161, 161)
    assert MsSsim().compute(picture, 255 - picture) == 0


def test_luma_weighs_channels_as_bt709_does():
    black = np.zeros((4, 4, 3), np.uint8)
    for channel, weight in enumerate((0.2126, 0.7152, 0.0722)):
        other = black.copy()
        other[..., channel] = 100
        expected = 20 * math.log10(255 / (100 * weight))
        assert PsnrY().compute(black, other) == pytest.approx(expected)


def test_masked_psnr_looks_on_its_own_side_only():
    black = np.zeros((4, 6, 3), np.uint8)
    other, mask = black.copy(), np.zeros((4, 6), np.float32)
    mask[:, :2] = 1
    other[:, :2] = 10
    expected = 20 * math.log10(25.5)
    assert RoiPsnr().compare(black, other, {"mask": mask}) == pytest.approx(expected)
    assert BackgroundPsnr().compare(black, other, {"mask": mask}) == math.inf
    inverted = {"mask": 1 - mask}
    assert BackgroundPsnr().compare(black, other, inverted) == pytest.approx(expected)


@pytest.mark.parametrize("metric", [RoiPsnr(), BackgroundPsnr()], ids=lambda m: m._id)
def test_masks_that_do_not_fit_are_refused(metric):
    black = np.zeros((4, 6, 3), np.uint8)
    with pytest.raises(SettingError, match="needs a mask"):
        metric.compute(black, black)
    with pytest.raises(SettingError, match="needs a mask"):
        metric.compare(black, black, {})
    with pytest.raises(ImageError, match=r"mask of shape \(4, 6\), got \(6, 4\)"):
        metric.compare(black, black, {"mask": np.ones((6, 4))})
    level = 0.0 if metric._inside else 1.0
    with pytest.raises(ImageError, match="no pixel is"):
        metric.compare(black, black, {"mask": np.full((4, 6), level)})


def test_ciede2000_from_black_to_white_is_100():
    black = np.zeros((3, 3, 3), np.uint8)
    assert Ciede2000().compute(black, black + np.uint8(255)) == pytest.approx(100, abs=1e-3)


def test_the_colour_map_sees_shifts_of_areas_and_no_texture(photo):
    flat = np.full((37, 45, 3), 100, np.uint8)
    textured = flat.copy()
    textured[::2, ::2] += 40
    textured[1::2, 1::2] -= 40
    even = flat[:32, :32], textured[:32, :32]
    assert ColourMap().compute(*even) == pytest.approx(0, abs=1e-9)
    assert Ciede2000().compute(*even) > 5
    shifted = flat + np.uint8(20)
    assert ColourMap().compute(flat, shifted) == pytest.approx(Ciede2000().compute(flat, shifted))
    whole = ColourMap(block=1).compute(photo(20, 20), 255 - photo(20, 20))
    assert whole == pytest.approx(Ciede2000().compute(photo(20, 20), 255 - photo(20, 20)))


def test_histograms_forget_places_and_edges_do_not(photo):
    picture = photo(40, 60)
    turned = picture[::-1, ::-1].copy()
    assert LabHistogram().compute(picture, turned) == pytest.approx(1)
    assert EdgeCorrelation().compute(picture, turned) < 0.5


def test_edges_of_flat_pictures():
    flat, step = np.full((9, 9, 1), 7, np.uint8), np.full((9, 9, 1), 7, np.uint8)
    step[:, 5:] = 200
    assert EdgeCorrelation().compute(flat, flat) == 1
    assert EdgeCorrelation().compute(flat, step) == 0


def test_the_floor_is_what_equal_pictures_get(photo):
    picture = photo(70, 90)
    levels = SlicedWasserstein().levels(picture, picture)
    assert len(levels) == 3
    assert all(found == floor > 0 for found, floor in levels)


def test_lost_contrast_counts(photo):
    picture = photo(70, 90)
    pale = (128 + (picture.astype(float) - 128) / 4).astype(np.uint8)
    assert SlicedWasserstein().compute(picture, pale) > 50


def test_other_draws_of_the_same_texture_are_near_and_blur_is_far():
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(1)
    texture, other = (
        np.clip(128 + 40 * gaussian_filter(rng.standard_normal((96, 96, 3)), (1, 1, 0)), 0, 255)
        for _ in range(2)
    )
    blurred = gaussian_filter(texture, (3, 3, 0))
    one, two, three = (each.astype(np.uint8) for each in (texture, other, blurred))
    metric = SlicedWasserstein()
    assert metric.compute(one, two) < 0.2 * metric.compute(one, three)


def test_grain_games_the_distance_and_the_control_finds_how_much():
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(2)
    base = 128 + 60 * gaussian_filter(rng.standard_normal((96, 96, 1)), (4, 4, 0))
    reference = np.clip(base + 6 * rng.standard_normal((96, 96, 1)), 0, 255).astype(np.uint8)
    decoded = np.clip(base, 0, 255).astype(np.uint8)
    found = grain_control(reference, decoded)
    assert found.best < 0.5 * found.plain
    assert found.sigma in (4.0, 6.0, 8.0)
    assert SlicedWasserstein().compute(reference, with_grain(decoded, found.sigma)) == found.best
    assert GrainedWasserstein().compute(reference, decoded) == pytest.approx(found.best, rel=1e-9)
    untouched = grain_control(reference, reference, sigmas=(2.0,))
    assert (untouched.plain, untouched.best, untouched.sigma) == (0, 0, 0)
    up = grain_control(reference, decoded, metric=PsnrY(), sigmas=(2.0, 4.0))
    assert (up.best, up.sigma) == (up.plain, 0)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_grain_keeps_alpha_and_has_its_deviation_at_any_depth(channels):
    flat = np.full((64, 64, channels), 128 * 257, np.uint16)
    grained = with_grain(flat, 5.0)
    colours = grained[..., : channels - (channels % 2 == 0)]
    assert colours.std() == pytest.approx(5 * 257, rel=0.05)
    if channels % 2 == 0:
        assert (grained[..., -1] == flat[..., -1]).all()
    assert (grained == with_grain(flat, 5.0)).all()
