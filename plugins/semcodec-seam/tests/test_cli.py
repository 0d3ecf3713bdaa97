"""``semcodec seam``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image
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


def test_pictures_of_energy_and_seams(photo: Path) -> None:
    assert run(photo, "--visualize-energy").exit_code == 0
    assert run(photo, "--visualize-seams", 5, "--direction", "horizontal").exit_code == 0
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
    assert "broken.jpg" in result.stderr


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
