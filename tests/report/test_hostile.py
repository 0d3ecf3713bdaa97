"""Runs as they should not be: damaged, partial, lying, and written by an enemy."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from semcodec.errors import SettingError
from semcodec.report import write_report
from semcodec.report.embed import embed
from semcodec.report.rows import rows_of
from semcodec.report.run import read_run

Rows = list[dict[str, Any]]
Write = Callable[..., Path]
Make = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    "line",
    [
        '{"cell": "one", "ima',
        "[]",
        "null",
        "7",
        '{"cell": "", "image": "a"}',
        '{"cell": 3, "image": "a"}',
        "[" * 100_000,
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    ],
)
def test_a_line_that_is_no_row(line: str, rows: Rows, write_run: Write) -> None:
    run = read_run(write_run([*rows, line]))
    assert len(run.rows) == len(rows)
    assert run.notes == ("1 of the lines of rows.jsonl are no rows and were left out.",)
    assert write_report(run.folder).is_file()


@pytest.mark.parametrize(
    "change",
    [
        {"bpp": float("nan")},
        {"bpp": None},
        {"bpp": -1.0},
        {"bpp": True},
        {"bytes": "many"},
        {"metrics": None},
        {"metrics": {"psnr": float("nan")}},
        {"metrics": {"psnr": {"value": float("inf")}}},
        {"metrics": {"psnr": {"value": "high"}}},
        {"metrics": {"psnr": None}},
        {"sections": [1, 2]},
        {"sections": {"image": -1, "header": float("nan")}},
        {"rate": None},
        {"rate": {"setting": {"step": 16, "mode": "x"}}},
        {"status": "failed", "bytes": 0, "bpp": 0.0, "metrics": {}, "error": "it crashed"},
        {"status": "strange"},
        {"versions": "all", "encode_seconds": None, "decode_seconds": "fast"},
        {"seed": "one"},
    ],
)
def test_a_row_that_lacks_something(change: dict[str, Any], rows: Rows, write_run: Write) -> None:
    rows[5] = {**rows[5], **change}
    text = write_report(write_run(rows)).read_text()
    assert "NaN" not in re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)


def test_every_row_with_such_a_fault(rows: Rows, write_run: Write) -> None:
    broken = [{**line, "metrics": {}} for line in rows]
    assert "semcodec compare" in write_report(write_run(broken)).read_text()


@pytest.mark.parametrize("kept", ["one codec", "one rate", "one image", "one row"])
def test_a_run_of_one(kept: str, rows: Rows, write_run: Write) -> None:
    chosen = {
        "one codec": [r for r in rows if r["cell"] == "one"],
        "one rate": [r for r in rows if r["bpp"] == 0.5],
        "one image": [r for r in rows if r["image"] == "a"],
        "one row": rows[:1],
    }[kept]
    assert write_report(write_run(chosen)).is_file()


def test_a_row_that_is_said_twice_counts_once(rows: Rows) -> None:
    failed = {**rows[0], "status": "failed", "bpp": 0.0}
    for order in ([failed, *rows], [*rows, failed]):
        made, left_out = rows_of(order)
        assert left_out == 1
        assert len(made) == len(rows)
        assert all(row.coded for row in made)


def test_names_are_text(make_row: Make, write_run: Write) -> None:
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
    rows = [
        make_row(evil, name, rate, error=evil, hint=evil, sections={evil: 9}, status="missed")
        for name in (evil, "b")
        for rate in (0.1, 1.0)
    ]
    for line in rows:
        line["decoded"] = ""
        line["metrics"][evil] = line["metrics"]["psnr"]
        line["versions"] = {evil: evil}
    folder = write_run(rows)
    (folder / "compare.yaml").write_text(evil)
    (folder / "cells.json").write_text('[{"name": "x<b>", "status": "invalid", "reason": "<i>"}]')
    text = write_report(folder).read_text()
    assert text.count("<script") == 2
    assert text.count("</script>") == 2
    assert "<img" not in text
    assert "<b>" not in text
    assert "x&lt;b&gt;" in text
    assert "script-src 'sha256-" in text


def test_nothing_outside_of_the_folder_is_embedded(rows: Rows, write_run: Write) -> None:
    folder = write_run(rows, pictures=True)
    secret = folder.parent / "secret.png"
    secret.write_bytes((folder / "originals" / "a.png").read_bytes())
    for line in rows:
        line["decoded"] = "../secret.png"
    found = embed(read_run(write_run(rows)))
    assert not any(shown for _, shown in found.images.values())
    assert "outside" in found.failed[0]


def test_a_missing_picture_is_named(rows: Rows, write_run: Write) -> None:
    folder = write_run(rows, pictures=True)
    (folder / "originals" / "b.png").write_bytes(b"no picture")
    (folder / rows[0]["decoded"]).unlink()
    found = embed(read_run(folder))
    assert set(found.images) == {"a", "c"}
    assert len(found.failed) == 2


def test_a_heavy_run_shows_some_pictures_and_says_so(rows: Rows, write_run: Write) -> None:
    run = read_run(write_run(rows, pictures=True))
    whole = embed(run)
    assert whole.form == "stored without loss"
    assert not whole.left_out
    some = embed(run, budget=whole.bytes // 3)
    assert some.bytes <= whole.bytes // 3
    assert some.left_out
    assert some.images
    assert sorted([*some.left_out, *some.images]) == ["a", "b", "c"]
    assert all(len(shown) == 8 for _, shown in some.images.values())
    assert "for looking only" in some.form


@pytest.mark.parametrize("content", [None, "", "{}\n"])
def test_a_folder_without_a_run(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "rows.jsonl").write_text(content)
    with pytest.raises(SettingError, match="expected"):
        write_report(tmp_path)


def test_without_the_package(rows: Rows, write_run: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bjontegaard", None)
    text = write_report(write_run(rows)).read_text()
    assert "pip install &quot;semcodec[report]&quot;" in text
    assert "<table id=results" in text
