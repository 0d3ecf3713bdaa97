"""Each metric against the library that made it known, and figures that must not move unnoticed."""

from __future__ import annotations

import importlib
import math

import numpy as np
import pytest
import semcodec_metrics
from semcodec_metrics.packages import absent
from semcodec_metrics.wasserstein import SlicedWasserstein


def make(name):
    [target] = [r.target for r in semcodec_metrics.semcodec_metrics() if r.id == f"metrics.{name}"]
    module, _, attribute = target.partition(":")
    metric = getattr(importlib.import_module(module), attribute)()
    if metric.missing():
        pytest.skip(metric.missing())
    return metric


@pytest.fixture(scope="module")
def pictures(photo, noisy):
    """Two pictures of 176x192, the second half way to the means of its blocks, with noise."""
    picture = photo(176, 192)
    means = picture.reshape(22, 8, 24, 8, 3).mean(axis=(1, 3))
    blocky = np.repeat(np.repeat(means, 8, axis=0), 8, axis=1)
    return picture, noisy(np.rint((picture + blocky) / 2).astype(np.uint8), 3)


PINNED = {
    "background-psnr": 25.9307,
    "ciede2000": 5.45683,
    "colour-map": 0.128182,
    "dss": 0.858871,
    "edge-correlation": 0.485747,
    "fsim": 0.852881,
    "gmsd": 0.0715106,
    "haarpsi": 0.791611,
    "iw-ssim": 0.860355,
    "lab-histogram": 0.968675,
    "mdsi": 0.331822,
    "ms-gmsd": 0.076225,
    "ms-ssim": 0.962591,
    "psnr-b": 23.0427,
    "psnr-y": 26.7687,
    "roi-psnr": 25.8664,
    "sr-sim": 0.938541,
    "ssim": 0.820352,
    "swd": 108.633,
    "swd-grained": 76.5758,
    "vif": 0.412595,
    "vmaf": 59.4744,
    "vsi": 0.956161,
    "xpsnr": 25.23,
}


@pytest.mark.parametrize("name", PINNED)
def test_figures_stay_what_they_were(name, pictures):
    """A change here is a change of the number: count up the metric's version with it."""
    metric, (picture, other) = make(name), pictures
    mask = np.zeros(picture.shape[:2], np.float32)
    mask[20:90, 30:140] = 1
    found = metric.compare(picture, other, {"mask": mask} if metric.ports else {})
    # Another ffmpeg rounds otherwise on its way to Y'CbCr.
    tolerance = 1e-3 if name in ("vmaf", "xpsnr") else 2e-5
    assert found == pytest.approx(PINNED[name], rel=tolerance)


PIQ = {
    "dss": "dss",
    "fsim": "fsim",
    "gmsd": "gmsd",
    "haarpsi": "haarpsi",
    "iw-ssim": "information_weighted_ssim",
    "mdsi": "mdsi",
    "ms-gmsd": "multi_scale_gmsd",
    "ms-ssim": "multi_scale_ssim",
    "sr-sim": "srsim",
    "ssim": "ssim",
    "vif": "vif_p",
    "vsi": "vsi",
}


def planes(picture, top):
    import torch

    scaled = (picture / np.float64(255 / top)).astype(np.float32)
    return torch.from_numpy(np.ascontiguousarray(scaled.transpose(2, 0, 1)[None]))


@pytest.mark.parametrize("name", PIQ)
def test_figures_are_those_of_piq(name, pictures):
    if absent(("piq", "torch"), "torch"):
        pytest.skip(absent(("piq", "torch"), "torch"))
    from semcodec_metrics.tensors import quiet

    metric = make(name)
    with quiet():
        import piq

        both = [planes(each, 255) for each in pictures]  # of another range than ours
        settings = {"downsample": False} if name == "ssim" else {}
        expected = float(getattr(piq, PIQ[name])(*both, data_range=255, **settings))
    assert metric.compute(*pictures) == pytest.approx(expected, rel=2e-5)


def test_figures_are_those_of_torchmetrics(pictures):
    if absent(("torchmetrics", "torch"), "torch"):
        pytest.skip(absent(("torchmetrics", "torch"), "torch"))
    from semcodec_metrics.tensors import quiet

    with quiet():
        from torchmetrics.functional import image

        both = [planes(each, 255.0).double() for each in pictures]
        luma = [(each * each.new_tensor([0.2126, 0.7152, 0.0722])[:, None, None]).sum(1)[:, None]
                for each in both]  # fmt: skip
        expected = {
            "psnr-y": image.peak_signal_noise_ratio(*luma, data_range=255.0),
            "psnr-b": image.peak_signal_noise_ratio_with_blocked_effect(
                *reversed(luma), data_range=255.0
            ),
        }
    assert float(expected["psnr-b"]) < float(expected["psnr-y"]) - 0.1
    for name, value in expected.items():
        assert make(name).compute(*pictures) == pytest.approx(float(value), rel=1e-6)


