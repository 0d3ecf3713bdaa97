"""What the plugin says of itself, and that it stays light."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
import semcodec_metrics

from semcodec import Metric
from semcodec.contracts.params import parameters
from semcodec.discovery.describe import summary

REFERENCES = semcodec_metrics.semcodec_metrics()
HEAVY = ("torch", "piq", "torchmetrics", "skimage", "scipy", "transformers", "lpips")


def load(reference):
    module, _, name = reference.target.partition(":")
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda r: r.id)
def test_every_reference_is_a_metric_that_says_who_made_it(reference):
    cls = load(reference)
    assert issubclass(cls, Metric)
    assert re.match(r"\d+; .+", cls.version)
    assert summary(cls).endswith(".")
    assert all(each.doc for each in parameters(cls))
    assert isinstance(cls().missing(), str)


def test_ids_are_sorted_and_once():
    ids = [reference.id for reference in REFERENCES]
    assert ids == sorted(set(ids))


def test_neither_listing_nor_asking_what_is_missing_imports_anything_heavy():
    code = (
        "import importlib, sys, semcodec_metrics as m\n"
        "for r in m.semcodec_metrics():\n"
        "    module, _, name = r.target.partition(':')\n"
        "    getattr(importlib.import_module(module), name)().missing()\n"
        f"print(*sorted({{x.partition('.')[0] for x in sys.modules}} & {set(HEAVY)!r}))"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout.split() == []


def test_listing_imports_no_numpy():
    code = "import sys, semcodec_metrics as m; m.semcodec_metrics(); print('numpy' in sys.modules)"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout.strip() == "False"


def test_the_page_has_a_row_for_every_metric():
    page = Path(__file__).resolve().parents[3] / "docs" / "metrics.md"
    if not page.is_file():
        pytest.skip("no documentation beside a source distribution")
    rows = re.findall(r"^\| `(metrics\.[\w-]+)` \|", page.read_text("utf-8"), re.MULTILINE)
    assert sorted(rows) == [reference.id for reference in REFERENCES]
