"""``semcodec seam``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from semcodec_seam import SeamCarver
from semcodec_seam.cli import seam

import semcodec
from semcodec.errors import SettingError


@pytest.fixture
def photo(scene: Any, tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.fromarray(scene).save(path)
    return path


def run(*words: Any) -> Result:
    return CliRunner().invoke(seam, [str(word) for word in words], catch_exceptions=True)


def test_a_picture_is_written_beside(photo: Path) -> None:
    result = run(photo, "-s", 0.5)
    made = photo.with_name("photo_compressed.jpg")
    assert result.exit_code == 0, result.output
    assert "90x60 -> 45x30, 25.0% of the pixels" in result.output
    assert f"{made.stat().st_size} bytes" in result.output
    with Image.open(made) as image:
        assert image.size == (45, 30)


def test_json_says_it_all(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "small.webp"
    result = run(photo, "--target-bytes", 900, "-o", out, "--json", "-e", "gradient")
    said = json.loads(result.stdout)
    assert said["bytes"] == out.stat().st_size <= 900
    assert said["written"] == str(out)


def test_the_bytes_are_of_the_format_that_is_written(photo: Path, tmp_path: Path) -> None:
    """WebP holds more pixels of noise in as many bytes, PNG fewer; all meet them."""
    noise = np.random.default_rng(0).integers(0, 256, (60, 90, 3)).astype(np.uint8)
    Image.fromarray(noise).save(photo)
    pixels = []
    for suffix in (".png", ".jpg", ".webp"):
        out = tmp_path / f"small{suffix}"
        words = ("--target-bytes", 1500, "-o", out, "--json", "-e", "gradient")
        said = json.loads(run(photo, *words).stdout)
        assert said["bytes"] <= 1500
        pixels.append(said["compression_ratio"])
    assert pixels[0] < pixels[1] < pixels[2]


def test_pictures_of_energy_and_seams(photo: Path) -> None:
    assert run(photo, "--visualize-energy").exit_code == 0
    assert run(photo, "--visualize-seams", 5, "--direction", "horizontal").exit_code == 0
    assert run(photo, "--visualize-removed", "-s", 0.5, "-m", "smart_crop").exit_code == 0
    assert run(photo, "--visualize-removed").exit_code == 2
    removed = semcodec.read_image(photo.with_name("photo_removed.png"))
    assert (removed != semcodec.read_image(photo)).any(axis=2).sum() == 60 * 90 - 30 * 45
    assert run(photo, "--animate", 9, "-o", photo.with_suffix(".gif")).exit_code == 0
    energy, seams = (photo.with_name(f"photo_{n}.png") for n in ("energy", "seams"))
    assert semcodec.read_image(energy).shape == (60, 90, 3)
    red = (semcodec.read_image(seams) == (255, 0, 0)).all(axis=2)
    assert red.sum() == 5 * 90


def test_analysis_as_text_and_json(photo: Path) -> None:
    text = run(photo, "--analyze", "-e", "forward")
    assert "mean_energy" in text.stdout
    assert "90x60" in text.stdout
    said = json.loads(run(photo, "--analyze", "--json", "-e", "forward").stdout)
    assert f"{said['mean_energy']:.4f}" in text.stdout


def test_a_network_may_say_what_matters(photo: Path) -> None:
    pytest.importorskip("torch", reason="pip install 'semcodec-seam[deep]'")
    pytest.importorskip("semcodec_saic", reason="pip install 'semcodec-seam[deep]'")
    said = [
        json.loads(run(photo, "--analyze", "--json", "-e", "deep", *more).stdout)["mean_energy"]
        for more in ((), ("--aggregate", "max"), ("--layers", "analysis.layers.2"))
    ]
    assert len(set(said)) == 3


def mean(photo: Path, *words: Any) -> float:
    result = run(photo, "--analyze", "--json", *words)
    assert result.exit_code == 0, result.output
    return float(json.loads(result.stdout)["mean_energy"])


def test_energies_and_weights_make_a_hybrid(photo: Path) -> None:
    alone = [mean(photo, "-e", name) for name in ("gradient", "saliency", "forward")]
    pair = ("--energies", "gradient,saliency")
    assert mean(photo, *pair) == mean(photo)
    assert mean(photo, *pair, "--weights", "1,0") == pytest.approx(alone[0], abs=1e-6)
    between = mean(photo, "--energies", "gradient,saliency,forward", "--weights", "1,2,0.5")
    assert min(alone) < between < max(alone)


def test_a_model_joins_the_hybrid(photo: Path) -> None:
    pytest.importorskip("torch", reason="pip install 'semcodec-seam[deep]'")
    pytest.importorskip("semcodec_saic", reason="pip install 'semcodec-seam[deep]'")
    plain, joined = mean(photo), mean(photo, "--model", "saic")
    assert joined != plain
    assert joined == mean(photo, "--energies", "gradient,deep,saliency")
    assert joined != mean(photo, "--model", "saic", "--aggregate", "max")


def test_networks_come_as_files(photo: Path, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="pip install 'semcodec-seam[deep]'")
    models = pytest.importorskip("torchvision.models", reason="pip install torchvision")
    save = pytest.importorskip("safetensors.torch").save_file
    torch.manual_seed(0)
    deep, fine = tmp_path / "deep.safetensors", tmp_path / "fine.safetensors"
    save(models.get_model("resnet18", weights=None).state_dict(), deep)
    light = "lraspp_mobilenet_v3_large"
    made = models.get_model(light, weights=None, weights_backbone=None, num_classes=3)
    save(made.state_dict(), fine)
    one = mean(photo, "-e", "deep", "--model", "resnet18", "--network", deep)
    other = mean(photo, "-e", "fine-grained", "--model", light, "--network", fine)
    words = ("--model", "resnet18", "--model", light)
    files = ("--network", f"deep={deep}", "--network", f"fine-grained={fine}")
    both = ("--energies", "deep,fine-grained", *words, *files)
    assert mean(photo, *both, "--weights", "1,0") == pytest.approx(one, rel=0.05)
    assert mean(photo, *words, *files) not in (one, other)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["-e", "gradient", "--model", "saic"], "not among them: gradient"),
        (["-e", "gradient", "--weights", "1,2"], "of -e hybrid"),
        (["-e", "deep", "--weights", "vgg16.safetensors"], "--network FILE"),
        (["--weights", "vgg16.safetensors"], "--network vgg16.safetensors"),
        (["--weights", "1,x"], "a number for each energy"),
        (["--energies", "gradient,magic"], "got 'magic'"),
        (["--energies", "gradient,gradient"], "each once"),
        (["--energies", "gradient", "--layers", "x"], "of the energy deep"),
        (["--aggregate", "max"], "of the energy deep"),
        (["--network", "x.safetensors"], "whose weights"),
        (["--energies", "deep,learned", "--network", "x"], "deep=FILE or learned=FILE"),
        (["-e", "deep", "--network", "learned=x"], "learned is not among them"),
        (["-e", "deep", "--network", "x", "--network", "y"], "one file for deep"),
        (["-e", "deep", "--model", "saic", "--model", "vgg16"], "one of saic and vgg16"),
        (["-e", "learned"], "semcodec train-energy"),
        (["-e", "deep", "--adaptive"], "of -e hybrid"),
    ],
)
def test_options_that_would_do_nothing_are_refused(
    photo: Path, words: list[str], says: str
) -> None:
    result = run(photo, "-s", 0.5, *words)
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.split()).replace("│ ", "")


def test_too_few_weights_and_no_weights_of_a_network_say_so(photo: Path) -> None:
    result = run(photo, "-s", 0.5, "--weights", "1,2,3")
    assert "a weight for each of 2 energies, got 3" in str(result.exception)
    result = run(photo, "-s", 0.5, "-e", "fine-grained")
    assert "no weights of fcn_resnet50" in str(result.exception)


def test_the_metric_is_said(photo: Path, tmp_path: Path) -> None:
    words = ("--target-bytes", 1200, "-o", tmp_path / "a.jpg", "--json", "-e", "gradient")
    assert "quality" not in json.loads(run(photo, *words).stdout)
    said = json.loads(run(photo, *words, "--quality-metric", "psnr").stdout)
    assert said["quality_metric"] == "psnr"
    assert 10 < said["quality"] < 60
    flat = tmp_path / "flat.png"
    Image.new("L", (40, 30), 128).save(flat)
    words = ("--target-bytes", 9000, "-o", tmp_path / "b.jpg", "--json", "-e", "gradient")
    said = json.loads(run(flat, *words, "--quality-metric", "psnr").stdout)
    assert said["quality"] is None


def test_a_broken_file_of_a_folder_is_reported_and_the_rest_done(
    photo: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("left alone")
    out = tmp_path / "out"
    result = run("--batch", tmp_path, "-s", 0.5, "-o", out)
    assert isinstance(result.exception, SettingError)
    assert "1 of 2 pictures" in str(result.exception)
    assert [p.name for p in out.iterdir()] == ["photo_compressed.jpg"]
    assert f"{tmp_path / 'broken.jpg'}: " in result.stderr
    assert result.stderr.count("broken.jpg") == 1


def test_a_surprise_in_one_picture_of_a_folder_is_reported_too(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a.png", "b.png"):
        (tmp_path / "in" / name).write_bytes(photo.read_bytes())
    whole = SeamCarver.scene

    def once(self: SeamCarver, picture: Any) -> Any:
        monkeypatch.setattr(SeamCarver, "scene", whole)
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(SeamCarver, "scene", once)
    result = run("--batch", tmp_path / "in", "-s", 0.5, "-o", tmp_path / "out")
    assert "a.png: unexpected ZeroDivisionError: by zero" in result.stderr
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["b_compressed.jpg"]


def test_workers_change_nothing_but_the_time(photo: Path, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for index in range(5):
        (folder / f"{index}.png").write_bytes(photo.read_bytes())
    made = []
    for workers in (1, 3):
        out = tmp_path / f"out{workers}"
        result = run("--batch", folder, "-s", 0.6, "-o", out, "--workers", workers, "--json")
        assert [Path(row["file"]).stem for row in json.loads(result.stdout)] == list("01234")
        made.append([path.read_bytes() for path in sorted(out.iterdir())])
    assert made[0] == made[1]


def test_pictures_of_one_name_do_not_overwrite_each_other(photo: Path, tmp_path: Path) -> None:
    with Image.open(photo) as image:
        image.save(photo.with_suffix(".webp"))
    out = tmp_path / "out"
    assert run("--batch", tmp_path, "-s", 0.5, "-o", out).exit_code == 0
    made = sorted(path.name for path in out.iterdir())
    assert made == ["photo.png_compressed.jpg", "photo.webp_compressed.jpg"]


def test_names_that_others_would_get_are_theirs_alone(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("photo.jpg", "photo.png", "photo.jpg.png", "other.ppm", "more.gif"):
        with Image.open(photo) as image:
            image.save(tmp_path / "in" / name)
    out = tmp_path / "out"
    assert run("--batch", tmp_path / "in", "-s", 0.5, "-o", out).exit_code == 0
    assert len(list(out.iterdir())) == 5


def test_results_of_a_folder_replace_no_picture_of_it(photo: Path, tmp_path: Path) -> None:
    assert run("--batch", tmp_path, "-s", 0.5, "-o", tmp_path).exit_code == 0
    result = run("--batch", tmp_path, "-s", 0.5, "-o", tmp_path)
    assert "would replace pictures: photo_compressed.jpg" in str(result.exception)


def test_an_analysed_folder_leaves_nothing_behind(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    photo.rename(tmp_path / "in" / photo.name)
    assert "mean_energy" in run("--batch", tmp_path / "in", "--analyze").stdout
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


@pytest.mark.parametrize("folder", [".", "..", "../in/"])
def test_a_folder_by_dots_has_a_name(
    photo: Path, tmp_path: Path, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("in/.", "in/sub"):
        (tmp_path / "deep" / name).mkdir(parents=True, exist_ok=True)
    inside = tmp_path / "deep" / "in"
    photo.rename(inside / photo.name)
    monkeypatch.chdir(inside / "sub" if folder == ".." else inside)
    result = run("--batch", folder, "-s", 0.5)
    assert result.exit_code == 0, result.output
    assert [p.name for p in (tmp_path / "deep" / "in_seam").iterdir()] == ["photo_compressed.jpg"]


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    result = run("--batch", tmp_path, "-s", 0.5)
    assert "expected pictures, there are none" in str(result.exception)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "Give a picture"),
        (["PHOTO", "--batch", "x"], "Give a picture"),
        (["PHOTO"], "Give a size"),
        (["PHOTO", "--analyze", "--visualize-energy"], "at a time"),
        (["PHOTO", "-s", "0.5", "--quality-metric", "psnr"], "without --target-bytes"),
        (
            ["PHOTO", "-s", "0.5", "--target-bytes", "900", "--quality-metric", "psnr"],
            "--quality-metric does nothing with --scale",
        ),
        (["PHOTO", "-s", "0.5", "-m", "smart_crop", "--forward", "1"], "--forward does nothing"),
        (["PHOTO", "--target-bytes", "900", "-m", "jpeg", "--delta-x", "2"], "--delta-x does"),
        (["PHOTO", "--target-bytes", "900", "-m", "jpeg", "--keep-mask", "PHOTO"], "-m jpeg"),
        (["PHOTO", "--analyze", "-o", "x.txt"], "--output does nothing with"),
        (["PHOTO", "--analyze", "--remove-mask", "PHOTO"], "--remove-mask does nothing with"),
        (["PHOTO", "--visualize-energy", "--refresh", "2"], "--refresh does nothing with"),
        (["PHOTO", "--visualize-seams", "2", "-s", "0.5"], "--scale does nothing with"),
        (["PHOTO", "--animate", "2", "--target-bytes", "5"], "--target-bytes does nothing with"),
    ],
)
def test_what_does_not_go_together_says_so(photo: Path, words: list[str], says: str) -> None:
    result = run(*[photo if word == "PHOTO" else word for word in words])
    assert result.exit_code == 2
    assert says in result.stderr


def test_every_option_does_something(photo: Path, tmp_path: Path) -> None:
    """Each gives another picture than the plain call."""
    keep, remove = tmp_path / "keep.png", tmp_path / "remove.png"
    left = np.zeros((60, 90), np.uint8)
    left[:, :30] = 255
    Image.fromarray(left).save(keep)
    Image.fromarray(left[:, ::-1].copy()).save(remove)

    def made(*words: Any) -> bytes:
        out = tmp_path / "made.png"
        result = run(photo, "-s", 0.75, "-m", "seam_carving", "-o", out, *words)
        assert result.exit_code == 0, result.output
        return out.read_bytes()

    plain = made()
    for words in (
        ("-e", "gradient"),
        ("-e", "forward"),
        ("-e", "saliency"),
        ("--adaptive",),
        ("--keep-mask", keep),
        ("--remove-mask", remove),
        ("--forward", 1),
        ("--rigidity", 0.5),
        ("--delta-x", 0),
        ("--delta-x", 2),
        ("--refresh", 3),
        ("--free-aspect",),
        ("-m", "smart_crop"),
    ):
        assert made(*words) != plain, words


def test_the_module_is_the_command(photo: Path) -> None:
    def module(*words: Any) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "semcodec_seam", *map(str, words)]
        return subprocess.run(line, capture_output=True, text=True, check=False)

    done = module(photo, "-s", 0.5)
    assert done.returncode == 0, done.stderr
    assert "90x60 -> 45x30" in done.stdout
    assert photo.with_name("photo_compressed.jpg").is_file()
    refused = module(photo.with_name("nowhere.jpg"), "-s", 0.5)
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: ")
    assert module(photo).returncode == 2
