"""Each defect that Semantic Compress 0.1.0 has, by its name, is none here."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import semcodec_seam
from click.testing import CliRunner, Result
from PIL import Image
from semcodec_seam import (
    DeepEnergyFunction,
    GradientEnergyFunction,
    HybridEnergyFunction,
    SaliencyEnergyFunction,
    SeamCarver,
    SemanticCompressor,
    compress_image,
)
from semcodec_seam.carving.order import removal_order
from semcodec_seam.cli import seam
from semcodec_seam.energies.backbones import BACKBONES
from semcodec_seam.energies.deep import Deep
from semcodec_seam.pictures import energy_of

from semcodec.errors import WeightsError

NETWORK = pytest.mark.skipif(
    not (find_spec("torch") and find_spec("semcodec_saic")),
    reason="pip install 'semcodec-seam[deep]'",
)
TORCHVISION = pytest.mark.skipif(
    find_spec("torchvision") is None, reason="pip install 'semcodec-seam[deep]'"
)


@pytest.fixture
def photo(scene: Any, tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.fromarray(scene).save(path)
    return path


def run(*words: Any) -> Result:
    return CliRunner().invoke(seam, [str(word) for word in words])


def mean(photo: Path, *words: Any) -> float:
    result = run(photo, "--analyze", "--json", *words)
    assert result.exit_code == 0, result.output
    return float(json.loads(result.stdout)["mean_energy"])


def test_dp_the_right_neighbours_value_is_added() -> None:
    """The original forgot it, and its seam on a random field cost a third more than the best."""
    rng = np.random.default_rng(4)
    for _ in range(20):
        energy = rng.integers(0, 64, (6, 5)).astype(np.float32) / 64
        taken = float(energy[removal_order(energy, 1) == 1].sum())
        paths = product(range(5), repeat=6)
        sound = (p for p in paths if all(abs(a - b) <= 1 for a, b in pairwise(p)))
        assert taken == pytest.approx(min(energy[range(6), p].sum() for p in sound))


@pytest.mark.parametrize("axis", ["height", "width"])
def test_masks_are_carried_along_both_axes(scene: Any, disc: Any, axis: str) -> None:
    """The original recursed without end at the first seam, and did not turn the mask."""
    target = {"height": {"target_height": 32}, "width": {"target_width": 40}}[axis]
    marked = np.where(disc[..., None], (255, 0, 255), scene).astype(np.uint8)
    made = SeamCarver(keep_mask=disc).resize(marked, **target)
    assert (made == (255, 0, 255)).all(axis=2).sum() == disc.sum()
    gone = SeamCarver(remove_mask=disc).resize(marked, **target)
    assert (gone == (255, 0, 255)).all(axis=2).sum() < disc.sum() / 8


def test_masks_do_not_drown_the_energy() -> None:
    """Sums with 1e10 in float32 told no energies apart: outside the mask the best seam goes."""
    energy = np.random.default_rng(0).random((400, 12)).astype(np.float32)
    keep = np.zeros((400, 12), bool)
    keep[:, 6] = True
    order = removal_order(energy, 1, keep=keep)
    halves = [energy[:, :6], energy[:, 7:]]
    best = [float(half[removal_order(half, 1) == 1].sum()) for half in halves]
    assert float(energy[order == 1].sum()) == pytest.approx(min(best), rel=1e-5)


@pytest.mark.parametrize("method", ["seam_carving", "smart_crop", "hybrid", "jpeg"])
def test_bytes_are_met_by_the_saved_file(scene: Any, tmp_path: Path, method: Any) -> None:
    """The original re-encoded at 95: 18827 bytes for a target of 16000."""
    large = scene.repeat(4, 0).repeat(4, 1)
    for target in (4000, 8000):
        path = tmp_path / "made.jpg"
        written = compress_image(large, target_bytes=target, method=method).save(path)
        assert target / 2 < written == path.stat().st_size <= target


def test_bytes_jpeg_on_the_command_line_has_a_target_and_no_scale(photo: Path) -> None:
    out = photo.with_name("small.jpg")
    assert run(photo, "-m", "jpeg", "--target-bytes", 1500, "-o", out).exit_code == 0
    assert out.stat().st_size <= 1500
    assert "keeps it" in str(run(photo, "-m", "jpeg", "-s", 0.5).exception)


@NETWORK
@TORCHVISION
def test_vgg19_has_weights_and_layers_like_the_others(scene: Any) -> None:
    """The original asked torchvision for an enumeration that it does not define."""
    import torch
    from semcodec_seam.energies.activations import activations, padded
    from torchvision.models import get_model_weights

    with pytest.raises(WeightsError, match="get_model\\('vgg19', weights='DEFAULT'\\)"):
        energy_of(Deep(model="vgg19"), scene)
    assert get_model_weights("vgg19").DEFAULT.url
    backbone = BACKBONES["vgg19"]
    with torch.device("meta"):
        made = backbone.build()
    # Its classifier stays without values, and would fail if it ran.
    made.features.to_empty(device="cpu")
    for value in made.features.parameters():
        torch.nn.init.constant_(value, 0.01)
    x = padded(scene[:32, :32] / np.float32(255), backbone)
    with torch.no_grad():
        found = activations(backbone, made, backbone.layers, x)
    assert [tuple(each.shape[1:]) for each in found] == [
        (128, 48, 48),
        (256, 24, 24),
        (512, 12, 12),
    ]


def test_api_everything_the_readme_imports_is_there() -> None:
    for name in (
        "CompressionResult",
        "DeepEnergyFunction",
        "GradientEnergyFunction",
        "HybridEnergyFunction",
        "LearnedEnergyFunction",
        "SaliencyEnergyFunction",
        "SeamCarver",
        "SemanticCompressor",
        "compress_image",
    ):
        assert name in semcodec_seam.__all__
        assert callable(getattr(semcodec_seam, name))


def test_api_preserve_aspect_has_an_effect(scene: Any) -> None:
    sizes = [
        compress_image(scene, target_pixels=3000, preserve_aspect=keep).compressed_size
        for keep in (True, False)
    ]
    assert sizes == [(44, 67), (54, 54)]


def test_api_quality_metric_has_an_effect(scene: Any) -> None:
    large = scene.repeat(4, 0).repeat(4, 1)
    sizes = {
        metric: compress_image(large, None, metric, target_bytes=3000).compressed_size
        for metric in (None, "psnr")
    }
    assert sizes[None] != sizes["psnr"]


@NETWORK
def test_model_is_not_ignored_by_a_hybrid(photo: Path) -> None:
    assert mean(photo, "--model", "saic") != mean(photo)
    with pytest.warns(UserWarning, match="no weights of resnet18"):
        assert mean(photo, "--model", "resnet18") != mean(photo)
    refused = run(photo, "-s", 0.5, "-e", "gradient", "--model", "saic")
    assert refused.exit_code == 2


def test_model_the_default_energy_is_one_for_every_path(scene: Any) -> None:
    compressor = SemanticCompressor()
    assert np.array_equal(compressor.carver.measure(scene), HybridEnergyFunction().compute(scene))
    crop = compressor.compress(scene, scale=0.5, method="smart_crop").image
    explicit = SemanticCompressor(HybridEnergyFunction())
    assert np.array_equal(crop, explicit.compress(scene, scale=0.5, method="smart_crop").image)
    carved = compressor.compress(scene, scale=0.8, method="seam_carving").image
    again = explicit.compress(scene, scale=0.8, method="seam_carving").image
    assert np.array_equal(carved, again)


@pytest.mark.parametrize("method", ["seam_carving", "smart_crop", "hybrid"])
def test_dark_images_stay_dark(method: Any) -> None:
    """The original took a largest value of 1 for floats, and gave 255."""
    dark = (np.random.default_rng(0).random((20, 24, 3)) < 0.5).astype(np.uint8)
    assert compress_image(dark, scale=0.6, method=method).image.max() == 1


def test_dark_images_of_floats_are_those_of_bytes(scene: Any) -> None:
    for picture in (scene, scene // 128):
        whole = compress_image(picture, scale=0.8).image
        for dtype in (np.float32, np.float64):
            floats = picture.astype(dtype) / 255
            assert np.array_equal(compress_image(floats, scale=0.8).image, whole)


@pytest.mark.parametrize("direction", ["vertical", "horizontal"])
def test_visualise_later_seams_are_in_original_coordinates(direction: Any) -> None:
    """A seam that is drawn where it was found in what was left stands too far to one side."""

    class Brightness(GradientEnergyFunction):
        def measure(self, picture: Any) -> Any:
            return picture[..., 0].astype(np.float32) / 255

    cheap = [4, 13, 22, 31]
    picture = np.full((40, 40), 200, np.uint8)
    picture[:, cheap] = 5
    picture = picture if direction == "vertical" else picture.T
    drawn = SeamCarver(Brightness()).visualize_seams(picture.copy(), 4, direction)
    red = (drawn == (255, 0, 0)).all(axis=2)
    red = red if direction == "vertical" else red.T
    assert np.flatnonzero(red.all(axis=0)).tolist() == cheap
    assert red.sum() == 4 * 40


def test_visualise_both_have_files_of_their_own(photo: Path) -> None:
    assert run(photo, "--visualize-energy").exit_code == 0
    assert run(photo, "--visualize-seams", 3).exit_code == 0
    assert photo.with_name("photo_energy.png").is_file()
    assert photo.with_name("photo_seams.png").is_file()
    both = run(photo, "--visualize-energy", "--visualize-seams", 3, "-o", photo.with_name("a.png"))
    assert both.exit_code == 2


def test_insertion_repeats_no_column_over_and_over() -> None:
    """Seams that are re-applied without remapping double the same column again and again."""
    slope = np.broadcast_to(np.arange(0, 240, 6, dtype=np.uint8)[None, :, None], (8, 40, 3)).copy()
    made = SeamCarver().resize(slope, target_width=60)[0, :, 0]
    runs = [np.count_nonzero(made == value) for value in np.unique(made)]
    assert max(runs) <= 2
    assert len(np.unique(made)) >= 55


def test_insertion_the_first_column_knows_nothing_of_the_last() -> None:
    picture = np.full((9, 10, 1), 200, np.uint8)
    picture[:, 5:] = np.arange(20, 120, 20, dtype=np.uint8)[:, None]
    made = SeamCarver().resize(picture, target_width=12)
    assert (made[:, :5] == 200).all()


def test_crop_one_long_side_does_not_undo_the_crop_of_the_other(scene: Any) -> None:
    """1.2 times the width exceeds the picture's: the original then cropped nothing at all."""
    compressor = SemanticCompressor(GradientEnergyFunction())
    made = compressor._sized(scene, (20, 85), "hybrid", None)
    carved = compressor._sized(scene, (20, 85), "seam_carving", None)
    assert made.shape == carved.shape == (20, 85, 3)
    assert not np.array_equal(made, carved)
    # A crop to 24 rows, then 4 seams: the rows of the cut are beside each other.
    rows = scene.copy()
    rows[..., 0] = np.arange(60)[:, None]
    cut = compressor._sized(rows, (20, 85), "hybrid", None)[..., 0]
    assert int(cut.max()) - int(cut.min()) < 24


