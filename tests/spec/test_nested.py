"""Reaching into a component that another has by default: what the error says works."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

import semcodec
from semcodec.errors import Problem, SpecError
from semcodec.spec.load import pipeline_from
from semcodec.spec.text import of_data

FLAT: dict[str, Any] = {
    "semcodec": 1,
    "name": "mine",
    "transform": "dct",
    "quantizer": "uniform",
    "model": "dct-context",
    "coder": "range",
    "saliency": {"use": "mask", "otherwise": {"use": "blend"}},
}


def refused(**changes: Any) -> Problem:
    with pytest.raises(SpecError) as caught:
        semcodec.load(FLAT, **changes)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize(
    ("address", "default"),
    [
        ("first.background", {"use": "minimum-barrier", "background": False, "centre": 0.0}),
        ("second.pixels", {"use": "spectral-residual"}),
        ("prior.width", {"use": "centre", "width": 0.35}),
    ],
)
def test_the_default_is_written_out_for_you(address: str, default: dict[str, Any]) -> None:
    whole = f"saliency.otherwise.{address}"
    hint = refused(set={whole: 1}).hint
    assert "is the default of blend; write it out: set saliency.otherwise." in hint
    found = re.fullmatch(r".*set (\S+?)=(\{.*\})", hint)
    assert found is not None
    place, text = found[1], found[2]
    assert place == whole.rpartition(".")[0]
    assert yaml.safe_load(text) == default
    # Written out as the hint says, it is the same codec.
    before = pipeline_from(of_data(FLAT))
    after = pipeline_from(of_data(FLAT), set_={place: yaml.safe_load(text)})
    assert before.places["saliency"].component == after.places["saliency"].component


def test_what_has_no_default_says_so() -> None:
    plain = {**FLAT, "saliency": "mask"}
    with pytest.raises(SpecError, match=r"it has none by default; set saliency\.otherwise=\{use"):
        semcodec.load(plain, set={"saliency.otherwise.first.x": 1})


def test_a_wrong_name_is_met_with_the_parameters_that_are_components() -> None:
    assert refused(set={"saliency.otherwise.frist.x": 1}).hint == "did you mean 'first'?"


def test_swap_is_for_the_places_of_a_pipeline() -> None:
    problem = refused(swap={"saliency.otherwise": "centre"})
    assert "names a parameter" in problem.message
    assert "changed with set: saliency.otherwise={use: ...}" in problem.hint
    semcodec.load(FLAT, set={"saliency.otherwise": {"use": "centre"}})
    assert refused(swap={"quantizer.step": "uniform"}).hint == "change it with set"
    assert refused(set={"quantizer": 1}).hint == "use swap"
