"""The pytest plugin that counts: one row a check, and what nobody asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import semcodec
from semcodec.testing import all_checks

ROOT = Path(semcodec.__file__).parents[1]
TESTS = """
from semcodec.testing import EntropyModelTests, QuantizerTests, SaliencySourceTests


class TestEdges(SaliencySourceTests):
    component = "sound.edges"
    configurations = ({}, {"floor": 0.5})


class TestRows(EntropyModelTests):
    component = "sound.rows"
    expected_failures = {"described": "it has nothing to say"}


class TestUniform(QuantizerTests):
    component = "uniform"
    configurations = ({"rdo": 0.1},)
    expected_failures = {"element-wise": "rdo weighs a block as a whole"}


class TestRdo(QuantizerTests):
    component = "uniform"
    configurations = ({"rdo": 0.2},)


def test_of_another_kind():
    pass
"""
CHOICE = "described or element or runs or repeats or another"
PLUGIN = ("-p", "semcodec.testing.report", "--conformance", "out.json")
ALWAYS = ("-p", "no:cacheprovider", "-k", CHOICE, *PLUGIN)


def run(folder: Path, *options: str) -> tuple[subprocess.CompletedProcess[str], Any]:
    site = str(folder / "site")
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *ALWAYS, str(folder), *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([site, str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
    )
    return result, json.loads((folder / "out.json").read_text())


@pytest.fixture
def project(install: Callable[[str], Path], tmp_path: Path) -> Path:
    install("sound")
    (tmp_path / "test_them.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def test_rows_and_summary(project: Path) -> None:
    result, made = run(project, "--conformance-distribution", "faulty-sound")
    assert result.returncode == 1
    assert set(made) == {
        *("conformance", "distribution", "version", "semcodec", "python", "platform"),
        *("checks", "summary"),
    }
    assert made["conformance"] == 1
    assert (made["distribution"], made["version"]) == ("faulty-sound", "0.1")
    assert made["semcodec"] == semcodec.__version__
    rows = {(r["id"], r["subject"], str(r["configuration"])): r for r in made["checks"]}
    assert len(rows) == len(made["checks"])
    assert set(made["checks"][0]) == {
        *("id", "level", "subject", "configuration", "outcome", "reason", "where")
    }
    for outcome, count in made["summary"].items():
        assert count == sum(row["outcome"] == outcome for row in made["checks"])

    assert rows["runs", "sound.edges", "{'floor': 0.5}"]["outcome"] == "passed"
    skipped = rows["repeats", "sound.edges", "{}"]
    assert (skipped["outcome"], skipped["level"]) == ("skipped", 1)
    assert "free" in skipped["reason"]
    passed_strictly = rows["described", "sound.rows", "{}"]
    assert passed_strictly["outcome"] == "failed"
    assert "it has nothing to say" in passed_strictly["reason"]
    expected = rows["element-wise", "uniform", "{'rdo': 0.1}"]
    assert expected["outcome"] == "expected"
    assert expected["reason"].startswith("rdo weighs a block as a whole (quantize on ")
    failed = rows["element-wise", "uniform", "{'rdo': 0.2}"]
    assert failed["outcome"] == "failed"
    path, _, line = failed["where"].rpartition(":")
    assert path.endswith("quantizers.py")
    source = (ROOT / "semcodec" / "components" / "quantizers.py").read_text().splitlines()
    assert "def quantize" in source[int(line) - 1]

    never = [row for row in made["checks"] if row["outcome"] == "never"]
    unnamed = {row["subject"] for row in never if row["reason"] == "no test class names it"}
    assert unnamed == {
        *("sound", "sound.calm", "sound.careful", "sound.centred", "sound.grain"),
        *("sound.masked-error", "sound.max-error", "sound.means", "sound.plain", "sound.ramps"),
    }
    others = {row["id"] for row in never if row["reason"] != "no test class names it"}
    assert others == set(all_checks()) - {
        *("runs", "described", "results-as-described", "repeats", "element-wise")
    }
    ran = sum(made["summary"][name] for name in ("passed", "failed", "expected"))
    counted = f"{ran} checks ran, {made['summary']['skipped']} were skipped, "
    assert f"{counted}{made['summary']['never']} never applied" in result.stdout


def test_processes_of_xdist_count_the_same(project: Path) -> None:
    pytest.importorskip("xdist")
    one, other = run(project)[1], run(project, "-n", "2")[1]
    key = lambda row: (row["id"], row["subject"], str(row["configuration"]))  # noqa: E731
    for made in (one, other):
        made["checks"].sort(key=key)
    assert one == other
    assert not any(row["reason"] == "no test class names it" for row in one["checks"])