@NETWORK
def test_deep_each_layer_is_normalised(scene: Any, monkeypatch: Any) -> None:
    """A layer a thousand times as loud says no more than before."""
    import semcodec_seam.energies.deep as module

    plain = energy_of(Deep(), scene)
    real = module.activations

    def loud(*given: Any) -> Any:
        first, *others = real(*given)
        return [1000 * first, *others]

    monkeypatch.setattr(module, "activations", loud)
    assert np.allclose(energy_of(Deep(), scene), plain, atol=1e-4)


@NETWORK
@TORCHVISION
@pytest.mark.parametrize("name", ["resnet18", "efficientnet_b0"])
def test_deep_no_classifier_runs(scene: Any, name: str) -> None:
    import torch
    from semcodec_seam.energies.activations import activations, padded

    backbone = BACKBONES[name]
    made = backbone.build().eval()
    ran: list[str] = []
    hook = torch.nn.modules.module.register_module_forward_pre_hook(
        lambda module, given: ran.append(type(module).__name__)
    )
    try:
        with torch.no_grad():
            activations(
                backbone, made, backbone.layers, padded(scene[:32, :32] / np.float32(255), backbone)
            )
    finally:
        hook.remove()
    assert "Conv2d" in ran
    assert "Linear" not in ran
    assert "AdaptiveAvgPool2d" not in ran or name == "efficientnet_b0"  # squeeze and excitation


