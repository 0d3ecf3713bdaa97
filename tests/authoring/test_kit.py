"""How a plugin's own tests and the kit's report become rows; a small plugin plays the kit."""

from __future__ import annotations

from pathlib import Path

import pytest

from semcodec.authoring import kit
from semcodec.authoring.conformance import Row
from semcodec.authoring.kit import kit_rows
from semcodec.authoring.packaging.examine import opened
from semcodec.authoring.packaging.project import read_project

REPORT = """
import json
from pathlib import Path

def pytest_addoption(parser):
    parser.addoption("--conformance")
    parser.addoption("--conformance-distribution")

def pytest_sessionfinish(session):
    import semcodec_acme.metric as found
    from semcodec.discovery import catalog
    assert catalog().entry("acme.max-error").distribution == "semcodec-acme"
    assert session.config.getoption("--conformance-distribution") == "semcodec-acme"
    row = {"id": "a-law", "level": 1, "subject": "acme.max-error", "configuration": {},
           "outcome": "passed", "reason": "", "where": f"{found.__file__}:7"}
    Path(session.config.getoption("--conformance")).write_text(json.dumps({"checks": [row]}))
"""
GOOD = "def test_own():\n    pass\n"


def run(
    tests: str, report: str, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[Row]:
    """Run the tests of a package that has no others than these."""
    for each in (package / "tests").iterdir():
        each.unlink()
    (package / "tests" / "test_it.py").write_text(tests)
    site = tmp_path / "site"
    site.mkdir()
    (site / "played_kit.py").write_text(report)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setattr(kit, "REPORT", "played_kit")
    (tmp_path / "report").mkdir()
    with opened(read_project(package)) as subject:
        return list(kit_rows(subject, tmp_path / "report"))


def test_the_kits_rows_follow_with_places_in_the_project(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, law = run(GOOD, REPORT, package, tmp_path, monkeypatch)
    assert (own["id"], own["level"], own["outcome"]) == ("tests-pass", 0, "passed")
    assert (law["id"], law["where"]) == ("a-law", "semcodec_acme/metric.py:7")


@pytest.mark.parametrize(
    ("tests", "says"),
    [
        (
            "def test_own():\n    assert 0, 'no - more'\n",
            "1 failed: tests/test_it.py::test_own",
        ),
        ("import nowhere\n", "pytest ends with 2"),
        ("", "pytest ends with 5"),
        ("import pytest\n@pytest.fixture\ndef f(): 1 / 0\ndef test_own(f): pass\n", "::test_own"),
    ],
)
def test_own_tests_that_fail_are_named(
    tests: str, says: str, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, *_ = run(tests, REPORT, package, tmp_path, monkeypatch)
    assert own["outcome"] == "failed"
    assert says in own["reason"]


def test_a_check_of_the_kit_that_fails_has_a_row_of_its_own_and_no_second_one(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tests = """
import pytest

class TestIt:
    @pytest.mark.parametrize("law", ["a-law with a space"])
    def test_conformance(self, law):
        assert False
"""
    own, law = run(tests, REPORT.replace('"passed"', '"failed"'), package, tmp_path, monkeypatch)
    assert own["outcome"] == "passed"
    assert law["outcome"] == "failed"


@pytest.mark.parametrize(
    ("report", "says"),
    [
        (REPORT.partition("def pytest_sessionfinish")[0], "wrote no report"),
        ("import nowhere", "pytest ends with"),
    ],
)
def test_a_report_that_is_not_written_is_a_failure(
    report: str, says: str, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own,) = run(GOOD, report, package, tmp_path, monkeypatch)
    assert own["outcome"] == "failed"
    assert says in own["reason"]


def test_places_are_told_from_other_files(package: Path, tmp_path: Path) -> None:
    project = read_project(package)
    inside = package / "semcodec_acme" / "metric.py"
    unpacked = tmp_path / "wheel" / "semcodec_acme" / "metric.py"
    assert project.place(f"{inside}:3", tmp_path) == "semcodec_acme/metric.py:3"
    assert project.place(f"{unpacked}:3", tmp_path / "wheel") == "semcodec_acme/metric.py:3"
    assert project.place(str(inside), tmp_path) == "semcodec_acme/metric.py"
    assert project.place("/usr/lib/python/abc.py:3", tmp_path) == "/usr/lib/python/abc.py:3"
    assert project.place("", tmp_path) == ""
