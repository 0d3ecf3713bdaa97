"""The familiar surface: sizes, methods, bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from semcodec_seam import (
    CompressionResult,
    EnergyFunction,
    GradientEnergyFunction,
    HybridEnergyFunction,
    SaliencyEnergyFunction,
    SeamCarver,
    SemanticCompressor,
    compress_image,
)
from semcodec_seam.cropping import best_crop
from semcodec_seam.sizes import target_size

import semcodec
from semcodec.errors import ImageError, SettingError, TargetError

METHODS = ("seam_carving", "smart_crop", "hybrid")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [0.3, 0.8, 1.25])
def test_every_method_reaches_the_size(scene: Any, method: Any, scale: float) -> None:
    result = compress_image(scene, scale=scale, method=method)
    assert result.compressed_size == result.image.shape[:2]
    assert result.compressed_size == (int(60 * scale), int(90 * scale))
    assert result.original_size == (60, 90)
    assert result.compression_ratio == pytest.approx(scale**2, rel=0.05)
    assert result.to_pil().size == result.compressed_size[::-1]


def test_sizes_count_in_their_order(scene: Any) -> None:
    every = {"scale": 0.5, "target_pixels": 100, "max_dimension": 20}
    compressor = SemanticCompressor(GradientEnergyFunction())
    assert compressor.compress(scene, **every).compressed_size == (30, 45)
    del every["scale"]
    assert compressor.compress(scene, **every).compressed_size == (8, 12)
    del every["target_pixels"]
    assert compressor.compress(scene, **every).compressed_size == (13, 20)
    assert np.array_equal(compressor.compress(scene).image, scene)


@given(
    size=st.tuples(st.integers(1, 3000), st.integers(1, 3000)),
    pixels=st.integers(1, 10**7),
    aspect=st.booleans(),
)
@settings(max_examples=300)
def test_no_size_is_exceeded(size: Any, pixels: int, aspect: bool) -> None:
    height, width = target_size(size, target_pixels=pixels, preserve_aspect=aspect)
    assert 1 <= height <= size[0]
    assert 1 <= width <= size[1]
    assert height * width <= max(pixels, 1)
    longest = max(1, pixels % 3001)
    made = target_size(size, max_dimension=longest, preserve_aspect=aspect)
    assert max(made) <= longest
    assert all(1 <= new <= old for new, old in zip(made, size, strict=True))


def test_without_its_aspect_the_longer_side_gives_way_first() -> None:
    assert target_size((60, 90), target_pixels=4200, preserve_aspect=False) == (60, 70)
    assert target_size((90, 60), target_pixels=4200, preserve_aspect=False) == (70, 60)
    assert target_size((60, 90), target_pixels=2500, preserve_aspect=False) == (50, 50)
    assert target_size((60, 90), max_dimension=70, preserve_aspect=False) == (60, 70)
    assert target_size((60, 90), scale=0.9, preserve_aspect=False) == (60, 72)


@given(
    seed=st.integers(0, 99),
    window=st.tuples(st.integers(1, 14), st.integers(1, 14)),
)
@settings(max_examples=100)
def test_a_crop_keeps_the_most_energy_there_is(seed: int, window: tuple[int, int]) -> None:
    energy = np.random.default_rng(seed).integers(0, 9, (9, 12)).astype(np.float32)
    height, width = min(window[0], 9), min(window[1], 12)
    top, left, bottom, right = best_crop(energy, *window)
    assert (bottom - top, right - left) == (height, width)
    best = max(
        energy[y : y + height, x : x + width].sum()
        for y in range(10 - height)
        for x in range(13 - width)
    )
    assert energy[top:bottom, left:right].sum() == best


def test_of_equal_crops_the_middle_one_is_taken() -> None:
    assert best_crop(np.ones((9, 11), np.float32), 3, 5) == (3, 3, 6, 8)


def test_a_smart_crop_larger_on_one_side_is_a_crop_on_the_other(scene: Any) -> None:
    made = SemanticCompressor()._sized(scene, (30, 120), "smart_crop", None)
    assert made.shape == (30, 120, 3)


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif", ".png"])
@pytest.mark.parametrize("target", [1500, 2500, 8000])
def test_a_saved_file_never_exceeds_its_target(
    scene: Any, tmp_path: Path, suffix: str, target: int
) -> None:
    result = compress_image(scene, target_bytes=target)
    path = tmp_path / f"made{suffix}"
    written = result.save(path)
    assert written == path.stat().st_size <= target
    with Image.open(path) as image:
        assert image.size == result.compressed_size[::-1]


def test_a_format_without_quality_says_how_small_it_is(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (30, 30, 3)).astype(np.uint8)
    result = compress_image(noise, target_bytes=900, method="jpeg")
    with pytest.raises(TargetError, match="the smallest png") as caught:
        result.save(tmp_path / "noise.png")
    assert caught.value.reached > 2700
    assert not list(tmp_path.iterdir())


def test_more_bytes_keep_more_pixels_and_enough_keep_all(scene: Any) -> None:
    pixels = [
        np.prod(compress_image(scene, target_bytes=target).compressed_size)
        for target in (1200, 1600, 2400, 20000)
    ]
    assert pixels == sorted(pixels)
    assert pixels[-1] == 60 * 90


def test_jpeg_keeps_the_size_and_meets_the_bytes(scene: Any, tmp_path: Path) -> None:
    result = compress_image(scene, target_bytes=1800, method="jpeg")
    assert np.array_equal(result.image, scene)
    assert result.save(tmp_path / "made.jpg") <= 1800
    with pytest.raises(SettingError, match="keeps it"):
        compress_image(scene, scale=0.5, method="jpeg")


def test_impossible_bytes_name_the_smallest(scene: Any) -> None:
    with pytest.raises(TargetError, match="at most 5 bytes, the smallest jpeg") as caught:
        compress_image(scene, target_bytes=5)
    assert 100 < caught.value.reached < 1000
    assert "give more bytes" in caught.value.hint


def test_a_result_saves_as_its_suffix_says(scene: Any, tmp_path: Path) -> None:
    result = CompressionResult(scene, (60, 90), (60, 90), "hybrid")
    sizes = [result.save(tmp_path / f"q{quality}.jpg", quality) for quality in (20, 60, 95)]
    assert sizes == sorted(sizes)
    result.save(tmp_path / "made.png")
    assert np.array_equal(semcodec.read_image(tmp_path / "made.png"), scene)
    with pytest.raises(ImageError, match="Known suffixes"):
        result.save(tmp_path / "made.xyz")


def test_code_of_the_readme_of_semantic_compress_runs(scene: Any, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    Image.fromarray(scene).save(photo)
    energy = HybridEnergyFunction(
        energies=[GradientEnergyFunction(), SaliencyEnergyFunction()],
        weights=[0.3, 0.2],
        adaptive_weights=True,
    )
    compressor = SemanticCompressor(energy_function=energy)
    result = compressor.compress(str(photo), scale=0.5, method="hybrid")
    result.save(str(tmp_path / "compressed.jpg"))
    assert f"{result.compression_ratio:.1%}" == "25.0%"
    results = compressor.compress_batch([photo, photo], scale=0.5, method="seam_carving", workers=2)
    assert [each.compressed_size for each in results] == [(30, 45), (30, 45)]
    stats = compressor.analyze_content(photo)
    assert 0 <= stats["low_importance_ratio"] <= 1
    assert stats["size"] == (60, 90)
    carver = SeamCarver(energy_function=energy, keep_mask=None, remove_mask=None)
    assert carver.resize(scene, scale_height=0.5, scale_width=0.5).shape == (30, 45, 3)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((3, 4), np.float32),
        np.zeros((3, 4, 3), np.uint8),
        Image.new("L", (4, 3)),
    ],
)
def test_pictures_come_in_many_forms(image: Any) -> None:
    assert compress_image(image, scale=0.5).compressed_size == (1, 2)


@pytest.mark.parametrize(
    ("image", "says"),
    [
        (np.full((3, 4), 2.0), r"floats in \[0, 1\]"),
        (np.full((3, 4), np.nan), r"floats in \[0, 1\]"),
        ("nowhere.jpg", "nowhere.jpg"),
    ],
)
def test_what_is_no_picture_says_so(image: Any, says: str) -> None:
    with pytest.raises(ImageError, match=says):
        compress_image(image, scale=0.5)


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"scale": 0}, "scale above 0"),
        ({"scale": float("nan")}, "scale above 0"),
        ({"target_pixels": -1}, "target_pixels above 0"),
        ({"method": "magic"}, "a method of seam_carving, smart_crop, hybrid, jpeg"),
        ({"target_bytes": 0}, "target_bytes of at least 1"),
        ({"scale": 11}, "ten times"),
        ({"scale": 1e308}, "ten times"),
        ({"scale": 1e308, "preserve_aspect": False}, "ten times"),
        ({"scale": "0.5"}, "scale as a number, got '0.5'"),
        ({"target_pixels": 0.5}, "target_pixels as a whole number, got 0.5"),
        ({"max_dimension": True}, "max_dimension as a whole number, got True"),
        ({"target_bytes": "x"}, "target_bytes as a whole number, got 'x'"),
        ({"target_bytes": 900.5}, "target_bytes as a whole number, got 900.5"),
    ],
)
def test_wishes_that_are_no_size_say_so(scene: Any, given_: Any, says: str) -> None:
    with pytest.raises(SettingError, match=says):
        compress_image(scene, **given_)


@pytest.mark.parametrize(
    "given_", [{"weights": [1]}, {"weights": [0, 0]}, {"weights": [-1, 2]}, {"energies": []}]
)
def test_weights_that_do_not_fit_say_so(given_: Any) -> None:
    with pytest.raises(SettingError, match="expected"):
        HybridEnergyFunction(**given_)


@pytest.mark.parametrize("method", ["seam_carving", "smart_crop", "hybrid"])
@pytest.mark.parametrize("refresh", [0, 1])
def test_what_is_drawn_as_removed_is_what_the_result_lacks(
    scene: Any, method: Any, refresh: int
) -> None:
    # No two pixels are alike, so that each can be told from the others.
    picture = np.stack((*np.unravel_index(np.arange(60 * 90), (60, 90)), np.zeros(5400)), axis=1)
    picture = (picture.reshape(60, 90, 3) * [4, 2, 1]).astype(np.uint8)
    compressor = SemanticCompressor(GradientEnergyFunction(), refresh=refresh)
    made = compressor.compress(picture, scale=0.6, method=method).image
    drawn = compressor.visualize_removed(picture, scale=0.6, method=method)
    assert drawn.shape == picture.shape
    left = {tuple(pixel) for pixel in made.reshape(-1, 3).tolist()}
    stays = np.array([[tuple(pixel) in left for pixel in row] for row in picture.tolist()])
    assert np.array_equal(drawn[stays], picture[stays])
    assert np.array_equal(drawn[~stays], picture[~stays] // 2 + np.array([127, 0, 0]))
    assert stays.sum() == made.shape[0] * made.shape[1]


def test_of_a_side_that_grows_nothing_goes(scene: Any) -> None:
    with pytest.raises(SettingError, match="a size of at most 90x60"):
        SemanticCompressor().visualize_removed(scene, scale=1.2)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("corner", [(slice(0, 20), slice(0, 30)), (slice(40, 60), slice(70, 90))])
def test_what_is_kept_stays_and_what_is_removed_goes_by_every_method(
    scene: Any, method: Any, corner: tuple[slice, slice]
) -> None:
    mask = np.zeros((60, 90), bool)
    mask[corner] = True
    for name, stays in (("keep_mask", True), ("remove_mask", False)):
        compressor = SemanticCompressor(GradientEnergyFunction(), **{name: mask})
        drawn = compressor.visualize_removed(scene, scale=0.5, method=method)
        gone = (drawn != scene).any(axis=2)
        assert not (gone if stays else ~gone)[mask].any()


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 999))
@settings(max_examples=60, deadline=None)
def test_a_window_minds_masks_before_energy(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    energy = rng.random((9, 9)).astype(np.float32)
    keep, remove = rng.random((2, 9, 9)) < 0.2
    top, left, bottom, right = best_crop(energy, height, width, keep=keep, remove=remove)

    def worth(y: int, x: int) -> tuple[int, int, float]:
        window = slice(y, y + height), slice(x, x + width)
        gone = int((remove & ~keep)[window].sum())
        return int(keep[window].sum()), -gone, float(energy[window].sum(dtype=np.float64))

    every = [worth(y, x) for y in range(10 - height) for x in range(10 - width)]
    assert (bottom - top, right - left) == (height, width)
    assert worth(top, left) == pytest.approx(max(every), abs=1e-6)


@pytest.mark.parametrize("metric", [None, "psnr", "perceptual"])
def test_a_scale_whose_carved_picture_is_too_large_gives_way(tmp_path: Path, metric: Any) -> None:
    if metric == "perceptual":
        pytest.importorskip("semcodec_metrics", reason="pip install semcodec-metrics")
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3)).astype(np.uint8)
    result = compress_image(noise, quality_metric=metric, target_bytes=650)
    assert result.save(tmp_path / "noise.jpg") <= 650
    with pytest.raises(TargetError) as caught:
        compress_image(noise, quality_metric=metric, target_bytes=20)
    assert str(caught.value.reached) in str(caught.value)


@pytest.mark.parametrize("form", ["jpeg", "webp", "avif", "png", "tiff"])
@pytest.mark.parametrize("mode", ["L", "RGBA", "I;16"])
def test_the_scale_is_that_of_the_format(scene: Any, tmp_path: Path, form: str, mode: str) -> None:
    picture: Any = scene[..., 0].astype(np.uint16) * 257
    if mode != "I;16":
        picture = Image.fromarray(scene).convert(mode)
    result = compress_image(picture, GradientEnergyFunction(), "psnr", target_bytes=2000, form=form)
    assert result.save(tmp_path / f"made.{form}") <= 2000
    assert result.metadata["quality"] > 5


def test_a_format_is_checked_and_named(scene: Any) -> None:
    with pytest.raises(TargetError, match="the smallest png"):
        compress_image(scene, target_bytes=40, form="png")
    with pytest.raises(SettingError, match="a form of jpeg, webp, avif, png, tiff, got 'gif'"):
        compress_image(scene, target_bytes=4000, form="gif")


def test_what_is_drawn_fits_too() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3)).astype(np.uint8)
    compressor = SemanticCompressor(GradientEnergyFunction(), "psnr")
    made = compressor.compress(noise, target_bytes=650).compressed_size
    drawn = compressor.visualize_removed(noise, target_bytes=650)
    assert (drawn == noise).all(axis=2).sum() <= made[0] * made[1] + 200


def test_whole_numbers_of_any_length_are_sizes(scene: Any) -> None:
    for wish in ({"max_dimension": 10**400}, {"target_pixels": 10**400}, {"max_dimension": 90}):
        assert compress_image(scene, **wish).compressed_size == (60, 90)
    assert compress_image(scene, max_dimension=np.int32(45)).compressed_size == (30, 45)


class Redness(EnergyFunction):
    """As one wrote it for Semantic Compress."""

    def __init__(self) -> None:
        self.seen = 0

    def compute(self, image: Any) -> Any:
        assert image.dtype == np.uint8
        assert image.ndim == 3
        self.seen = image.shape[2]
        return image[..., 0] / 255.0


class HalfHybrid(HybridEnergyFunction):
    def compute(self, image: Any) -> Any:
        return 0.5 * super().compute(image)


class HalfGradient(GradientEnergyFunction):
    def compute(self, image: Any) -> Any:
        return 0.5 * super().compute(image)


class Nothing(EnergyFunction):
    pass


def test_an_energy_may_define_compute_alone(scene: Any) -> None:
    energy = Redness()
    result = compress_image(scene, energy, scale=0.8, method="seam_carving")
    assert result.compressed_size == (48, 72)
    assert compress_image(scene[..., 0], energy, scale=0.8).compressed_size == (48, 72)
    assert energy.seen == 3
    assert np.array_equal(energy.measure(scene), np.float32(scene[..., 0] / 255.0))
    assert np.array_equal(energy(scene), scene[..., 0] / 255.0)


@pytest.mark.parametrize(
    ("halved", "base"), [(HalfHybrid, HybridEnergyFunction), (HalfGradient, GradientEnergyFunction)]
)
def test_an_energy_may_call_what_it_overrides(scene: Any, halved: Any, base: Any) -> None:
    made = SeamCarver(halved()).measure(scene)
    assert np.allclose(made, 0.5 * base().compute(scene), atol=1e-6)


def test_an_energy_without_anything_says_so(scene: Any) -> None:
    with pytest.raises(SettingError, match="Nothing has no saliency source"):
        compress_image(scene, Nothing(), scale=0.5)
    with pytest.raises(SettingError, match="define compute"):
        Nothing().compute(scene)
