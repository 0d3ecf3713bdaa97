"""The base classes, and the errors of who uses them wrongly."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import semcodec
from semcodec import Metric, component
from semcodec.contracts.values import Image, Map, Symbols, Text
from semcodec.testing import (
    DatasetTests,
    Fault,
    MetricTests,
    PipelineTests,
    QuantizerTests,
    TransformTests,
    all_checks,
    examine,
)
from semcodec.testing.check import COMPONENTS, PIPELINE
from semcodec.testing.compare import difference
from semcodec.testing.values import damaged, generator, sample, settled


def outcomes(tests: Any) -> dict[str, str]:
    return {row.id: row.outcome for row in examine(tests)}


def test_base_classes_are_no_tests_until_they_name_something() -> None:
    class TestUniform(QuantizerTests):
        component = "uniform"

    class Shared(QuantizerTests):
        pass

    assert not QuantizerTests.__test__
    assert not Shared.__test__
    assert TestUniform.__test__
    names = [trial.check.id for trial in TestUniform().trials()]
    assert len(names) == len(set(names))
    assert set(names) == {c.id for c in all_checks().values() if "quantizer" in c.kinds}


def test_an_expected_failure_names_a_check() -> None:
    class TestUniform(QuantizerTests):
        component = "uniform"
        expected_failures = {"layout-agreees": "a typing mistake"}  # noqa: RUF012

    with pytest.raises(ValueError, match="no check 'layout-agreees'"):
        list(TestUniform().trials())


def test_files_are_named_in_tests_without_their_folders() -> None:
    class TestFolder(DatasetTests):
        component = "folder"
        configurations = ({"path": str(Path(__file__).parent)},)

    [label] = {trial.subject.label for trial in TestFolder().trials()}
    assert label == "path=testing"


@component
class Lacking(Metric):
    """Lacks what nobody has."""

    def missing(self) -> str:
        return "nothing is not installed: pip install nothing"

    def compute(self, reference: Any, decoded: Any) -> float:
        raise AssertionError("it cannot run")


@component
class Speechless(Lacking):
    """Cannot even say what it lacks."""

    def missing(self) -> str:
        raise OSError("no disk")


def test_a_metric_that_cannot_run_here_is_looked_at_and_not_run() -> None:
    class TestLacking(MetricTests):
        component = Lacking

    class TestSpeechless(MetricTests):
        component = Speechless

    found = {row.id: row for row in examine(TestLacking)}
    assert found["described"].outcome == "passed"
    for id_ in ("runs", "repeats", "metric-direction", "inputs-unchanged"):
        assert found[id_].outcome == "skipped"
        assert found[id_].reason.endswith("nothing is not installed: pip install nothing")
    other = {row.id: row for row in examine(TestSpeechless)}
    assert (other["runs"].outcome, other["repeats"].outcome) == ("failed", "skipped")
    assert "missing failed: OSError: no disk" in other["runs"].reason


def test_a_component_may_be_given_by_its_class() -> None:
    from semcodec.components.quantizers import Uniform

    class TestUniform(QuantizerTests):
        component = Uniform

    assert {trial.subject.id for trial in TestUniform().trials()} == {"uniform"}


def test_a_class_that_no_plugin_lists_is_told_what_to_write() -> None:
    @semcodec.component
    class Unlisted(semcodec.Quantizer):
        """Rounds."""

        def quantize(self, x: Any, guides: Any, ctx: Any) -> Any:
            return np.rint(x).astype(np.int32)

        def dequantize(self, q: Any, guides: Any, ctx: Any) -> Any:
            return q.astype(np.float32)

    class TestUnlisted(QuantizerTests):
        component = Unlisted

    failed = [row for row in examine(TestUnlisted) if row.outcome == "failed"]
    assert [row.id for row in failed] == ["id-owned"]
    assert "semcodec_components" in failed[0].reason
    assert failed[0].where.startswith("tests/testing/test_bases.py:")


@pytest.mark.parametrize("configuration", [{"stop": 3}, {"step": "much"}, {"step": -1.0}])
def test_a_configuration_that_no_spec_may_give(configuration: dict[str, Any]) -> None:
    class TestUniform(QuantizerTests):
        component = "uniform"
        configurations = (configuration,)

    rows = {row.id: row for row in examine(TestUniform)}
    assert [row.id for row in rows.values() if row.outcome == "failed"] == ["configuration-builds"]
    assert next(iter(configuration)) in rows["configuration-builds"].reason
    assert rows["runs"].reason.startswith("see configuration-builds: ")


def test_a_test_class_of_another_kind() -> None:
    class TestUniform(TransformTests):
        component = "uniform"

    rows = {row.id: row for row in examine(TestUniform)}
    assert [row.id for row in rows.values() if row.outcome == "failed"] == ["right-kind"]
    assert "is a quantizer; the test class is for a transform" in rows["right-kind"].reason


def test_names_that_nobody_provides() -> None:
    class TestNothing(QuantizerTests):
        component = "nobody.thing"

    class TestNoPipeline(PipelineTests):
        pipeline = "no-such-pipeline"

    failed = [row.id for row in examine(TestNothing) if row.outcome == "failed"]
    assert failed == ["id-owned"]
    failed = [row.id for row in examine(TestNoPipeline) if row.outcome == "failed"]
    assert failed == ["spec-resolves"]


def test_a_pipeline_by_path_and_as_data(tmp_path: Path) -> None:
    spec = {
        "semcodec": 1,
        "description": "Labels and text beside a picture.",
        "transform": "dct",
        "quantizer": "uniform",
        "model": "dct-context",
        "coder": "range",
    }
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(spec))
    for given in (spec, path):
        found = outcomes(type("TestMine", (PipelineTests,), {"pipeline": given}))
        assert "failed" not in found.values()
        assert found["damaged-values"] == found["fresh-process"] == "passed"


def test_the_report_of_a_check_shows_the_plugins_own_lines(
    install: Callable[[str], Path],
) -> None:
    install("fails_on_one_row")
    tests = type("TestIt", (QuantizerTests,), {"component": "fails-on-one-row.thing"})()
    [trial] = [each for each in tests.trials() if each.check.id == "runs"]
    with pytest.raises(Fault, match="index 1 is out of bounds") as caught:
        tests.test_conformance(trial)
    cause = caught.value.__cause__
    assert isinstance(cause, IndexError)
    assert cause.__traceback__ is not None
    file = cause.__traceback__.tb_frame.f_code.co_filename
    assert file.endswith("faulty_fails_on_one_row.py")


def test_every_check_states_its_law() -> None:
    for check in all_checks().values():
        assert 0 <= check.level <= 4
        assert check.kinds <= {*COMPONENTS, PIPELINE}
        assert check.law.endswith(".")
        assert check.id == check.function.__name__.replace("_", "-")


DESCRIPTIONS = [
    Image(1, 1),
    Image(5, 7, 4, 16),
    Map(3, 1),
    Symbols((4, 4), low=-1, high=1),
    Symbols((4, 4)),
    Symbols((9,), low=0, high=3, end=0),
    Symbols((3, 3), mask=np.eye(3, dtype=bool)),
    Text(10),
]


@pytest.mark.parametrize("description", DESCRIPTIONS, ids=str)
def test_samples_and_damage_are_as_described(description: Any) -> None:
    rng = generator("here")
    good = sample(description, rng)
    assert settled(description, good)[1] == ""
    assert not difference(good, sample(description, generator("here")))
    bad = list(damaged(description, good, rng))
    assert bad
    for label, value in bad:
        assert label
        assert settled(description, value)[1] == ""


@pytest.mark.parametrize(
    ("left", "right", "promise", "same"),
    [
        (np.uint8([1, 2]), np.uint8([1, 2]), "bitexact", True),
        (np.uint8([1, 2]), np.uint8([1, 3]), "bitexact", False),
        (np.uint8([1, 2]), np.uint8([1, 4]), "stable", True),
        (np.uint8([1, 2]), np.uint8([1, 5]), "stable", False),
        (np.uint8([1, 2]), np.uint8([1, 3]), "seeded", False),
        (np.float32([np.nan]), np.float32([np.nan]), "bitexact", True),
        (np.float32([1]), np.float64([1]), "stable", False),
        ({"a": [1, "b"]}, {"a": (1, "b")}, "bitexact", True),
        ({"a": 1}, {"b": 1}, "bitexact", False),
        ([1], [1, 2], "bitexact", False),
        (float("inf"), float("inf"), "bitexact", True),
        (b"a", b"b", "stable", False),
    ],
)
def test_differences(left: Any, right: Any, promise: str, same: bool) -> None:
    assert (difference(left, right, promise) == "") is same


def test_masks_count_in_the_comparison_of_descriptions() -> None:
    one, other = (Symbols((2,), mask=np.array([True, each])) for each in (True, False))
    assert one == other
    assert difference(one, other)


CODE = """
import sys
import semcodec, semcodec.cli
from semcodec.cli.main import main
main(["components"])
semcodec.load("flat-dct")
print("LOADED", *[m for m in sys.modules if m.startswith(("semcodec.testing", "pytest"))])
"""


def test_nothing_else_imports_the_kit() -> None:
    result = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True
    )
    assert result.stdout.rstrip().endswith("LOADED")


@pytest.mark.parametrize("missing", ["pytest", "hypothesis"])
def test_without_its_extra_the_kit_says_what_to_install(missing: str) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None; import semcodec.testing"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert last == (
        f'ImportError: semcodec.testing needs {missing}: pip install "semcodec[testing]"'
    )
