"""What metrics may say of themselves: what they lack, what guides them, and sets of pictures."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import semcodec
from semcodec import Metric, SetMetric, component
from semcodec.cli import main
from semcodec.discovery.describe import missing
from semcodec.errors import SettingError

BLACK = np.zeros((2, 2, 1), np.uint8)


@component
class Means(SetMetric):
    """Distance of the sets' mean levels."""

    fewest = 3
    higher_is_better = False

    def observe(self, reference: Any, decoded: Any) -> Any:
        return np.array([reference.mean() - decoded.mean()])

    def summarise(self, rows: Any) -> float:
        if len(rows) < self.fewest:
            raise SettingError(f"expected {self.fewest} pictures, got {len(rows)}")
        return abs(float(np.mean(rows)))


@component
class Absent(Metric):
    """Needs what nobody has."""

    def missing(self) -> str:
        return "no such package: pip install nothing"

    def compute(self, reference: Any, decoded: Any) -> float:
        return 0.0


@component
class Confused(Absent):
    """Cannot even say what it lacks."""

    def missing(self) -> str:
        raise OSError("no disk")


def test_a_metric_without_ports_ignores_guides() -> None:
    assert Absent().compare(BLACK, BLACK, {}) == Absent().compute(BLACK, BLACK)


def test_a_set_metric_refuses_a_single_pair() -> None:
    with pytest.raises(SettingError, match="sets of at least 3 pictures"):
        Means().compute(BLACK, BLACK)


def test_what_is_missing_is_asked_without_running() -> None:
    assert missing(Absent) == "no such package: pip install nothing"
    assert missing(Means) == ""
    assert missing(Confused).startswith("cannot say what it lacks: OSError: no disk")


def test_components_lists_what_cannot_run_here(capsys: pytest.CaptureFixture[str]) -> None:
    semcodec.register(Absent)
    assert main(["components", "metric", "--json"]) == 0
    listed = {each["id"]: each for each in json.loads(capsys.readouterr().out)["components"]}
    assert listed["local.absent"]["missing"] == Absent().missing()
    assert "missing" not in listed["psnr"]
    assert main(["components", "metric"]) == 0
    _, _, rest = capsys.readouterr().out.partition("Unavailable here:")
    assert "local.absent: no such package: pip install nothing" in rest


def test_doctor_notes_what_cannot_run_here_and_calls_nothing_broken(
    capsys: pytest.CaptureFixture[str],
) -> None:
    semcodec.register(Absent)
    assert main(["doctor", "--json"]) == 0
    checks = json.loads(capsys.readouterr().out)["checks"]
    [note] = [
        each for each in checks if each["subject"] == "metrics" and "local." in each["detail"]
    ]
    assert note["state"] == "note"
    assert note["detail"] == "local.absent: no such package: pip install nothing"
