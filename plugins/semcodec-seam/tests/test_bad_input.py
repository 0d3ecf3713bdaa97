"""Input that is odd or wrong, as users give it: each is served, or refused by name."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from semcodec_seam import (
    EnergyFunction,
    HybridEnergyFunction,
    SeamCarver,
    SemanticCompressor,
    compress_image,
)
from semcodec_seam.animation import write_animation
from semcodec_seam.cli import seam
from semcodec_seam.pictures import read_mask

import semcodec
from semcodec.errors import ImageError, SemcodecError, SettingError, TargetError

METHODS = ("seam_carving", "smart_crop", "hybrid")


def run(*words: Any) -> Result:
    return CliRunner().invoke(seam, [str(word) for word in words])


@pytest.mark.parametrize("method", METHODS)
def test_ten_times_as_large_is_the_most(method: Any) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (6, 7, 3)).astype(np.uint8)
    assert compress_image(picture, scale=10, method=method).compressed_size == (60, 70)
    with pytest.raises(SettingError, match="ten times"):
        compress_image(picture, scale=10.5, method=method)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1)])
def test_a_side_of_one_pixel_is_served(method: Any, size: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (*size, 3)).astype(np.uint8)
    compressor = SemanticCompressor()
    for scale in (0.4, 1.0, 2.0):
        made = compressor.compress(picture, scale=scale, method=method)
        assert made.compressed_size == tuple(max(1, int(side * scale)) for side in size)
    assert compressor.analyze_content(picture)["size"] == size


def test_a_target_of_width_one_leaves_one_column(scene: Any) -> None:
    made = SeamCarver().resize(scene, target_width=1)
    assert made.shape == (60, 1, 3)
    assert all((made[y, 0] == scene[y]).all(axis=1).any() for y in range(60))


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P", "I;16", "1"])
@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_every_kind_of_picture_goes_through_the_command(
    scene: Any, tmp_path: Path, mode: str, suffix: str
) -> None:
    path, out = tmp_path / "picture.png", tmp_path / f"made{suffix}"
    if mode == "I;16":
        Image.fromarray(scene[..., 0].astype(np.uint16) * 257).save(path)
    else:
        Image.fromarray(scene).convert(mode).save(path)
    result = run(path, "-s", 0.6, "-o", out)
    assert result.exit_code == 0, result.output
    made = semcodec.read_image(out)
    assert made.shape[:2] == (36, 54)
    assert made.std() > 5
    if suffix == ".png" and mode in ("LA", "RGBA"):
        assert made.shape[2] == {"LA": 2, "RGBA": 4}[mode]
    if suffix == ".png" and mode == "I;16":
        assert made.dtype == np.uint16


@pytest.mark.parametrize("name", ["keep", "remove"])
def test_masks_of_all_or_of_another_size(scene: Any, tmp_path: Path, name: str) -> None:
    photo, whole, small = (tmp_path / f"{each}.png" for each in ("photo", "whole", "small"))
    Image.fromarray(scene).save(photo)
    Image.new("L", (90, 60), 255).save(whole)
    Image.new("L", (45, 30), 255).save(small)
    words = (photo, "-s", 0.8, "-m", "seam_carving", "-o", tmp_path / "made.png")
    assert run(*words).exit_code == 0
    plain = (tmp_path / "made.png").read_bytes()
    assert run(*words, f"--{name}-mask", whole).exit_code == 0
    assert (tmp_path / "made.png").read_bytes() == plain
    refused = run(*words, f"--{name}-mask", small)
    assert f"{name}_mask: expected 60x90 pixels" in str(refused.exception)


def test_impossible_bytes_name_the_smallest_on_the_command_line(scene: Any, tmp_path: Path) -> None:
    Image.fromarray(scene).save(tmp_path / "photo.png")
    result = run(tmp_path / "photo.png", "--target-bytes", 20)
    assert isinstance(result.exception, TargetError)
    assert f"the smallest jpeg of this picture has {result.exception.reached}" in str(
        result.exception
    )
    by_metric = run(tmp_path / "photo.png", "--target-bytes", 20, "--quality-metric", "psnr")
    assert str(by_metric.exception) == str(result.exception)


def test_a_folder_of_broken_files_does_none_and_names_all(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, content in (("a.jpg", b""), ("b.png", b"\x89PNG\r\n\x1a\n"), ("c.webp", b"RIFF")):
        (tmp_path / "in" / name).write_bytes(content)
    result = run("--batch", tmp_path / "in", "-s", 0.5, "-o", tmp_path / "out")
    assert "3 of 3 pictures" in str(result.exception)
    assert all(name in result.stderr for name in ("a.jpg", "b.png", "c.webp"))


def test_no_folder_and_no_picture_say_so(tmp_path: Path) -> None:
    for words in (("--batch", tmp_path / "nowhere"), (tmp_path / "nowhere.jpg",)):
        result = run(*words, "-s", 0.5)
        assert isinstance(result.exception, SemcodecError)
        assert "nowhere" in str(result.exception)


@pytest.mark.skipif(
    not (find_spec("torch") and find_spec("semcodec_saic")),
    reason="pip install 'semcodec-seam[deep]'",
)
def test_unknown_layers_name_the_nearest_on_the_command_line(scene: Any, tmp_path: Path) -> None:
    Image.fromarray(scene).save(tmp_path / "photo.png")
    result = run(
        tmp_path / "photo.png", "-s", 0.5, "-e", "deep", "--layers", "analysis.layers.2,layer.4"
    )
    assert "got 'layer.4'" in str(result.exception)
    assert "The nearest one is" in str(result.exception)


def test_unknown_devices_say_so(scene: Any, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="pip install 'semcodec-seam[deep]'")
    pytest.importorskip("semcodec_saic", reason="pip install 'semcodec-seam[deep]'")
    Image.fromarray(scene).save(tmp_path / "photo.png")
    result = run(tmp_path / "photo.png", "-s", 0.5, "-e", "deep", "--device", "abacus")
    assert "expected a device such as 'cpu'" in str(result.exception)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((".", "-s", 0.5), "it is a folder"),
        (("/", "-s", 0.5), "it is a folder"),
        (("--batch", "/", "-s", 0.5), "expected pictures|has no folder beside it"),
        (("HERE/photo.png", "-s", 0.5, "--keep-mask", "HERE/no.png"), "--keep-mask, there is no"),
        (("HERE/photo.png", "-s", 0.5, "--remove-mask", "HERE"), "--remove-mask, it is a folder"),
        (("--batch", "HERE", "-s", 0.5, "-o", "HERE/photo.png"), "expected a folder, or a name"),
        (("--batch", "HERE", "-s", 0.5, "-o", "HERE/photo.png/sub"), "expected a folder, or a na"),
    ],
)
def test_paths_of_another_kind_say_so(
    scene: Any, tmp_path: Path, words: tuple[Any, ...], says: str
) -> None:
    Image.fromarray(scene).save(tmp_path / "photo.png")
    result = run(*(str(word).replace("HERE", str(tmp_path)) for word in words))
    assert isinstance(result.exception, SemcodecError)
    assert re.search(says, str(result.exception))


@pytest.mark.parametrize(("suffix", "height"), [(".webp", 16384), (".gif", 65536)])
def test_animations_that_a_format_cannot_hold_say_so(
    tmp_path: Path, suffix: str, height: int
) -> None:
    frames = [np.full((height, 1, 3), value, np.uint8) for value in (0, 255)]
    with pytest.raises(ImageError, match=rf"an animation of 1x{height} cannot be written as"):
        write_animation(frames, tmp_path / f"a{suffix}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"refresh": 1.5}, "refresh as a whole number, got 1.5"),
        ({"delta_x": 1.5}, "delta_x as a whole number, got 1.5"),
        ({"forward": "1"}, "forward as a number, got '1'"),
        ({"rigidity": None}, "rigidity as a number, got None"),
    ],
)
def test_options_of_another_kind_say_so(given: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingError, match=says):
        SeamCarver(**given)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"target_width": 33.3}, "a whole number, got 33.3"),
        ({"scale_height": "0.5"}, "a number, got '0.5'"),
        ({"scale_height": 1e308}, r"got 1e\+308"),
        ({"target_height": 10**30}, "ten times"),
    ],
)
def test_sides_of_another_kind_say_so(scene: Any, given: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingError, match=says):
        SeamCarver().resize(scene, **given)


def test_seams_of_another_kind_say_so(scene: Any, tmp_path: Path) -> None:
    direction: Any = "diagonal"
    with pytest.raises(SettingError, match="direction of vertical, horizontal, got 'diagonal'"):
        SeamCarver().seams(scene, 3, direction)
    count: Any = 2.5
    with pytest.raises(SettingError, match="n_seams as a whole number"):
        SeamCarver().visualize_seams(scene, count)
    with pytest.raises(SettingError, match="count as a whole number"):
        SeamCarver().animate(scene, tmp_path / "a.gif", 3, count=count)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (np.empty((0, 0)), r"gave float64 of shape \(0, 0\)"),
        (np.ones((60, 90, 3)), r"gave float64 of shape \(60, 90, 3\)"),
        (np.ones((60, 90), complex), "gave complex128"),
        (np.full((60, 90), "x"), "gave <U1"),
        (None, "gave object"),
        ([[1], [1, 2]], "gave list, no array"),
        (np.full((60, 90), 1e300), "gave inf to inf"),
        (np.full((60, 90), -1), "gave -1.0 to -1.0"),
    ],
)
@pytest.mark.parametrize("mixed", [False, True])
def test_energies_that_are_none_say_so(scene: Any, given: Any, says: str, mixed: bool) -> None:
    class Odd(EnergyFunction):
        def measure(self, picture: Any) -> Any:
            return given

    energy = HybridEnergyFunction([Odd()]) if mixed else Odd()
    with pytest.raises(SettingError, match=says):
        compress_image(scene, energy, scale=0.5)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "uint16", "int8", "int32", "int64", "uint64"])
def test_masks_of_zeros_and_ones_hold_where_they_are_one(disc: Any, dtype: str) -> None:
    assert np.array_equal(read_mask(disc.astype(dtype), disc.shape, "keep_mask"), disc)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "int64", "uint64"])
def test_masks_of_bytes_in_wider_numbers_are_bright_or_not(disc: Any, dtype: str) -> None:
    mask = np.where(disc, 200, 100).astype(dtype)
    assert np.array_equal(read_mask(mask, disc.shape, "keep_mask"), disc)


@pytest.mark.parametrize(
    ("mask", "says"),
    [
        (np.full((60, 90), 256, np.int32), "keep_mask: .* got int32 from 256 to 256"),
        (np.full((60, 90), -1), "keep_mask: .* from -1 to -1"),
        (np.full((60, 90), None), "keep_mask: .* got object"),
        (np.empty((0, 9), np.int64), "keep_mask: "),
    ],
)
def test_masks_of_other_numbers_say_so(scene: Any, mask: Any, says: str) -> None:
    with pytest.raises(ImageError, match=says):
        SeamCarver(keep_mask=mask).resize(scene, target_width=80)
