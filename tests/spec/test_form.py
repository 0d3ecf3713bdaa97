"""The two written forms: what they mean, and all structural problems at once."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from semcodec.errors import Problem, SpecError
from semcodec.spec.compose import compose
from semcodec.spec.load import document_of, pipeline_from
from semcodec.spec.lock import decode_form, full_form
from semcodec.spec.text import parse

Flat = Callable[..., dict[str, Any]]
ProblemsOf = Callable[..., tuple[Problem, ...]]


def test_the_short_form_is_the_general_form_of_one_stream(flat: Flat) -> None:
    short = flat(name="a", wire={"step": {"path": "quantizer.step", "values": [8, 24]}})
    general = {
        "semcodec": 1,
        "name": "a",
        "streams": {
            "image": {
                "from": "image",
                "stages": [{"use": "dct", "block": 8}, {"use": "uniform", "step": 24}],
                "model": "dct-context",
                "coder": {"use": "range", "guides": None},
            }
        },
        "wire": {"step": {"path": "image.stages.1.step", "values": [8, 24]}},
    }
    one, other = (pipeline_from(document_of(spec)) for spec in (short, general))
    assert full_form(one) == full_form(other)
    assert compose(document_of(short))[0]["streams"] == {
        "image": {
            "from": "image",
            "stages": [{"use": "dct", "block": 8}, {"use": "uniform", "step": 24}],
            "model": {"use": "dct-context"},
            "coder": {"use": "range"},
        }
    }


def test_short_forms_leave_slots_out(flat: Flat) -> None:
    form, _ = compose(document_of(flat(transform=None, quantizer="uniform")))
    assert [stage["use"] for stage in form["streams"]["image"]["stages"]] == ["uniform"]


def test_everything_wrong_is_told_at_once_with_its_line(problems_of: ProblemsOf) -> None:
    problems = problems_of(
        """\
semcodec: 2
nmae: a
name: Not A Name
description: [1]
streams:
  Image: {stages: []}
  image:
    form: saliency
    stages:
      - {block: 8}
      - 7
    model: []
  seed: {}
wire:
  step: {path: 1, min: 5, max: 2, levels: 8, bytes: more}
  other: {path: image.quantizer.step, min: 1, max: 2, levels: 1, scale: cubic, lvels: 3}
  third: {path: a, values: [1, 1], levels: 2, doc: 5}
encode: 5
controls:
  wish: {path: a, min: x, values: 3}
inputs:
  caption: {type: txet, limit: 0}