@pytest.mark.parametrize("size", [(161, 190), (176, 208), (215, 162), (256, 384)])
def test_psnr_and_ms_ssim_are_those_of_compressai(size, photo, noisy):
    pytest.importorskip("compressai", exc_type=ImportError)
    from semcodec_metrics.tensors import quiet, tensor

    from semcodec.components.metrics import Psnr

    with quiet():
        from compressai.utils.eval_model.__main__ import compute_metrics

        picture = photo(*size)
        for sigma in (2, 10, 40):
            other = noisy(picture, sigma)
            theirs = compute_metrics(tensor(picture), tensor(other))
            assert Psnr().compute(picture, other) == pytest.approx(theirs["psnr-rgb"], abs=1e-4)
            found = make("ms-ssim").compute(picture, other)
            assert found == pytest.approx(theirs["ms-ssim-rgb"], abs=1e-4)


def test_masked_psnr_is_that_of_scikit_image_on_the_region(pictures):
    from skimage.metrics import peak_signal_noise_ratio

    picture, other = pictures
    mask = np.zeros(picture.shape[:2], np.float32)
    mask[20:90, 30:140] = 1
    expected = peak_signal_noise_ratio(picture[20:90, 30:140], other[20:90, 30:140])
    assert make("roi-psnr").compare(picture, other, {"mask": mask}) == pytest.approx(expected)
    inverse = {"mask": 1 - mask}
    assert make("background-psnr").compare(picture, other, inverse) == pytest.approx(expected)


def limited_luma(picture):
    """Y' of BT.709 in limited range, rounded to 8 bits."""
    return np.rint(16 + 219 / 255 * (picture @ np.array([0.2126, 0.7152, 0.0722])))


def xpsnr_of_luma(reference, decoded):
    """Helmrich et al. 2020, section 2, of a still of 640x480 to 2048x1152 pixels."""
    height, width = reference.shape
    share = height * width / (3840 * 2160)
    block = 4 * int(32 * math.sqrt(share) + 0.5)
    picture_activity = math.sqrt(16 * 2 ** (2 * 8 - 9) / math.sqrt(share))
    kernel = np.array([[-1, -2, -1], [-2, 12, -2], [-1, -2, -1]])
    windows = np.lib.stride_tricks.sliding_window_view(reference, (3, 3))
    activity = np.abs((windows * kernel).sum((2, 3)))  # of all but the outermost pixels
    total = 0.0
    for y in range(0, height, block):
        for x in range(0, width, block):
            part = slice(y, y + block), slice(x, x + block)
            inner = (
                slice(max(y - 1, 0), min(y + block, height - 1) - 1),
                slice(max(x - 1, 0), min(x + block, width - 1) - 1),
            )
            weight = 1 / max(activity[inner].mean(), 2 ** (8 - 6))
            total += weight * ((reference[part] - decoded[part]) ** 2).sum()
    return 10 * math.log10(height * width * 255**2 / (total * picture_activity))


@pytest.mark.parametrize("size", [(484, 672), (540, 702)])
def test_xpsnr_is_that_of_the_paper_and_weighs_by_the_reference(size, photo, noisy):
    from scipy.ndimage import gaussian_filter

    metric, gray = make("xpsnr"), photo(*size, 1)
    gray[: size[0] // 2] //= 2
    for other in (noisy(gray, 10), gaussian_filter(gray, (2, 2, 0))):
        both = [np.repeat(each, 3, axis=2) for each in (gray, other)]
        expected = xpsnr_of_luma(*map(limited_luma, both))
        assert metric.compute(*both) == pytest.approx(expected, abs=0.02)


def test_swd_is_that_of_karras_et_al_but_for_the_normalisation():
    """Section 5, by SciPy's own convolution and its distance on the line."""
    from scipy.ndimage import convolve
    from scipy.stats import wasserstein_distance

    kernel = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1])[..., None] / 256
    rng = np.random.default_rng(3)
    both = [rng.integers(0, 256, (37, 40, 3)).astype(np.uint8) for _ in range(2)]
    metric = SlicedWasserstein(patches=50, slices=3, seed=5)
    found = metric.levels(*both)

    def pyramid(picture):
        small = convolve(picture, kernel, mode="mirror")[::2, ::2]
        spread = np.zeros_like(picture)
        spread[::2, ::2] = small
        return picture - convolve(spread, 4 * kernel, mode="mirror"), small

    draw = np.random.Generator(np.random.PCG64(5))
    bands = zip(*(pyramid(each / 255) for each in both), strict=True)
    for (distance, floor), (reference, decoded) in zip(found, bands, strict=True):
        rows, columns = (side - 6 for side in reference.shape[:2])
        here, there = ((draw.integers(0, rows, 50), draw.integers(0, columns, 50)) for _ in "12")
        directions = draw.standard_normal((147, 3))
        directions /= np.linalg.norm(directions, axis=0)

        def taken(band, places):
            cut = [band[y : y + 7, x : x + 7] for y, x in zip(*places, strict=True)]
            return np.array(cut)

        own = taken(reference, here)
        mean, deviation = own.mean((0, 1, 2)), own.std((0, 1, 2))

        def sliced(one, other, mean=mean, deviation=deviation, directions=directions):
            one, other = (
                ((each - mean) / deviation).reshape(50, -1) @ directions for each in (one, other)
            )
            return np.mean([wasserstein_distance(one[:, k], other[:, k]) for k in range(3)])

        assert distance == pytest.approx(sliced(own, taken(decoded, there)))
        assert floor == pytest.approx(sliced(own, taken(reference, there)))
