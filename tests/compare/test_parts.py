from __future__ import annotations

import errno
from dataclasses import replace

import pytest
import yaml

from semcodec.cli import main
from semcodec.compare.estimate import Estimate
from semcodec.compare.lanes import Call, _Waiting
from semcodec.compare.model import Rate
from semcodec.compare.pictures import labels_of
from semcodec.compare.rows import DiskError, Lines, alone, read_rows
from semcodec.compare.search import find
from semcodec.compare.summary import lines_of
from semcodec.engine.api import load
from semcodec.errors import SettingError

RATE = Rate(kind="target_bytes", value=500)


def test_a_declared_monotone_setting_is_bisected():
    found = find(load("flat-dct"), RATE, 500, lambda index: 1000 - 10 * index)
    assert (found.index, found.missed, found.note) == (50, "", "")
    assert found.trials <= 6


def test_one_that_is_not_monotone_is_scanned():
    sizes = [900 - 5 * i for i in range(61)]
    sizes[46], sizes[3] = 2000, 499
    found = find(load("flat-dct"), RATE, 500, sizes.__getitem__)
    assert found.trials == 61
    assert "is not" in found.note
    assert found.index == 3
    assert find(load("flat-dct"), RATE, 0.5, sizes.__getitem__).missed


def test_lanes_stay_with_a_picture_and_then_take_one_that_nobody_has():
    def call(home, number):
        return Call(home, print, (number,))

    waiting = _Waiting([call(h, n) for h in "ab" for n in range(3)])
    order = [waiting.take(None), waiting.take(None), waiting.take("a"), waiting.take("b")]
    assert [c.home for c in order] == ["a", "b", "a", "b"]
    assert [waiting.take("a").home, waiting.take("a").home] == ["a", "b"]
    assert waiting.take("a") is None


def test_the_estimate_counts_every_codec_for_itself():
    now = iter([0.0, 1.0, 11.0, 12.0])
    estimate = Estimate(["fast", "slow", "fast", "slow"], lambda: next(now))
    assert estimate.after("fast") == 3.0
    assert estimate.after("slow") == 11.0
    assert estimate.after("fast") == 10.0


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["a.png", "b.png"], ["a", "b"]),
        (["a.png", "a.jpg"], ["a.png", "a.jpg"]),
        (["x/a.png", "y/a.png"], ["x-a.png", "y-a.png"]),
        (["a.png", "A.png"], None),
    ],
)
def test_pictures_have_labels_of_their_own(names, labels):
    if labels is None:
        with pytest.raises(SettingError, match="cannot be told apart"):
            labels_of(names)
    else:
        assert [item.label for item in labels_of(names)] == labels


def test_a_full_disk_is_a_clear_error_and_keeps_what_there_is(tmp_path, monkeypatch):
    path = tmp_path / "rows.jsonl"
    with Lines(path, lambda row: True) as lines:
        lines.append({"key": "a"})

        class Full:
            def write(self, data):
                raise OSError(errno.ENOSPC, "No space left on device")

            def close(self):
                pass

        lines._file.close()
        monkeypatch.setattr(lines, "_file", Full())
        with pytest.raises(DiskError, match=r"No space left on device[\s\S]*rows so far are kept"):
            lines.append({"key": "b"})
    assert [row["key"] for row in read_rows(path)] == ["a"]


def test_a_folder_takes_one_run_at_a_time(tmp_path):
    writing = pytest.raises(SettingError, match="another run is writing")
    with alone(tmp_path), writing, alone(tmp_path):
        pass
    with alone(tmp_path):
        pass


def test_lines_are_means_that_leave_out_what_failed():
    row = {
        "cell": "c",
        "rate": {"target_bpp": 1, "scope": "image"},
        "status": "ok",
        "bpp": 1.0,
        "metrics": {"psnr": {"value": 30.0}},
        "encode_seconds": 1.0,
        "decode_seconds": 2.0,
    }
    rows = [
        row,
        {**row, "bpp": 0.5, "metrics": {"psnr": {"value": None}}, "status": "missed"},
        {**row, "status": "failed", "bpp": 0.0, "metrics": {}},
    ]
    [line] = lines_of(rows, ["psnr", "none"])
    assert (line.count, line.missed, line.failed, line.bpp) == (2, 1, 1, 0.75)
    assert line.metrics == {"psnr": 30.0, "none": None}


def test_rates_are_compared_in_bytes():
    assert replace(RATE, kind="target_bpp", value=1.5).most_bytes(16) == 3.0


def test_the_direct_form_prints_a_table_and_fails_where_a_row_does(photos, tmp_path, capsys):
    args = ["compare", "flat-dct", "--data", str(photos), "-o", str(tmp_path / "run")]
    assert main([*args, "--target-bytes", "300"]) == 0
    out = capsys.readouterr().out
    assert "CODEC" in out
    assert "300 B" in out
    (photos / "d.png").write_bytes(b"")
    assert main([*args, "--target-bytes", "300"]) == 1
    assert "failed: flat-dct on d" in capsys.readouterr().out


@pytest.mark.parametrize("said", ["data: nowhere\n", "", "data: {use: folder, path: nowhere}\n"])
def test_a_folder_named_beside_a_file_is_taken_for_the_files(
    said, photos, tmp_path, monkeypatch, capsys
):
    (tmp_path / "deeper").mkdir()
    file = tmp_path / "deeper" / "c.yaml"
    file.write_text(f"compare: 1\ncodecs: [flat-dct]\n{said}")
    monkeypatch.chdir(photos.parent)
    assert main(["compare", str(file), "-o", "run"]) != 0
    assert ("nowhere" if said else "--data") in capsys.readouterr().err
    assert main(["compare", str(file), "--data", photos.name, "-o", "run", "--json"]) == 0
    run = yaml.safe_load((photos.parent / "run" / "compare.yaml").read_text())
    assert run["data"] == {"use": "folder", "path": str(photos)}


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["flat-dct"], "--data is needed"),
        (["flat-dct", "--data", "x", "--target-bpp", "a"], "expects numbers"),
        (["c.yaml", "--limit", "3"], "the compare file says that"),
    ],
)
def test_wrong_usage_is_said(args, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.yaml").write_text("compare: 1\ncodecs: [flat-dct]\ndata: .\n")
    assert main(["compare", *args, "-o", "run"]) == 2
    assert said in capsys.readouterr().err