seed: -1
check: maybe
output: 3
decoder: {use: rehearsal.paint, inputs: [a]}
"""
    )
    told = [(p.line, p.path, p.hint) for p in problems if p.path != "decoder.use"]
    assert len(told) == len(problems) - 1  # the decoder's component is looked up all the same
    assert told == [
        (1, "semcodec", "pip install --upgrade semcodec"),
        (2, "nmae", "did you mean 'name'?"),
        (3, "name", ""),
        (4, "description", ""),
        (6, "streams.Image", ""),
        (8, "streams.image.form", "did you mean 'from'?"),
        (10, "streams.image.stages.0", ""),
        (11, "streams.image.stages.1", ""),
        (12, "streams.image.model", ""),
        (13, "streams.seed", "the spec has a key of it"),
        (15, "wire.step", ""),
        (15, "wire.step", ""),
        (15, "wire.step.bytes", "known: decreasing, increasing, scan"),
        (16, "wire.other.lvels", "did you mean 'levels'?"),
        (16, "wire.other.levels", ""),
        (16, "wire.other.scale", "known: linear, log"),
        (17, "wire.third.values", ""),
        (17, "wire.third.levels", ""),
        (17, "wire.third.doc", ""),
        (18, "encode", ""),
        (20, "controls.wish.min", ""),
        (20, "controls.wish.values", ""),
        (22, "inputs.caption.type", "did you mean 'text'?"),
        (22, "inputs.caption.limit", ""),
        (23, "seed", ""),
        (24, "check", ""),
        (25, "output", ""),
        (26, "decoder.inputs", ""),
    ]
    assert problems[0].message == "expected 1, got 2"
    assert problems[10].message == "expected 'path' with the address of a parameter"
    assert problems[11].message == "expected 'min' below 'max', got 5 and 2"


def test_a_short_forms_lines_are_found(problems_of: ProblemsOf) -> None:
    problems = problems_of(
        "semcodec: 1\ntransform: {use: dct}\nquantizer:\n  use: uniform\n  stpe: 3\n"
        "model: {use: dct-context}\ncoder: {use: rnge}\n"
    )
    assert [(p.line, p.path) for p in problems] == [
        (5, "streams.image.stages.1.stpe"),
        (7, "streams.image.coder.use"),
    ]
    assert problems[0].hint == "did you mean 'step'?"
    assert "Did you mean range?" in problems[1].hint
    alone = problems_of("semcodec: 1\nquantizer:\n  use: uniform\n  stpe: 3\n")
    assert [p.line for p in alone] == [4]


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"streams": {}}, "streams", "stands beside 'transform'; a spec is short or general"),
        ({"semcodec": True}, "semcodec", "expected 1, got True"),
        ({"semcodec": "1"}, "semcodec", "expected 1, got '1'"),
        ({"semcodec": None}, "semcodec", "expected 1, got None"),
        ({"seed": True}, "seed", "expected 'payload' or a whole number"),
        ({"seed": 2**53}, "seed", "from 0 to 2\\*\\*53 - 1"),
        ({"seed": "pay"}, "seed", "expected 'payload' or a whole number"),
        ({"wire": {"a": {"path": "x", "min": 0, "max": 1, "levels": 4, "scale": "log"}}},
         "wire.a.min", "positive number for a log scale"),
        ({"wire": {"a": {"path": "x", "min": -1.7e308, "max": 1.7e308, "levels": 4}}},
         "wire.a", "expected a narrower range"),
        ({"wire": {"a": {"path": "x", "min": 1e-305, "max": 1, "levels": 4, "scale": "log"}}},
         "wire.a", "expected a narrower range"),
        ({"wire": {"a": {"path": "x", "min": 0, "max": 1, "levels": 65537}}},
         "wire.a.levels", "from 2 to 65536"),
        ({"wire": {"a": {"path": "x", "values": list(range(4097))}}}, "wire.a.values", "2 to 4096"),
        ({"wire": {"a": {"path": "x", "values": [0.5, 1, 1.0]}}}, "wire.a.values", "differ"),
        ({"wire": {f"a{i}": {"path": "x", "values": [1, 2]} for i in range(65)}},
         "wire", "at most 64 entries"),
        ({"controls": {"a": {"path": "x", "min": 2, "max": 1}}}, "controls.a", "'min' up to 'max'"),
        ({"derive": {"a": 5}}, "derive.a", "expected a mapping, got a number"),
        ({"decoder": []}, "decoder", "expected a mapping, got a list"),
    ],
)  # fmt: skip
def test_single_problems(
    flat: Flat, problems_of: ProblemsOf, changes: dict[str, Any], path: str, words: str
) -> None:
    spec = {**flat(), **changes}
    found = problems_of(spec)
    assert path in [p.path for p in found]
    with pytest.raises(SpecError, match=words):
        pipeline_from(document_of(spec))


def test_no_streams_at_all(problems_of: ProblemsOf) -> None:
    (problem,) = problems_of("semcodec: 1")
    assert (problem.path, problem.message) == ("streams", "expected at least one stream")


def test_specs_are_left_as_they_are(plugins: object, guided: Flat) -> None:
    specs = [
        guided(name="a"),
        {"semcodec": 1, "extends": "carved-dct", "swap": {"image.stages.1.of.coder": "range"}},
        {
            "semcodec": 1,
            "transform": {"use": "pipeline", "of": {**guided(), "controls": None}},
        },
    ]
    for spec in specs:
        before = copy.deepcopy(spec)
        document = document_of(spec)
        pipeline = pipeline_from(document, set_={"name": "other"})
        full = full_form(pipeline)
        decode_form(pipeline)["streams"].clear()
        full["streams"].clear()
        assert spec == before
        assert document.data == before
        assert full_form(pipeline) != full


def test_lines_survive_extending(plugins: object, problems_of: ProblemsOf) -> None:
    problems = problems_of(
        "semcodec: 1\nextends: flat-dct\nset:\n  quantizer.step: 8\n  quantizer.stpe: 8\n"
    )
    assert [p.path for p in problems] == ["streams.image.stages.1.stpe"]
    wrong = problems_of("semcodec: 1\nextends: flat-dct\nset:\n  quantiser.step: 8\n")
    assert [(p.line, p.path) for p in wrong] == [(4, "set.quantiser.step")]
    assert "did you mean 'quantizer'?" in wrong[0].message


def test_huge_specs_take_little_time(problems_of: ProblemsOf) -> None:
    text = "semcodec: 1\n" + "\n".join(f"key{i}: {i}" for i in range(60_000))
    problems = problems_of(parse(text))
    assert len(problems) == 100


def test_structure_and_components_are_reported_together(problems_of: Any) -> None:
    found = problems_of(
        "semcodec: 1\n"
        "name: Not A Name\n"
        "transform: {use: dct, blok: 8}\n"
        "quantizer: {use: unifrom}\n"
        "model: {use: range}\n"
        "coder: {use: range}\n"
        "wire: {step: {path: quantizer.step, min: 5, max: 2, levels: 8}}\n"
        "derive: {mask: {use: 7}, other: {use: dct}}\n"
        "colour: blue\n"
    )
    assert {problem.line: problem.path for problem in found if problem.line != 8} == {
        2: "name",
        3: "streams.image.stages.0.blok",
        4: "streams.image.stages.1.use",
        5: "streams.image.model.use",
        7: "wire.step",
        9: "colour",
    }
    assert {p.path for p in found if p.line == 8} == {"derive.mask", "derive.other.use"}
