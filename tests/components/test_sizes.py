"""A folder at several sizes: what is listed can be read, at the size that it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec.components.sizes import Sizes
from semcodec.errors import ImageError, SettingError, SpecError
from semcodec.image import read_image
from semcodec.spec.build import build_component


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for name, (width, height) in {
        "wide.png": (40, 11),
        "tall.v2.PNG": (16, 32),
        "odd@8.png": (9, 8),
        "small.png": (7, 7),
        "thread.png": (1, 60),
    }.items():
        Image.fromarray(rng.integers(0, 256, (height, width, 3)).astype(np.uint8)).save(
            tmp_path / name, format="PNG"
        )
    return tmp_path


def test_each_picture_comes_in_the_sizes_that_it_has(folder: Path) -> None:
    data = Sizes(path=str(folder), sizes=(8, 32))
    shapes = {sample.name: sample.image.shape[:2] for sample in data}
    assert shapes == {
        "odd@8@8.png": (7, 8),
        "tall.v2@8.PNG": (8, 4),
        "tall.v2@32.PNG": (32, 16),
        "thread@8.png": (8, 1),
        "thread@32.png": (32, 1),
        "wide@8.png": (2, 8),
        "wide@32.png": (9, 32),
    }
    assert list(shapes) == list(data.names())


def test_a_picture_of_the_size_itself_is_not_touched(folder: Path) -> None:
    whole = Sizes(path=str(folder), sizes=(40,)).read("wide@40.png").image
    assert np.array_equal(whole, read_image(folder / "wide.png"))


def test_shrinking_averages_and_does_not_alias(tmp_path: Path) -> None:
    stripes = np.zeros((64, 64, 1), np.uint8)
    stripes[:, ::2] = 200
    Image.fromarray(stripes[..., 0]).save(tmp_path / "stripes.png")
    small = Sizes(path=str(tmp_path), sizes=(16,)).read("stripes@16.png").image
    assert small.shape == (16, 16, 1)
    assert np.abs(small[:, 2:-2].astype(int) - 100).max() <= 4


def test_a_broken_file_is_listed_once_and_says_so_when_read(folder: Path) -> None:
    (folder / "broken.png").write_bytes(b"no picture")
    data = Sizes(path=str(folder), sizes=(32, 8))
    assert [name for name in data.names() if "broken" in name] == ["broken@8.png"]
    with pytest.raises(ImageError, match="broken"):
        data.read("broken@8.png")


@pytest.mark.parametrize(
    "name",
    [
        *("wide.png", "wide@9.png", "wide@032.png", "wide@.png", "small@8.png", "none@8.png"),
        *("../wide@8.png", "wide@8", "@8.png", ""),
    ],
)
def test_other_names_are_refused(folder: Path, name: str) -> None:
    with pytest.raises(SettingError):
        Sizes(path=str(folder), sizes=(8, 32)).read(name)


def test_without_any_picture_it_says_why(folder: Path) -> None:
    with pytest.raises(SettingError, match="at least 512 pixels"):
        Sizes(path=str(folder), sizes=(1024, 512)).names()


@pytest.mark.parametrize("sizes", [[], [0], [8, 8], [-1, 4], ["wide"]])
def test_sizes_that_are_none_are_refused(folder: Path, sizes: list[object]) -> None:
    with pytest.raises(SpecError):
        build_component(
            {"use": "sizes", "path": str(folder), "sizes": sizes}, kind="dataset", where="data"
        )


def test_deeper_pictures_are_named_by_their_place(folder: Path) -> None:
    (folder / "deeper").mkdir()
    (folder / "wide.png").rename(folder / "deeper" / "wide.png")
    data = Sizes(path=str(folder), sizes=(40,), recursive=True)
    assert data.names() == ["deeper/wide@40.png", "thread@40.png"]
    assert data.read("deeper/wide@40.png").image.shape == (11, 40, 3)
