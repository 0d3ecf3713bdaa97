"""Metrics of sets of pictures, such as FID, in curves, tables, export and the page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from semcodec.report import write_report
from semcodec.report.analysis import analyse
from semcodec.report.compressai import to_compressai
from semcodec.report.run import read_run
from semcodec.report.sets import set_places

Rows = list[dict[str, Any]]
Write = Callable[..., Path]
RATES = (0.1, 0.25, 0.5, 1.0)


def entry(cell: str, rate: float, value: float | None, **changes: Any) -> dict[str, Any]:
    metric = {"value": value, "version": "7", "unit": "", "higher_is_better": False}
    metric["error"] = "" if value is not None else "expected at least 2048 pictures"
    made = {"key": "0", "cell": cell, "rate": {"target_bpp": rate, "scope": "image"}, "seed": 0}
    return {**made, "pictures": 3, "metrics": {"fid": metric}, **changes}


@pytest.fixture
def run(rows: Rows, write_run: Write) -> Path:
    """At each rate the two have the same distance; the second takes twice the bits for it."""
    for line in rows:
        line["bpp"] *= 2 if line["cell"] == "two" else 1
    folder = write_run(rows)
    sets = [entry(cell, rate, 10 / rate) for cell in ("one", "two") for rate in RATES]
    (folder / "sets.json").write_text(json.dumps(sets))
    return folder


def test_a_curve_a_codec(run: Path) -> None:
    found = analyse(read_run(run))
    places = found.places["one", "fid"]
    assert [place.bpp for place in places] == pytest.approx(RATES)
    assert [place.value for place in places] == [10 / rate for rate in RATES]
    assert {(place.pictures, place.low, place.high) for place in places} == {(3, None, None)}


def test_two_sets_have_a_bd_rate_and_no_interval(run: Path) -> None:
    pytest.importorskip("bjontegaard", reason='needs pip install "semcodec[report]"')
    found = analyse(read_run(run))
    [versus] = [one for one in found.versus if one.metric == "fid"]
    assert versus.average.value == pytest.approx(100)
    assert (versus.average.low, versus.average.high) == pytest.approx((10, 100))
    assert versus.mean is None


def test_only_sets_of_the_same_pictures_are_compared(rows: Rows, write_run: Write) -> None:
    """A picture of the second codec failed at one rate: that set is another."""
    lost = [r for r in rows if (r["cell"], r["image"], r["bpp"]) == ("two", "b", 0.25)]
    lost[0].update(status="failed", bpp=0.0, bytes=0)
    folder = write_run(rows)
    sets = [entry(cell, rate, 1 / rate) for cell in ("one", "two") for rate in RATES]
    (folder / "sets.json").write_text(json.dumps(sets))
    places, ground = set_places(read_run(folder), "fid")
    assert ground.images == ("a", "b", "c")
    assert [place.bpp for place in places["one"]] == pytest.approx(RATES)
    assert [place.bpp for place in places["two"]] == pytest.approx([0.1, 0.5, 1.0])
    assert "two at 0.25 bpp" in write_report(folder).read_text()


def test_seeds_are_averaged(rows: Rows, write_run: Write) -> None:
    rows += [{**line, "seed": 1} for line in rows]
    folder = write_run(rows)
    sets = [entry("one", 0.5, value, seed=seed) for seed, value in ((0, 4.0), (1, 6.0))]
    (folder / "sets.json").write_text(json.dumps(sets))
    [place] = set_places(read_run(folder), "fid")[0]["one"]
    assert place.value == 5


def test_the_page_and_the_export_have_them(run: Path) -> None:
    text = write_report(run).read_text()
    assert "fid of the set" in text
    assert "<tr><th scope=row>metric fid</th><td class=note>7</td></tr>" in text
    data = json.loads(text.split("<script type=application/json id=data>")[1].split("</script>")[0])
    assert [point["y"] for point in data["curves"]["fid"]["two"]["mean"]] == [100, 40, 20, 10]
    assert [(one["id"], one["pictures"]) for one in data["metrics"]] == [
        ("mse", True),
        ("psnr", True),
        ("fid", False),
    ]
    assert to_compressai(read_run(run), "two")["results"]["fid"] == [100, 40, 20, 10]


def test_why_there_is_no_value_is_said_once_for_the_set(rows: Rows, write_run: Write) -> None:
    for line in rows:
        line["metrics"]["fid"] = {"value": None, "error": "its values stand in sets.json"}
    folder = write_run(rows)
    (folder / "sets.json").write_text(json.dumps([entry("one", rate, None) for rate in RATES]))
    text = write_report(folder).read_text()
    assert text.count("expected at least 2048 pictures") == 4
    assert "stand in sets.json" not in text


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[" * 100_000,
        "7",
        '[7, {"cell": 1}, {"cell": "one", "metrics": 3}]',
        '[{"cell": "one", "rate": {"target_bpp": 0.5}, "pictures": "x", "metrics": {"fid": {}}}]',
        '[{"cell": "nobody", "rate": {}, "pictures": 3, "metrics": {"fid": {"value": 1}}}]',
    ],
)
def test_a_damaged_file_costs_nothing_else(content: str, rows: Rows, write_run: Write) -> None:
    folder = write_run(rows)
    (folder / "sets.json").write_text(content)
    run = read_run(folder)
    assert not run.set_metrics
    assert write_report(folder).is_file()
