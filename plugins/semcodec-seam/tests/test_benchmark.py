"""The benchmark of Semantic Compress as a compare file: no method, baseline or metric is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from semcodec_seam.benchmark import COMPARE_FILE

from semcodec.compare.cells import compiled
from semcodec.compare.form import plan_of, read_plan
from semcodec.compare.measuring import gauges
from semcodec.compare.run import run
from semcodec.image import write_image
from semcodec.spec.sources import read_file

FOR_ALL = ("semcodec_anchors", "semcodec_metrics")
pytestmark = pytest.mark.skipif(
    not all(map(find_spec, FOR_ALL)), reason="pip install semcodec-anchors semcodec-metrics"
)

METHODS = ("carving-gradient", "carving-spectral", "carving-deep", "carving-hybrid")
METHODS = (*METHODS, "smart-crop", "crop-and-carve")
FILTERS = ("bilinear", "bicubic", "lanczos")
METRICS = ["ssim", "ms-ssim", "psnr", "lpips", "feature-cosine", "edge-correlation"]
METRICS = [*METRICS, "lab-histogram"]


def test_the_sizes_ratios_and_metrics_are_the_originals() -> None:
    plan = read_plan(COMPARE_FILE)
    assert plan.data == {"use": "sizes", "sizes": [256, 512, 1024]}
    assert [rate.settings["ratio"] for rate in plan.rates] == [0.9, 0.8, 0.7, 0.6, 0.5]
    assert [metric.name for metric in plan.metrics] == METRICS
    assert [entry.name for entry in plan.entries] == [*METHODS, *FILTERS, "jpeg", "webp"]
    assert {entry.name for entry in plan.entries if entry.rates} == {"jpeg", "webp"}


def test_every_cell_compiles() -> None:
    cells = compiled(read_plan(COMPARE_FILE))
    assert {cell.name: cell.reason for cell in cells if cell.status != "ready"} == {}
    # Of one file format: whatever took the pixels out, the same decoder reads it.
    assert len({cell.digest for cell in cells if cell.name in (*METHODS, *FILTERS)}) == 1
    assert all(len(cell.rates) == 5 for cell in cells)


def test_the_place_of_the_file_is_printed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "semcodec_seam.benchmark"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{COMPARE_FILE}{os.linesep}"


def test_a_row_for_every_method_and_baseline_with_every_metric_that_runs(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    y, x = np.mgrid[:200, :240]
    for name, period in (("one", 9), ("two", 17)):
        waves = 128 + 90 * np.sin(x / period + y / 31) + 30 * ((x - 120) ** 2 + y**2 < 9000)
        noise = np.random.default_rng(period).normal(0, 5, (200, 240, 3))
        write_image(
            np.clip(waves[..., None] + noise, 0, 255).astype(np.uint8), photos / f"{name}.png"
        )
    document = read_file(COMPARE_FILE)
    codecs = document.data["codecs"]
    few: dict[str, Any] = {
        **document.data,
        "data": {"use": "sizes", "path": str(photos), "sizes": [200, 512]},
        "rates": {"settings": [{"ratio": 0.9}, {"ratio": 0.5}]},
        "codecs": [
            {**codec, "use": _beside(codec["use"]), **_fewer(codec)}
            for codec in codecs
            if codec.get("label") != "carving-deep"
            or (find_spec("torch") and find_spec("semcodec_saic"))
        ],
    }
    plan = plan_of(few)
    outcome = run(plan, tmp_path / "run")
    wanted = {(entry.name, f"{name}@200") for entry in plan.entries for name in ("one", "two")}
    assert {(row["cell"], row["image"]) for row in outcome.rows} == wanted
    assert len(outcome.rows) == 2 * len(wanted)
    unavailable = {gauge.use.name for gauge in gauges(plan.metrics) if gauge.reason}
    assert unavailable <= {"lpips", "feature-cosine"}
    for row in outcome.rows:
        assert row["status"] == "ok", row["error"]
        assert list(row["metrics"]) == METRICS
        found = {name for name, each in row["metrics"].items() if each["value"] is None}
        assert found == unavailable
        assert row["encode_seconds"] > 0
        assert row["peak_bytes"] > 0
    sizes = {
        (row["cell"], row["image"], row["rate"]["setting"].get("ratio")): row["bytes"]
        for row in outcome.rows
    }
    for name in {entry.name for entry in plan.entries} - {"jpeg", "webp"}:
        assert sizes[name, "one@200", 0.5] < sizes[name, "one@200", 0.9]


def _beside(use: str) -> str:
    return str(COMPARE_FILE.parent / use) if use.endswith(".yaml") else use


def _fewer(codec: dict[str, Any]) -> dict[str, Any]:
    if "rates" not in codec:
        return {}
    return {"rates": {"settings": codec["rates"]["settings"][::4]}}
