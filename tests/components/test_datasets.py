from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from semcodec.components.datasets import Folder
from semcodec.errors import ImageError, SettingError


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "pictures"
    (root / "deeper").mkdir(parents=True)
    (root / ".cache").mkdir()
    for number, name in enumerate(
        ["b.png", "a.PNG", "deeper/c.png", ".hidden.png", ".cache/d.png"]
    ):
        Image.new("RGB", (3, 2), (number, 0, 0)).save(root / name, format="PNG")
    (root / "notes.txt").write_text("no picture")
    (root / "folder.png").mkdir()
    Image.new("RGB", (3, 2)).save(tmp_path / "outside.png")
    return root


def test_names_are_the_visible_pictures_in_order(folder):
    assert Folder(path=str(folder)).names() == ["a.PNG", "b.png"]
    assert Folder(path=str(folder), recursive=True).names() == ["a.PNG", "b.png", "deeper/c.png"]


def test_samples_come_in_the_order_of_their_names(folder):
    samples = list(Folder(path=str(folder), recursive=True))
    assert [s.name for s in samples] == ["a.PNG", "b.png", "deeper/c.png"]
    assert [int(s.image[0, 0, 0]) for s in samples] == [1, 0, 2]
    assert all(s.image.shape == (2, 3, 3) and s.image.dtype == np.uint8 for s in samples)
    assert all(dict(s.inputs) == {} for s in samples)


@pytest.mark.parametrize("recursive", [False, True])
@pytest.mark.parametrize(
    "name",
    [
        "",
        "nothing.png",
        "../outside.png",
        "deeper/../b.png",
        "./b.png",
        ".hidden.png",
        ".cache/d.png",
        "notes.txt",
        "folder.png",
        "b.png\0",
    ],
)
def test_other_names_are_refused(folder, name, recursive):
    with pytest.raises(SettingError, match="no picture"):
        Folder(path=str(folder), recursive=recursive).read(name)


def test_names_outside_are_refused_by_their_full_path_too(folder):
    with pytest.raises(SettingError, match="no picture"):
        Folder(path=str(folder), recursive=True).read(str(folder.parent / "outside.png"))


def test_deeper_pictures_need_recursive(folder):
    with pytest.raises(SettingError, match="no picture"):
        Folder(path=str(folder)).read("deeper/c.png")


def test_a_near_name_is_offered(folder):
    with pytest.raises(SettingError, match=r"Did you mean 'b\.png'"):
        Folder(path=str(folder)).read("bb.png")


@pytest.mark.parametrize("path", ["missing", "notes.txt", "a\0b", "~nobody-of-that-name/x"])
def test_no_folder_is_an_error(folder, monkeypatch, path):
    monkeypatch.chdir(folder)
    with pytest.raises(SettingError, match="expected a folder"):
        Folder(path=path).names()


def test_a_damaged_picture_is_an_image_error(folder):
    (folder / "damaged.png").write_bytes(b"\x89PNG\r\n\x1a\nnot more")
    with pytest.raises(ImageError):
        Folder(path=str(folder)).read("damaged.png")


def test_an_empty_folder_has_no_names(tmp_path):
    assert Folder(path=str(tmp_path)).names() == []
