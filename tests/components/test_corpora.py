from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semcodec.components.corpora import (
    Ade20k,
    Bsds500,
    Cityscapes,
    Clic,
    CocoStuff,
    Kodak,
    Listing,
)
from semcodec.components.labels import read_labels
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
    with pytest.raises(ImageError, match="got another"):
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
