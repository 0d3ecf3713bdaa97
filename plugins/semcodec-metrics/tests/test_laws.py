"""What holds for every metric that runs here: identity, direction, symmetry, depth, gray, sizes."""

from __future__ import annotations

import contextlib
import importlib
import math
import os
import re
import subprocess
import sys

import numpy as np
import pytest
import semcodec_metrics

from semcodec.errors import ImageError

WITH_WEIGHTS = ("fid", "kid", "lpips", "dists", "feature-matching", "clip-image", "clip-score")
WITH_WEIGHTS = (*WITH_WEIGHTS, "segmenter-iou", "musiq", "niqe", "feature-cosine")
NAMES = [
    name
    for name in (r.id.removeprefix("metrics.") for r in semcodec_metrics.semcodec_metrics())
    if name not in WITH_WEIGHTS
]
ZERO = ("ciede2000", "colour-map", "gmsd", "mdsi", "ms-gmsd", "swd", "swd-grained")
INFINITE = ("background-psnr", "psnr-b", "psnr-y", "roi-psnr", "xpsnr")
SYMMETRIC = ("ciede2000", "colour-map", "edge-correlation", "gmsd", "haarpsi", "lab-histogram")
SYMMETRIC = (
    *SYMMETRIC,
    "ms-gmsd",
    "ms-ssim",
    "psnr-y",
    "roi-psnr",
    "background-psnr",
    "ssim",
    "dss",
    "fsim",
)
NOISE_IS_NO_MATTER = ("colour-map",)
"""Averages over blocks hardly see noise."""
QUICK = {"swd-grained": {"patches": 256, "slices": 16}}


def make(name):
    [target] = [r.target for r in semcodec_metrics.semcodec_metrics() if r.id == f"metrics.{name}"]
    module, _, attribute = target.partition(":")
    metric = getattr(importlib.import_module(module), attribute)(**QUICK.get(name, {}))
    if metric.missing():
        pytest.skip(metric.missing())
    return metric


def guides(metric, picture):
    height, width = picture.shape[:2]
    mask = np.zeros((height, width), np.float32)
    mask[: height // 2 + 1, : width // 2 + 1] = 1
    return {"mask": mask} if metric.ports else {}


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_equals_itself(name, photo):
    metric, picture = make(name), photo(163, 170)
    found = metric.compare(picture, picture.copy(), guides(metric, picture))
    best = 0 if name in ZERO else math.inf if name in INFINITE else 1
    if name == "vmaf":
        assert 95 < found <= 100
    else:
        assert found == pytest.approx(best, abs=2e-5)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in NOISE_IS_NO_MATTER])
def test_more_noise_is_worse(name, photo, noisy):
    metric, picture = make(name), photo(171, 180)
    given = guides(metric, picture)
    found = [metric.compare(picture, noisy(picture, s), given) for s in (2, 8, 24)]
    assert found == sorted(found, reverse=metric.higher_is_better)
    assert len(set(found)) == 3


@pytest.mark.parametrize("name", NAMES)
def test_more_blur_is_worse(name, photo):
    from scipy.ndimage import gaussian_filter

    metric, picture = make(name), photo(171, 180)
    picture = picture // 2 + photo(180, 171).swapaxes(0, 1) // 2
    given = guides(metric, picture)
    blurred = [gaussian_filter(picture, (s, s, 0)) for s in (0.5, 0.8, 1.3)]
    found = [metric.compare(picture, each, given) for each in blurred]
    if name == "lab-histogram":  # blind to place, so it need not order blurs
        assert found[0] > found[-1]
    else:
        assert found == sorted(found, reverse=metric.higher_is_better)


