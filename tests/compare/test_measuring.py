"""Entries of metrics: infinite values, what becomes available, captions."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from semcodec.cli import main
from semcodec.compare.measuring import gauges
from semcodec.compare.model import MetricUse
from semcodec.compare.summary import lines_of
from semcodec.image import write_image
from semcodec.report.run import read_run

PICTURE = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)


def entry(use, decoded, **parameters):
    [gauge] = gauges([MetricUse(name="m", use=use, parameters=parameters)])
    return gauge.measure(PICTURE, decoded, {})


def test_the_psnr_of_equal_pictures_is_a_result_and_no_error():
    found = entry("psnr", PICTURE.copy())
    assert (found["value"], found["infinite"], found["error"]) == (None, True, "")
    json.dumps(found, allow_nan=False)
    other = entry("psnr", PICTURE + np.uint8(1))
    assert (other["infinite"], other["error"]) == (False, "")
    assert other["value"] == pytest.approx(48.1308)
    zero = entry("mse", PICTURE.copy())
    assert (zero["value"], zero["infinite"], zero["error"]) == (0.0, False, "")


def test_a_lossless_row_makes_its_mean_infinite_and_has_no_point_in_curves(
    compare, photos, tmp_path, capsys
):
    write_image(np.full((24, 24, 3), 128, np.uint8), photos / "flat.png")
    made = compare()
    by_image = {row["image"]: row["metrics"]["psnr"] for row in made.rows}
    assert by_image["flat"]["infinite"]
    [line] = lines_of(made.rows, ["psnr"])
    assert line.metrics["psnr"] == math.inf
    rows = {row.image: row.metrics["psnr"] for row in read_run(made.folder).rows}
    assert rows["flat"].value is None
    assert rows["flat"].error.startswith("infinite, as nothing differs")
    args = ["compare", "flat-dct", "--data", str(photos), "-o", str(tmp_path / "run")]
    assert main([*args, "--no-page"]) == 0
    out = capsys.readouterr().out
    assert " inf " in out
    assert "no psnr" not in out
    assert main([*args, "--no-page", "--json"]) == 0
    [summary] = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)["summary"]
    assert (summary["metrics"]["psnr"], summary["infinite"]) == (None, ["psnr"])


@pytest.mark.usefixtures("faulty")
def test_rows_are_computed_again_once_a_metric_can_run(compare, tmp_path):
    file = tmp_path / "weights"
    metrics = ["psnr", {"use": "faulty.later", "label": "later", "file": str(file)}]
    before = compare(metrics=metrics)
    assert "touch FILE" in before.rows[0]["metrics"]["later"]["error"]
    assert compare(metrics=metrics).computed == 0
    file.touch()
    after = compare(metrics=metrics)
    assert after.computed == 3
    assert {row["metrics"]["later"]["value"] for row in after.rows} == {1.0}
    assert after.rows[0]["metrics"]["later"]["parameters"] == {"file": str(file)}


@pytest.mark.usefixtures("faulty")
def test_captions_reach_metrics_and_no_codec(compare, tmp_path):
    captions = tmp_path / "captions"
    captions.mkdir()
    (captions / "a.txt").write_text("three grey waves\n", encoding="utf-8")
    (captions / "b.txt").write_bytes(b"\xff\xfe")
    made = compare(metrics=["faulty.said"], captions=str(captions))
    rows = {row["image"]: row for row in made.rows}
    assert rows["a"]["metrics"]["faulty.said"]["value"] == 3.0
    assert (rows["b"]["status"], rows["c"]["status"]) == ("failed", "ok")
    assert "cannot be read as a caption: no UTF-8" in rows["b"]["error"]
    assert "caption" in rows["c"]["metrics"]["faulty.said"]["error"]


@pytest.mark.usefixtures("faulty")
def test_the_table_shows_metrics_of_sets(photos, tmp_path, capsys):
    args = ["compare", "flat-dct", "--data", str(photos), "-o", str(tmp_path / "run"), "--no-page"]
    assert main([*args, "--metric", "faulty.set"]) == 0
    out = capsys.readouterr().out
    assert "no faulty.set" not in out
    [line] = [line.split() for line in out.splitlines() if line.startswith("flat-dct")]
    assert float(line[4]) >= 0
    assert main([*args, "--metric", "faulty.set", "--limit", "2"]) == 0
    assert "expected at least 3 pictures" in capsys.readouterr().out
