from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec.components.corpora import Ade20k, Bsds500, Cityscapes, Clic, CocoStuff
from semcodec.components.labels import read_labels
from semcodec.components.listings import Kodak, Listing
from semcodec.errors import ImageError, SettingError

CORPORA = Path(__file__).resolve().parents[1] / "conformance" / "corpora"
LABELS = np.arange(8)[:, None] // 4 * 3 + np.arange(12) // 4 + 1


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (Ade20k(path=str(CORPORA / "ade20k")), "ADE_val_00000001.jpg"),
        (Bsds500(path=str(CORPORA / "bsds500")), "100007.jpg"),
        (
            Cityscapes(path=str(CORPORA / "cityscapes")),
            "town/town_000000_000019_leftImg8bit.png",
        ),
        (
            CocoStuff(path=str(CORPORA / "coco-stuff"), labels=str(CORPORA / "coco-stuff/labels")),
            "000000000009.jpg",
        ),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_label_maps_hold_the_stored_numbers(made, name):
    assert list(made.names()) == [name]
    sample = made.read(name)
    assert sample.image.shape == (8, 12, 3)
    assert (sample.inputs["labels"] == LABELS).all()


def test_annotators_are_told_apart_and_the_last_stands_in_for_more():
    second = Bsds500(path=str(CORPORA / "bsds500"), annotator=1).read("100007.jpg")
    last = Bsds500(path=str(CORPORA / "bsds500"), annotator=9).read("100007.jpg")
    assert (second.inputs["labels"] == LABELS + 1).all()
    assert (last.inputs["labels"] == LABELS + 1).all()


def test_damaged_ground_truth_is_an_image_error(tmp_path):
    for folder in ("images/test", "groundTruth/test"):
        (tmp_path / folder).mkdir(parents=True)
    Image.new("RGB", (4, 4)).save(tmp_path / "images/test/1.jpg")
    (tmp_path / "groundTruth/test/1.mat").write_bytes(b"MATLAB 5.0" + bytes(200))
    with pytest.raises(ImageError, match="ground truth of BSDS500"):
        Bsds500(path=str(tmp_path)).read("1.jpg")


def test_clic_takes_deeper_folders():
    assert list(Clic(path=str(CORPORA / "clic")).names()) == ["deeper/two.png", "one.png"]


def test_kodak_refuses_another_file_of_that_name():
    made = Kodak(path=str(CORPORA / "kodak"))
    assert list(made.names()) == ["kodim01.png"]
    with pytest.raises(ImageError, match="expected the file with SHA-256 a56e27cbf5f843c0"):
        made.read("kodim01.png")


def test_a_listing_keeps_its_order_and_checks_every_file(tmp_path):
    made = Listing(path=str(CORPORA / "clic"))
    assert list(made.names()) == ["one.png", "deeper/two.png"]
    assert made.read("one.png").image.shape == (8, 12, 3)
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    wrong = hashlib.sha256(b"else").hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{wrong}  a.png\n{wrong} *gone.png\n")
    with pytest.raises(ImageError, match=r"SHA-256 7dd530c4d36da47c\.\.\., got"):
        Listing(path=str(tmp_path)).read("a.png")
    with pytest.raises(ImageError, match="cannot be read"):
        Listing(path=str(tmp_path)).read("gone.png")


@pytest.mark.parametrize("line", ["x  a.png", "0" * 64, "0" * 64 + "  ../a", "0" * 64 + "  /a"])
def test_odd_lists_are_refused(tmp_path, line):
    (tmp_path / "list").write_text(f"{line}\n")
    with pytest.raises(SettingError, match="line 1: expected a SHA-256"):
        Listing(path=str(tmp_path), list="list").names()


@pytest.mark.parametrize("cls", [Ade20k, Bsds500, Cityscapes, Clic, Kodak])
def test_an_empty_folder_and_none_are_errors(cls, tmp_path):
    with pytest.raises(SettingError, match=r"there are none|cannot be listed"):
        cls(path=str(tmp_path)).names()
    with pytest.raises(SettingError, match="there is none"):
        cls(path=str(tmp_path / "missing")).names()


def test_a_map_of_another_size_is_refused(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "a.jpg")
    Image.new("L", (4, 5)).save(tmp_path / "a.png")
    with pytest.raises(ImageError, match=r"expected \(4, 4\) like the picture"):
        CocoStuff(path=str(tmp_path), labels=str(tmp_path)).read("a.jpg")