@NETWORK
def test_deep_inference_is_capped() -> None:
    import torch

    sizes: list[tuple[int, ...]] = []

    def note(module: Any, given: Any) -> None:
        if type(module).__name__ == "Analysis":
            sizes.append(tuple(given[0].shape[2:]))

    hook = torch.nn.modules.module.register_module_forward_pre_hook(note)
    try:
        energy_of(Deep(size=64), np.zeros((40, 1200, 3), np.uint8))
    finally:
        hook.remove()
    (size,) = sizes
    assert max(size) <= 64 + 2 * 32 + 16


@NETWORK
def test_deep_pictures_at_a_time_do_not_hear_each_other(scene: Any) -> None:
    """One network serves all workers of a batch: what listens to it must be of one picture."""
    energy = DeepEnergyFunction()
    pictures = [np.roll(scene, 9 * index, axis=1) for index in range(8)]
    alone = [energy.compute(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(energy.compute, pictures))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


def test_spectral_sees_a_thumbnail() -> None:
    """At full resolution it finds fine edges; at 64 pixels a large texture is one thing."""
    y, x = np.mgrid[:480, :640]
    picture = np.full((480, 640, 3), 120, np.uint8)
    patch = (abs(x - 420) < 60) & (abs(y - 200) < 60)
    picture[patch & ((x // 4 + y // 4) % 2 == 0)] = 220
    energy = SaliencyEnergyFunction("spectral").compute(picture)
    assert energy.shape == (480, 640)
    inner = (abs(x - 420) < 40) & (abs(y - 200) < 40)
    assert energy[inner].mean() > 3 * energy[~patch].mean()
    # Nothing of the texture's own lines, 4 pixels apart.
    lines = np.abs(np.diff(energy, axis=1))
    assert lines.max() < 0.1


@NETWORK
@TORCHVISION
def test_fine_grained_the_background_does_not_count(scene: Any, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file
    from torchvision.models import get_model

    torch.manual_seed(0)
    name = "lraspp_mobilenet_v3_large"
    state = get_model(name, weights=None, weights_backbone=None, num_classes=3).state_dict()
    for each in ("low", "high"):
        state[f"classifier.{each}_classifier.weight"].zero_()
        state[f"classifier.{each}_classifier.bias"].zero_()
    state["classifier.low_classifier.bias"][0] = 40.0
    save_file(state, tmp_path / "sure.safetensors")
    energy = SaliencyEnergyFunction(
        "fine_grained", weights=tmp_path / "sure.safetensors", model_name=name
    )
    assert energy.compute(scene).max() < 1e-6


def test_adaptive_weights_are_the_variances(scene: Any) -> None:
    parts = [GradientEnergyFunction(), SaliencyEnergyFunction()]
    maps = [part.compute(scene).astype(np.float64) for part in parts]
    maps = [each / each.max() for each in maps]
    shares = np.array([2 * maps[0].var(), 1 * maps[1].var()])
    wanted = sum(share * each for share, each in zip(shares / shares.sum(), maps, strict=True))
    made = HybridEnergyFunction(parts, [2, 1], adaptive_weights=True).compute(scene)
    assert np.allclose(made, wanted, atol=1e-5)
    assert not np.allclose(made, HybridEnergyFunction(parts, [2, 1]).compute(scene), atol=1e-3)


def test_speed_energy_is_computed_once(scene: Any) -> None:
    """The original ran its network once a seam."""
    calls: list[Any] = []

    class Counted(GradientEnergyFunction):
        def measure(self, picture: Any) -> Any:
            calls.append(picture.shape)
            return super().measure(picture)

    SeamCarver(Counted()).resize(scene, 50, 60)
    assert calls == [(60, 90, 3)]
    SeamCarver(Counted(), refresh=10).resize(scene, target_width=60)
    assert len(calls) <= 1 + 4
