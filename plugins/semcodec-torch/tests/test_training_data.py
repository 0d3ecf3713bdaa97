from __future__ import annotations

import hashlib
import json
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from semcodec_torch.training.log import Log, decibels
from semcodec_torch.training.packing import Pack, pack
from semcodec_torch.training.pictures import excluded, find_pictures
from semcodec_torch.training.samples import crop_of, sample_numbers
from semcodec_torch.training.schedule import factor
from semcodec_torch.training.seeds import SAMPLES, STEPS, WEIGHTS, rng_of, seed_of

from semcodec.errors import SettingError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five files of four pictures: one twice, one deeper, one gray; two licences; a text."""
    rng = np.random.default_rng(2)
    root = tmp_path / "photos"
    (root / "deep" / "er").mkdir(parents=True)
    for name, shape in (
        ("a.png", (8, 9, 3)), ("deep/b.webp", (30, 20, 3)), ("deep/er/c.PNG", (12, 12)),
        ("d.bmp", (7, 31, 3)),
    ):  # fmt: skip
        picture = Image.fromarray(rng.integers(0, 256, shape, np.uint8))
        picture.save(root / name, **({"lossless": True} if name.endswith("webp") else {}))
    (root / "deep" / "copy.png").write_bytes((root / "a.png").read_bytes())
    (root / "notes.txt").write_text("no picture")
    (root / "manifest.csv").write_text("file,licence\na.png,CC0\nd.bmp,Other\ndeep/b.webp,CC0\n")
    return root


def test_every_content_is_found_once_in_the_order_of_its_hash(folder: Path) -> None:
    found = find_pictures([folder])
    assert [s.name for s in sorted(found, key=lambda s: s.name)] == [
        "a.png", "d.bmp", "deep/b.webp", "deep/er/c.PNG",
    ]  # fmt: skip
    assert [s.sha256 for s in found] == sorted(s.sha256 for s in found)
    for source in found:
        assert hashlib.sha256(source.path.read_bytes()).hexdigest() == source.sha256
    assert {s.name: s.licence for s in found}["d.bmp"] == "Other"


def test_what_is_excluded_is_left_out(folder: Path, tmp_path: Path) -> None:
    a, c = (
        hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in ("a.png", "deep/er/c.PNG")
    )
    (tmp_path / "split.json").write_text(json.dumps({"pictures": [{"sha256": a}]}))
    (tmp_path / "sums.txt").write_text(f"{c}  c.PNG\n\n")
    hashes = excluded([tmp_path / "split.json", tmp_path / "sums.txt"])
    names = [s.name for s in find_pictures([folder], exclude=hashes, without_licences=["Other"])]
    assert names == ["deep/b.webp"]  # a's copy has its hash too


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", "{}"), ("a.json", "not json"), ("a.json", '{"pictures": [1]}'),
        ("a.json", '{"pictures": []}'), ("a.txt", ""), ("a.txt", "ABC  x"),
    ],
)  # fmt: skip
def test_a_list_that_excludes_nothing_is_refused(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(SettingError, match="expected"):
        excluded([tmp_path / name])
    with pytest.raises(SettingError, match="expected"):
        excluded([tmp_path / "missing"])


def test_folders_without_pictures_are_refused(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SettingError, match="no pictures"):
        find_pictures([tmp_path / "empty"])
    with pytest.raises(SettingError, match="there is none"):
        find_pictures([tmp_path / "missing"])
    (folder / "manifest.csv").write_text("name,terms\na,b\n")
    with pytest.raises(SettingError, match="columns"):
        find_pictures([folder])


def test_a_pack_holds_the_pixels_in_files_of_the_size_asked(folder: Path, tmp_path: Path) -> None:
    sources = find_pictures([folder])
    packed = pack(sources, tmp_path / "pack", mebibytes=2000 / 2**20)
    files = sorted((tmp_path / "pack").glob("*.npy"))
    assert len(files) > 1
    assert all(file.stat().st_size <= 2000 or file.stat().st_size == 128 + 1800 for file in files)
    assert len(packed) == 4
    for number, source in enumerate(sources):
        expected = np.asarray(Image.open(source.path).convert("RGB"))
        np.testing.assert_array_equal(packed[number], expected)
        assert packed.pictures[number].sha256 == source.sha256
    assert packed.licences() == {"CC0": 2, "Other": 1, "not stated": 1}


def test_a_part_of_a_pack_is_a_pack(folder: Path, tmp_path: Path) -> None:
    whole = pack(find_pictures([folder]), tmp_path / "pack", mebibytes=1000 / 2**20)
    gone = whole.pictures[0].file
    (tmp_path / "pack" / gone).unlink()
    part = Pack(tmp_path / "pack")
    assert part.pictures == [p for p in whole.pictures if p.file != gone]
    for file in (tmp_path / "pack").glob("*.npy"):
        file.unlink()
    with pytest.raises(SettingError, match="none of the files"):
        Pack(tmp_path / "pack")


def test_a_pack_keeps_the_middle_where_asked(folder: Path, tmp_path: Path) -> None:
    (source,) = [s for s in find_pictures([folder]) if s.name == "deep/b.webp"]
    packed = pack([source], tmp_path / "pack", largest=10)
    whole = np.asarray(Image.open(source.path).convert("RGB"))
    np.testing.assert_array_equal(packed[0], whole[10:20, 5:15])


def test_an_unreadable_picture_is_left_out_and_said_so(folder: Path, tmp_path: Path) -> None:
    (folder / "broken.png").write_bytes(b"no picture")
    said: list[str] = []
    packed = pack(find_pictures([folder]), tmp_path / "pack", say=said.append)
    assert len(packed) == 4
    assert any("broken.png" in line for line in said)


@pytest.mark.parametrize(
    "index",
    [
        None, "", "[]", '{"version": 2, "pictures": []}', '{"version": 1, "pictures": [{}]}',
        '{"version": 1, "pictures": [{"name": "a", "sha256": "", "licence": "", "offset": 0,'
        ' "file": "../a.npy", "height": 1, "width": 1}]}',
    ],
)  # fmt: skip
def test_a_damaged_index_is_refused(tmp_path: Path, index: str | None) -> None:
    if index is not None:
        (tmp_path / "index.json").write_text(index)
    with pytest.raises(SettingError, match="expected a pack"):
        Pack(tmp_path)


@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    size=st.integers(1, 24),
    seed=st.integers(0, 9999),
)
@settings(max_examples=60, deadline=None)
def test_a_crop_is_a_piece_of_the_picture_at_its_own_scale(
    height: int, width: int, size: int, seed: int
) -> None:
    number = np.arange(height * width, dtype=np.int64).reshape(height, width)
    picture = np.stack([number >> 8, number & 255, number * 0], axis=2).astype(np.uint8)
    crop = crop_of(picture, size, np.random.default_rng(seed))
    assert crop.shape == (size, size, 3)
    assert crop.flags.c_contiguous
    places = crop[..., 0].astype(int) * 256 + crop[..., 1]
    rows, columns = places // width, places % width
    # Neighbours are neighbours, or the same pixel where it is reflected.
    for axis in (0, 1):
        moved = abs(np.diff(rows, axis=axis)) + abs(np.diff(columns, axis=axis))
        assert moved.size == 0 or moved.max() <= 1
        if size <= min(height, width):
            assert moved.size == 0 or moved.min() == 1


def test_crops_are_mirrored_and_turned() -> None:
    picture = np.arange(4 * 4 * 3, dtype=np.uint8).reshape(4, 4, 3)
    seen = {crop_of(picture, 4, np.random.default_rng(s)).tobytes() for s in range(40)}
    expected = [picture, picture[:, ::-1]]
    expected += [p.transpose(1, 0, 2) for p in expected]
    assert seen == {np.ascontiguousarray(p).tobytes() for p in expected}


@given(first=st.integers(0, 50), batch=st.integers(1, 5), processes=st.integers(1, 4))
def test_processes_share_the_samples_of_a_step(first: int, batch: int, processes: int) -> None:
    drawn = [
        list(islice(sample_numbers(first, batch, rank, processes), 3 * batch))
        for rank in range(processes)
    ]
    start = first * batch * processes
    numbers = sorted(number for each in drawn for number in each)
    assert numbers == list(range(start, start + 3 * batch * processes))
    later = list(islice(sample_numbers(first + 1, batch, 0, processes), batch))
    assert later == drawn[0][batch : 2 * batch]


def test_seeds_differ_by_use_and_place_and_are_pinned() -> None:
    places = [(use, *c) for use in (WEIGHTS, SAMPLES, STEPS) for c in ((), (0,), (1,), (0, 1))]
    seeds = {seed_of(5, *place) for place in places}
    # A SeedSequence takes missing counters for zeros, so () and (0,) are one place.
    assert len(seeds) == 9
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert seed_of(0, STEPS, 3, 0) == seed_of(0, STEPS, 3, 0)
    assert rng_of(1, SAMPLES, 2).integers(2**31) == rng_of(1, SAMPLES, 2).integers(2**31)
    assert rng_of(1, SAMPLES, 2).integers(2**31) != rng_of(2, SAMPLES, 2).integers(2**31)


@pytest.mark.parametrize(
    ("step", "progress", "expected"),
    [(0, 0.0, 0.1), (4, 0.0, 0.5), (9, 0.0, 1), (50, 0.5, 1), (50, 0.75, 0.5), (50, 1.0, 0)],
)
def test_the_rate_rises_stays_and_falls(step: int, progress: float, expected: float) -> None:
    assert factor(step, progress, warmup=10, cooldown=0.5) == pytest.approx(expected)
    assert factor(step, progress, warmup=0, cooldown=0) == 1


def test_a_log_goes_on_where_the_run_does(tmp_path: Path) -> None:
    log = Log(tmp_path / "log", 0)
    for step in range(5):
        log.write({"kind": "train", "step": step, "x_db": 1 / 3})
    with (tmp_path / "log").open("a") as file:
        file.write('{"kind": "tr')  # killed while writing
    Log(tmp_path / "log", 2).write({"kind": "train", "step": 3, "x_db": 2.0})
    rows: list[dict[str, Any]] = Log.read(tmp_path / "log")
    assert [(row["step"], row["x_db"]) for row in rows] == [
        (0, 0.333333), (1, 0.333333), (2, 0.333333), (3, 2.0),
    ]  # fmt: skip
    Log(tmp_path / "log", 0)
    assert Log.read(tmp_path / "log") == []


def test_decibels() -> None:
    assert decibels(1) == 0
    assert decibels(0.001) == pytest.approx(30)
    assert decibels(0) == float("inf")