def test_maps_with_colours_are_refused(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    with pytest.raises(ImageError, match="expected one channel"):
        read_labels(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"nothing")
    with pytest.raises(ImageError, match="cannot be read as a label map"):
        read_labels(tmp_path / "b.png")


def png(*size):
    file = io.BytesIO()
    Image.new("RGB", size).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def tree(tmp_path):
    """Pictures, and what lies beside them in folders of this world."""
    for name in ("one.png", "deeper/one.png", "deeper/ONE.png", ".hidden/one.png", "._one.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(png(4, 4))
    (tmp_path / "broken.png").write_bytes(png(9, 9)[:45])
    (tmp_path / "empty.png").touch()
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "text.png").write_text("no picture")
    return tmp_path


def test_only_visible_files_are_pictures(tree):
    found = Clic(path=str(tree)).names()
    names = {"one.png", "deeper/one.png", "deeper/ONE.png"}
    assert set(found) == names | {"broken.png", "empty.png", "text.png"}
    assert list(found) == sorted(found)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipes_and_circles_of_links_hang_nothing(tree):
    os.mkfifo(tree / "pipe.png")
    (tree / "circle").symlink_to(tree)
    assert "pipe.png" not in Clic(path=str(tree)).names()


@pytest.mark.parametrize("name", ["broken.png", "empty.png", "text.png"])
def test_a_picture_that_cannot_be_read_is_named_with_its_path(tree, name):
    digest = hashlib.sha256((tree / name).read_bytes()).hexdigest()
    (tree / "SHA256SUMS").write_text(f"{digest}  {name}\n")
    for made in (Clic(path=str(tree)), Listing(path=str(tree))):
        with pytest.raises(ImageError) as caught:
            made.read(name)
        assert str(tree / name) in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "../one.png", "/one.png", "deeper/../one.png", "deeper//one.png"),
        *(
            "one.png/",
            ".hidden/one.png",
            "._one.png",
            "a\0.png",
            "deeper\\one.png",
            "folder.png",
            "no.png",
        ),
    ],
)
def test_no_name_leads_out_of_the_folder(tree, name):
    (tree / "SHA256SUMS").write_text(f"{'0' * 64}  one.png\n")
    inner = tree / "deeper"
    for made in (Clic(path=str(tree)), Listing(path=str(tree)), Kodak(path=str(inner))):
        with pytest.raises(SettingError, match="no picture"):
            made.read(name)


def test_a_list_is_read_again_once_it_has_changed(tree):
    made, path = Listing(path=str(tree)), tree / "SHA256SUMS"
    path.write_text(f"{'0' * 64}  one.png\n")
    with pytest.raises(ImageError, match=r"expected the file with SHA-256 0{16}"):
        made.read("one.png")
    digest = hashlib.sha256((tree / "one.png").read_bytes()).hexdigest()
    path.write_text(f"\n{digest} *one.png\n")
    os.utime(path, ns=(1, 1))
    assert made.read("one.png").image.shape == (4, 4, 3)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingError, match="no UTF-8 text"):
        made.names()
    path.unlink()
    with pytest.raises(SettingError, match=r"cannot be read: No such file"):
        made.names()


def test_one_name_twice_in_a_list_is_refused(tmp_path):
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  a.png\n{'1' * 64}  a.png\n")
    with pytest.raises(SettingError, match=r"line 2: a\.png stands twice"):
        Listing(path=str(tmp_path)).names()


def test_label_maps_in_no_folder_are_said_so(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "a.jpg")
    gone = tmp_path / "labels"
    with pytest.raises(SettingError, match=r"coco-stuff: expected a folder, there is none at .*ls"):
        CocoStuff(path=str(tmp_path), labels=str(gone)).names()
    gone.mkdir()
    with pytest.raises(SettingError, match="there are none"):
        CocoStuff(path=str(tmp_path), labels=str(gone)).names()


def test_a_picture_without_a_label_map_has_none(tmp_path):
    for folder in ("images/validation", "leftImg8bit/val/town", "images/test"):
        (tmp_path / folder).mkdir(parents=True)
    Image.new("RGB", (4, 4)).save(tmp_path / "images/validation/a.jpg")
    Image.new("RGB", (4, 4)).save(tmp_path / "images/test/a.jpg")
    Image.new("RGB", (4, 4)).save(tmp_path / "leftImg8bit/val/town/a_leftImg8bit.png")
    Image.new("RGB", (4, 4)).save(tmp_path / "leftImg8bit/val/town/other.png")
    path = str(tmp_path)
    for made in (Ade20k(path=path), Bsds500(path=path), Cityscapes(path=path)):
        [name] = made.names()
        assert dict(made.read(name).inputs) == {}


@pytest.mark.parametrize("cls", [Ade20k, Cityscapes, CocoStuff])
def test_a_damaged_label_map_is_an_image_error(cls, tmp_path):
    if cls is Cityscapes:
        picture = tmp_path / "leftImg8bit/val/town/a_leftImg8bit.png"
        labels = tmp_path / "gtFine/val/town/a_gtFine_labelIds.png"
    elif cls is Ade20k:
        picture = tmp_path / "images/validation/a.jpg"
        labels = tmp_path / "annotations/validation/a.png"
    else:
        picture, labels = tmp_path / "a.jpg", tmp_path / "labels/a.png"
    for path in (picture, labels):
        path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (4, 4)).save(picture)
    made = cls(path=str(tmp_path), **({"labels": str(labels.parent)} if cls is CocoStuff else {}))
    for data in (b"", b"no picture", png(4, 4)):  # the last has colours
        labels.write_bytes(data)
        [name] = made.names()
        with pytest.raises(ImageError, match=r"a(_gtFine_labelIds)?\.png: "):
            made.read(name)


def test_reading_one_picture_lists_no_others(tree, monkeypatch):
    made = Clic(path=str(tree))

    def refuse(*args):
        raise AssertionError("a data set of many thousand pictures is not listed for each")

    monkeypatch.setattr(Path, "rglob", refuse)
    assert made.read("deeper/one.png").image.shape == (4, 4, 3)
