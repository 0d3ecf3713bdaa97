"""Sizes chosen by a metric: what is chosen, what is said, what is refused."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from semcodec_seam import SemanticCompressor, compress_image
from semcodec_seam.choosing import SCALES, chosen
from semcodec_seam.grading import grade
from semcodec_seam.saving import within

from semcodec.errors import PluginError, SettingError, TargetError
from semcodec.image.scaling import scaled

LANCZOS = Image.Resampling.LANCZOS


@pytest.fixture(scope="module")
def photo() -> Any:
    """Texture of every scale over slopes, uint8 (176, 200, 3): MS-SSIM wants 161 a side."""
    rng = np.random.default_rng(0)
    total = np.zeros((176, 200, 3))
    for side in (4, 11, 25, 88):
        noise = Image.fromarray(rng.integers(0, 256, (side, side, 3)).astype(np.uint8))
        total += np.asarray(noise.resize((200, 176), Image.Resampling.BICUBIC)) * side**-0.5
    total -= total.min()
    return (total / total.max() * 255).astype(np.uint8)


def jpeg(picture: Any, quality: int = 80) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "jpeg", quality=quality)
    return buffer.getvalue()


def test_psnr_is_that_of_the_file_scaled_back(photo: Any) -> None:
    file = jpeg(np.asarray(Image.fromarray(photo).resize((100, 88), LANCZOS)))
    with Image.open(io.BytesIO(file)) as image:
        back = np.asarray(image.resize((200, 176), LANCZOS)).astype(float)
    wanted = 10 * np.log10(255**2 / np.mean((back - photo) ** 2))
    assert grade("psnr", photo, file) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("metric", ["psnr", "perceptual", "semantic"])
def test_a_better_file_has_a_better_grade(photo: Any, metric: Any) -> None:
    pytest.importorskip("scipy")
    if metric == "perceptual":
        pytest.importorskip("semcodec_metrics", reason="pip install semcodec-metrics")
    if metric == "semantic":
        pytest.importorskip("torch", reason="pip install 'semcodec-seam[deep]'")
        pytest.importorskip("semcodec_saic", reason="pip install 'semcodec-seam[deep]'")
    grades = [grade(metric, photo, jpeg(photo, quality)) for quality in (5, 30, 95)]
    assert grades == sorted(grades)
    assert grades[0] < 0.99 * grades[2]
    if metric != "psnr":
        assert grades[0] > 0
        assert 0.9 < grades[2] <= 1


@pytest.mark.parametrize("target", [900, 2500, 9000])
def test_the_best_of_all_scales_is_found_or_nearly(photo: Any, target: int) -> None:
    sizes = [(int(176 * s), int(200 * s)) for s in SCALES]
    size, said = chosen(photo, sizes, target, "psnr")
    every = {}
    for each in sizes:
        try:
            file, _ = within(scaled(photo, *each), "jpeg", target)
        except TargetError:
            continue
        assert len(file) <= target
        every[each] = grade("psnr", photo, file)
    assert said == {"quality_metric": "psnr", "quality": every[size]}
    assert every[size] > max(every.values()) - 0.1
    # The fixed quality is one of them, so no better.
    assert every[size] >= every.get(chosen(photo, sizes, target, None)[0], 0) - 0.1


def test_the_metric_is_the_second_argument_and_matters(photo: Any, tmp_path: Path) -> None:
    plain = SemanticCompressor().compress(photo, target_bytes=2500)
    by_psnr = SemanticCompressor(None, "psnr").compress(photo, target_bytes=2500)
    assert plain.metadata == {"target_bytes": 2500}
    assert by_psnr.metadata["quality_metric"] == "psnr"
    assert 10 < by_psnr.metadata["quality"] < 60
    assert by_psnr.compressed_size != plain.compressed_size
    assert by_psnr.save(tmp_path / "made.jpg") <= 2500
    again = compress_image(photo, quality_metric="psnr", target_bytes=2500)
    assert again.compressed_size == by_psnr.compressed_size


def test_jpeg_alone_is_graded_as_it_is(photo: Any) -> None:
    result = compress_image(photo, None, "psnr", target_bytes=3000, method="jpeg")
    file, _ = within(photo, "jpeg", 3000)
    assert result.metadata["quality"] == grade("psnr", photo, file)
    assert "quality" not in compress_image(photo, None, "psnr", scale=0.5).metadata


def test_perceptual_is_ssim_where_five_scales_do_not_fit(scene: Any) -> None:
    pytest.importorskip("semcodec_metrics", reason="pip install semcodec-metrics")
    pytest.importorskip("skimage", reason="pip install semcodec-metrics")
    from semcodec_metrics.structure import Ssim

    file = jpeg(scene)
    with Image.open(io.BytesIO(file)) as image:
        wanted = Ssim().compute(scene, np.asarray(image))
    assert grade("perceptual", scene, file) == wanted


def test_without_its_package_a_metric_says_so(scene: Any, monkeypatch: Any) -> None:
    from semcodec.discovery import catalog

    monkeypatch.setattr("semcodec.discovery.scan.registrations", lambda path: [])
    catalog.cache_clear()
    try:
        with pytest.raises(PluginError, match="needs semcodec-metrics") as caught:
            compress_image(scene, quality_metric="perceptual", target_bytes=1500)
    finally:
        catalog.cache_clear()
    assert "pip install semcodec-metrics" in str(caught.value)


@pytest.mark.parametrize("metric", ["ssim", "", 3])
def test_no_metric_of_that_name_says_which_there_are(metric: Any) -> None:
    with pytest.raises(
        SettingError, match="expected a quality_metric of perceptual, semantic, psnr"
    ):
        SemanticCompressor(None, metric)


def test_gray_alpha_and_16_bits_are_graded_as_they_are_seen(photo: Any) -> None:
    alpha = np.dstack([photo, np.full(photo.shape[:2], 128, np.uint8)])
    for picture in (photo[..., :1], alpha, photo.astype(np.uint16) * 257):
        result = compress_image(picture, quality_metric="psnr", target_bytes=2500)
        assert 10 < result.metadata["quality"] < 60


def test_sides_below_the_window_of_ssim_are_graded_by_psnr(photo: Any) -> None:
    small = photo[:10, :40].copy()
    file, _ = within(small, "jpeg", 3000)
    assert grade("perceptual", small, file) == grade("psnr", small, file)
