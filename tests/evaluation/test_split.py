"""The development split is what it says, and a changed picture is refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image


def listed(folder: Path, *entries: dict[str, str]) -> Path:
    path = folder / "split.json"
    path.write_text(json.dumps({"pictures": entries}))
    return path


def test_the_development_split_has_48_pictures_of_at_least_512_pixels(
    split: ModuleType, evaluation: Path
) -> None:
    path = evaluation / "development.json"
    assert len(split.read_split(path)) == 48
    entries = json.loads(path.read_text())["pictures"]
    assert entries == sorted(entries, key=lambda entry: entry["sha256"])
    assert all(min(entry["width"], entry["height"]) >= 512 for entry in entries)
    assert all(entry["licence"] for entry in entries)


def test_a_picture_is_read_only_if_it_is_the_one_meant(split: ModuleType, tmp_path: Path) -> None:
    pixels = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    file = tmp_path / "a.png"
    Image.fromarray(pixels).save(file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    [picture] = split.read_split(listed(tmp_path, {"sha256": digest, "file": "a.png"}))
    assert (picture.read(tmp_path) == pixels).all()
    Image.fromarray(pixels + 1).save(file)
    with pytest.raises(ValueError, match="expected SHA-256"):
        picture.read(tmp_path)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([{"sha256": "0" * 64, "file": "../a.png"}], "inside the data"),
        ([{"sha256": "0" * 64, "file": "/a.png"}], "inside the data"),
        ([{"sha256": "", "file": "a.png"}], "expected a SHA-256"),
        ([{"sha256": "0" * 64, "file": f} for f in "ab"], "listed twice"),
    ],
)
def test_a_list_that_cannot_be_trusted_is_refused(
    split: ModuleType, tmp_path: Path, entries: list[dict[str, str]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        split.read_split(listed(tmp_path, *entries))


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ((512, 768), (512, 768)),
        ((768, 512), (768, 512)),
        ((512, 512), (512, 512)),
        ((300, 451), (300, 451)),
        ((1024, 1024), (512, 512)),
        ((1024, 3000), (512, 768)),
        ((3000, 1024), (768, 512)),
        ((683, 1024), (512, 768)),
    ],
)
def test_pictures_are_reduced_and_cut_never_enlarged(
    split: ModuleType, given: tuple[int, int], made: tuple[int, int]
) -> None:
    pixels = np.zeros((*given, 3), dtype=np.uint8)
    assert split.fitted(pixels, (768, 512)).shape == (*made, 3)


def test_what_fits_is_left_untouched(split: ModuleType) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (512, 768, 3), dtype=np.uint8)
    assert (split.fitted(pixels, (768, 512)) == pixels).all()