@pytest.mark.parametrize("name", [n for n in NAMES if n in SYMMETRIC])
def test_symmetry(name, photo, noisy):
    metric, picture = make(name), photo(163, 165)
    other, given = noisy(picture, 10), guides(metric, picture)
    there, back = metric.compare(picture, other, given), metric.compare(other, picture, given)
    assert there == pytest.approx(back, rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_sixteen_bits_give_what_eight_give(name, photo, noisy):
    metric, picture = make(name), photo(163, 165)
    other, given = noisy(picture, 10), guides(metric, picture)
    shallow = metric.compare(picture, other, given)
    deep = [each.astype(np.uint16) * np.uint16(257) for each in (picture, other)]
    # VMAF's planes are rounded to 8 bits for one and to 10 for the other.
    tolerance = 5e-2 if name == "vmaf" else 1e-4
    assert metric.compare(*deep, given) == pytest.approx(shallow, rel=tolerance, abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_gray_is_rgb_of_equal_channels(name, photo, noisy):
    metric, gray = make(name), photo(163, 165, 1)
    other, given = noisy(gray, 10), guides(metric, gray)
    three = [np.repeat(each, 3, axis=2) for each in (gray, other)]
    found = metric.compare(gray, other, given)
    assert math.isfinite(found)
    assert found == pytest.approx(metric.compare(*three, given), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_alpha_that_is_opaque_changes_nothing(name, photo, noisy):
    if name in ("roi-psnr", "background-psnr"):
        pytest.skip("they count alpha's samples, as psnr does")
    metric, picture = make(name), photo(163, 165)
    other, solid = noisy(picture, 10), np.full((163, 165, 1), 255, np.uint8)
    with_alpha = [np.concatenate([each, solid], axis=2) for each in (picture, other)]
    assert metric.compute(*with_alpha) == metric.compute(picture, other)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (10, 9), (16, 17), (33, 31), (41, 160)])
@pytest.mark.parametrize("name", NAMES)
def test_small_pictures_are_answered_or_refused(name, size, photo, noisy):
    metric, picture = make(name), photo(*size)
    try:
        found = metric.compare(picture, noisy(picture, 10), guides(metric, picture))
    except ImageError as error:
        refused = f"{error}"
        assert re.search("expected a picture of at least|no pixel is", refused), refused
        return
    assert not math.isnan(found)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("level", [0, 255])
def test_flat_pictures_are_answered_or_refused(name, level):
    metric, flat = make(name), np.full((170, 170, 3), level, np.uint8)
    refuses = contextlib.nullcontext()
    if name == "iw-ssim" or (name, level) == ("haarpsi", 0):
        refuses = pytest.raises(ImageError, match=r"gives (nan|inf) for these pictures")
    with refuses:
        assert not math.isnan(metric.compare(flat, flat.copy(), guides(metric, flat)))


@pytest.mark.parametrize("name", NAMES)
def test_pictures_that_differ_in_form_are_refused(name, photo):
    metric, picture = make(name), photo(170, 170)
    given = guides(metric, picture)
    others = (picture[:-1], picture[..., :1], picture.astype(np.uint16), picture.astype(float))
    for other in others:
        with pytest.raises(ImageError, match="like the reference"):
            metric.compare(picture, other, given)
    with pytest.raises(ImageError, match="uint8 or uint16"):
        metric.compare(picture.astype(float), picture.astype(float), given)


@pytest.mark.parametrize("name", NAMES)
def test_inputs_are_not_written_to(name, photo, noisy):
    metric, picture = make(name), photo(163, 165)
    other, given = noisy(picture, 10), guides(metric, picture)
    picture.flags.writeable = other.flags.writeable = False
    assert metric.compare(picture, other, given) == metric.compare(picture, other, given)


def test_another_process_gives_the_same_bit_for_bit(photo, noisy, tmp_path):
    picture = photo(163, 165)
    np.savez(tmp_path / "pair.npz", picture=picture, other=noisy(picture, 10))
    program = tmp_path / "measure.py"
    program.write_text(MEASURE)
    listed = semcodec_metrics.semcodec_metrics()
    names = [r.target for r in listed if r.id.removeprefix("metrics.") in NAMES]
    said = [
        subprocess.run(
            [sys.executable, program, tmp_path / "pair.npz", *names],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    ]
    assert said[0] == said[1]
    assert said[0].count("=") >= 11


MEASURE = """
import importlib, sys
import numpy as np

pair = np.load(sys.argv[1])
mask = np.tri(163, 165, dtype=np.float32)
for target in sys.argv[2:]:
    module, _, name = target.partition(":")
    metric = getattr(importlib.import_module(module), name)()
    if not metric.missing():
        guides = {"mask": mask} if metric.ports else {}
        print(target, "=", metric.compare(pair["picture"], pair["other"], guides).hex())
"""
