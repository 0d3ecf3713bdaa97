"""extends, set, swap, and pipelines inside pipelines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from semcodec.errors import Problem, SpecError
from semcodec.graph.model import Pipeline
from semcodec.spec.address import AddressError, locate
from semcodec.spec.compose import check_candidates, compose, is_candidates, kind_of
from semcodec.spec.load import decoder_from, document_of, pipeline_from
from semcodec.spec.lock import decode_digest, full_form

pytestmark = pytest.mark.usefixtures("plugins")

Make = Callable[..., dict[str, Any]]
ProblemsOf = Callable[..., tuple[Problem, ...]]


def load(spec: Any, **changes: Any) -> Pipeline:
    return pipeline_from(document_of(spec), **changes)


def test_extends_with_nothing_is_the_same_codec() -> None:
    made = load({"semcodec": 1, "extends": "guided-dct", "name": "mine"})
    assert decode_digest(made) == decode_digest(load("guided-dct"))
    assert made.name == "mine"
    assert load({"semcodec": 1, "extends": "guided-dct"}).name == ""


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("quantizer.step", "image.stages.1"),
        ("image.quantizer.step", "image.stages.1"),
        ("image.stages.1.step", "image.stages.1"),
        ("streams.image.quantizer.step", "image.stages.1"),
        ("map.transform.levels", "map.stages.0"),
        ("map.stages.0.levels", "map.stages.0"),
    ],
)
def test_addresses_of_parameters(guided: Make, address: str, place: str) -> None:
    value = 8 if address.endswith("step") else 2
    made = load(guided(), set_={address: value})
    assert getattr(made.places[place].component, address.rpartition(".")[2]) == value
    name = {"a": {"path": address, "values": [value, value + 1]}}
    assert load(guided(wire=name), set_={address: value}).wire[0].target.node == place


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("transform.levels", "'transform.levels' is ambiguous: map.stages.0.levels, image.stages"),
        ("step", "nothing is called 'step'; known: "),
        ("imgae.quantizer.step", "did you mean 'image'?"),
        ("map.quantizer.step", "stream 'map' has no stages of kind quantizer"),
        ("image.stages.2.step", "stream 'image' has stages 0 to 1"),
        ("image.stages.x.step", "stream 'image' has stages 0 to 1"),
        ("image", "names a stream, expected a component or parameter"),
        ("image.quantizer", "names a component, expected a parameter"),
        ("image.modle.scale", "did you mean 'model'?"),
        ("decoder.steps", "the spec has no decoder"),
        ("derive.mask.level", "'derive.mask.level': no such entry in derive"),
        ("derive", "'derive': no such entry in derive"),
        ("wire.step.levels", "no such entry in wire"),
        ("wire", "no such entry in wire"),
        ("", "nothing is called ''"),
        ("image.quantizer.inner.scale", "writes no component 'inner' out"),
    ],
)
def test_addresses_that_lead_nowhere(
    guided: Make, problems_of: ProblemsOf, address: str, words: str
) -> None:
    (problem,) = problems_of(guided(), set_={address: 8})
    assert problem.path == f"set.{address}"
    assert words in problem.message
    wired = problems_of(guided(wire={"a": {"path": address, "values": [1, 2]}}))
    assert wired[0].path.startswith("wire.a")


def test_top_level_addresses() -> None:
    made = load(
        "guided-dct",
        set_={
            "seed": 7,
            "check": True,
            "name": "other",
            "wire.step.levels": 8,
            "saliency.width": 1,
        },
    )
    assert (made.seed, made.check, made.name, made.wire[0].grid.levels) == (7, True, "other", 8)


def test_set_is_checked_as_if_written(problems_of: ProblemsOf) -> None:
    problems = problems_of(
        "semcodec: 1\nextends: guided-dct\nset: {seed: x, image.stages.1.step: -1}"
    )
    assert [p.path for p in problems] == ["seed"]
    problems = problems_of("semcodec: 1\nextends: guided-dct\nset: {image.quantizer.step: -1}")
    assert [p.path for p in problems] == ["streams.image.stages.1.step"]
    with pytest.raises(SpecError, match="expected data of the JSON kinds, got set"):
        load("guided-dct", set_={"image.quantizer.step": {1}})


def test_swap_keeps_the_guides_of_ports_with_the_same_name(guided: Make) -> None:
    made = load(guided(), swap={"image.quantizer": "rehearsal.guided-step"})
    assert made.places["image.stages.1"].guides == {"saliency": "map"}
    made = load("hyperprior", swap={"image.quantizer": {"use": "rehearsal.gain-step", "fine": 3}})
    node = made.places["image.stages.1"]
    assert (node.guides, node.component.fine) == ({"saliency": "map"}, 3)
    given = {"use": "rehearsal.gain-step", "guides": {"saliency": "source.saliency"}}
    with pytest.raises(SpecError, match="at the decoder, which only the encoder has"):
        load("hyperprior", swap={"image.quantizer": given})
    plain = load(
        "two-streams-and-a-seed",
        swap={"decoder": {"use": "rehearsal.paint", "realism": 1}},
    )
    assert plain.derive["decoder"].guides == {"embedding": "embedding", "colours": "colours"}


def test_swapping_drops_what_hung_on_the_predecessor() -> None:
    """Ports that the newcomer lacks, streams that served it alone, settings it has no place for."""
    before = full_form(load("roi-dct"))
    assert set(before["streams"]) == {"map", "image"}
    assert set(before["wire"]) == {"beta", "step"}
    after = full_form(load("roi-dct", swap={"image.quantizer": "uniform"}))
    assert set(after["streams"]) == {"image"}
    assert set(after["wire"]) == {"step"}
    assert "saliency" not in after
    same = full_form(load("roi-dct", swap={"image.quantizer": {"use": "saliency-step", "step": 8}}))
    assert set(same["streams"]) == {"map", "image"}
    assert set(same["wire"]) == {"beta", "step"}


def test_what_was_wrong_before_a_swap_is_still_told(guided: Make, problems_of: ProblemsOf) -> None:
    wrong = guided(wire={"beta": {"path": "image.quantizer.bta", "values": [0, 1]}})
    (problem,) = problems_of(wrong, swap={"image.coder": "rans"})
    assert problem.path == "wire.beta.path"


def test_a_bare_coder_means_every_streams_and_nothing_else_does(
    guided: Make, problems_of: ProblemsOf
) -> None:
    form = full_form(load(guided(), swap={"coder": "range"}))
    assert {s["coder"]["use"] for s in form["streams"].values()} == {"range@1"}
    (problem,) = problems_of(guided(), swap={"model": "plane-context"})
    assert "'model' is ambiguous: map.model, image.model" in problem.message
    (problem,) = problems_of(guided(), swap={"image.quantizer.step": "x"})
    assert "names a parameter, expected a component" in problem.message
    (problem,) = problems_of(guided(), swap={"coder": {"us": "range"}})
    assert problem.path == "swap.coder"
    (problem,) = problems_of(guided(), swap={"decoder": "rehearsal.paint"})
    assert "the spec has no decoder" in problem.message
    found = problems_of(guided(), swap={"coder": "uniform"})
    assert {p.path for p in found} == {"streams.map.coder.use", "streams.image.coder.use"}
    assert found[0].message == "expected a coder, 'uniform' is a quantizer"


def test_components_first_then_parameters() -> None:
    made = load(
        "flat-dct",
        swap={"quantizer": "uniform"},
        set_={"quantizer.step": 32, "transform.block": 16},
    )
    assert made.places["image.stages.1"].component.step == 32


def test_pipelines_as_stages_by_name_and_written_out(guided: Make) -> None:
    by_name = load("carved-dct")
    form, _ = compose(document_of("flat-dct"))
    written = load("carved-dct", swap={"image.stages.1": {"use": "pipeline", "of": form}})
    assert decode_digest(by_name) == decode_digest(written)
    assert written.wire[0].name == "image/step"
    deep = load("carved-dct", set_={"image.stages.1.of.quantizer.step": 32})
    assert deep.places["image/image.stages.1"].component.step == 32
    swapped = load("carved-guided", set_={"image.stages.1.of.map.transform.levels": 2})
    assert swapped.places["image/map.stages.0"].component.levels == 2


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (None, "expected 'of' with the name of a pipeline, or a pipeline"),
        (5, "expected 'of' with the name of a pipeline, or a pipeline"),
        ("no-such-pipeline", "no installed distribution provides the pipeline 'no-such-pipeline'"),
        ({"semcodec": 1, "candidates": ["flat-dct", "jpeg"]}, "can be neither extended nor nested"),
        ({"semcodec": 3}, "expected 1, got 3"),
        ({"semcodec": 1, "extends": "nothing"}, "provides the pipeline 'nothing'"),
    ],
)
def test_stages_that_are_no_pipelines(of: Any, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        load({"semcodec": 1, "transform": {"use": "pipeline", "of": of}})
    problem = caught.value.problems[0]
    assert problem.path.startswith("streams.image.stages.0.of")
    assert words in problem.message


def test_a_nested_pipeline_takes_no_other_keys_and_stands_last(problems_of: ProblemsOf) -> None:
    stage = {"use": "pipeline", "of": "flat-dct", "guides": {}, "quality": 3}
    found = problems_of({"semcodec": 1, "transform": stage})
    assert [p.message for p in found] == ["unknown key 'guides'", "unknown key 'quality'"]
    nested = {"use": "pipeline", "of": "flat-dct"}
    problems = problems_of(
        {
            "semcodec": 1,
            "streams": {"image": {"stages": [nested, {"use": "dct"}], "model": "laplace"}},
        }
    )
    assert [p.message for p in problems] == [
        "a pipeline as a stage must be the last one",
        "a nested pipeline codes itself; drop 'model' and 'coder'",
    ]
    (problem,) = problems_of(
        {"semcodec": 1, "transform": {"use": "dct", "of": "flat-dct"}, "quantizer": "uniform",
         "model": "dct-context", "coder": "range"}
    )  # fmt: skip
    assert problem.message == "only 'use: pipeline' takes a pipeline"


def test_a_nested_pipeline_has_neither_inputs_nor_a_seed_of_its_own(
    problems_of: ProblemsOf,
) -> None:
    inner = json.loads(json.dumps(compose(document_of("flat-dct"))[0]))
    asks = {**inner, "inputs": {"caption": {"type": "text"}}}
    (problem,) = problems_of({"semcodec": 1, "transform": {"use": "pipeline", "of": asks}})
    assert problem.path == "streams.image.stages.0.of.inputs.caption"
    seeded = {"use": "pipeline", "of": {**inner, "seed": 5, "check": True}}
    found = problems_of({"semcodec": 1, "seed": 6, "transform": seeded})
    assert [(p.path, p.hint) for p in found] == [
        ("streams.image.stages.0.of.seed", "say 'seed: 5' in the outermost spec"),
        ("streams.image.stages.0.of.check", "say 'check: true' in the outermost spec"),
    ]
    agreed = load({"semcodec": 1, "seed": 5, "check": True, "transform": seeded})
    plain = {"use": "pipeline", "of": inner}
    same = load({"semcodec": 1, "seed": 5, "check": True, "transform": plain})
    assert decode_digest(agreed) == decode_digest(same)


class TestFiles:
    """Specs that name one another by path."""

    def write(self, folder: Path, **specs: Any) -> None:
        for name, spec in specs.items():
            (folder / f"{name}.yaml").write_text(json.dumps({"semcodec": 1, **spec}))

    def test_paths_are_relative_to_the_spec_that_says_them(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "sub" / "deep").mkdir(parents=True)
        self.write(tmp_path, base={"extends": "flat-dct"})
        self.write(tmp_path / "sub", middle={"extends": "../base.yaml"})
        nested = {"transform": {"use": "pipeline", "of": "../middle.yaml"}}
        self.write(tmp_path / "sub" / "deep", top=nested)
        made = load(str(tmp_path / "sub" / "deep" / "top.yaml"))
        assert made.order == ("image/image", "image")
        monkeypatch.chdir(tmp_path)
        assert load({"semcodec": 1, "extends": "./sub/middle.yaml"}).order == ("image",)
        assert load("sub/middle.yaml").order == ("image",)

    def test_a_named_pipeline_means_no_file_of_yours(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from semcodec.spec.text import parse

        self.write(tmp_path, mine={"extends": "flat-dct"})
        monkeypatch.chdir(tmp_path)
        named = parse("semcodec: 1\nextends: ./mine.yaml\n", source="some-pipeline")
        with pytest.raises(SpecError, match="expected the name of a pipeline, got the relative"):
            pipeline_from(named)

    @pytest.mark.parametrize("key", ["extends", "of"])
    def test_cycles_end(self, tmp_path: Path, key: str) -> None:
        def refer(name: str) -> dict[str, Any]:
            if key == "extends":
                return {"extends": f"./{name}.yaml"}
            return {"transform": {"use": "pipeline", "of": f"./{name}.yaml"}}

        self.write(tmp_path, a=refer("b"), b=refer("a"))
        with pytest.raises(SpecError, match=r"at most 8 specs inside one another \(a cycle\?\)"):
            load(str(tmp_path / "a.yaml"))

    def test_a_few_small_specs_cannot_multiply(self, tmp_path: Path) -> None:
        inner = {"flat": {"extends": "flat-dct"}}
        self.write(tmp_path, s0=inner["flat"])
        for level in range(1, 5):
            stages = [{"use": "pipeline", "of": f"./s{level - 1}.yaml"}]
            streams = {f"a{i}": {"stages": stages} for i in range(40)}
            self.write(tmp_path, **{f"s{level}": {"streams": streams, "output": "a0"}})
        with pytest.raises(SpecError, match="at most 64 specs in one composition"):
            load(str(tmp_path / "s4.yaml"))

    def test_problems_of_a_file_inside_name_that_file(self, tmp_path: Path) -> None:
        (tmp_path / "inner.yaml").write_text("semcodec: 1\ntransfrom: {use: dct}\nmodel: laplace\n")
        self.write(tmp_path, outer={"transform": {"use": "pipeline", "of": "./inner.yaml"}})
        with pytest.raises(SpecError) as caught:
            load(str(tmp_path / "outer.yaml"))
        (problem,) = caught.value.problems
        assert problem.path == "streams.image.stages.0.of"
        assert "inner.yaml: line 2: transfrom: unknown key 'transfrom'" in problem.message
        self.write(tmp_path, child={"extends": "./inner.yaml"})
        with pytest.raises(SpecError, match=r"inner\.yaml: 1 problem"):
            load(str(tmp_path / "child.yaml"))


@pytest.mark.parametrize(
    ("spec", "paths"),
    [
        ({"extends": "flat-dct"}, ["semcodec"]),
        ({"semcodec": 7, "extends": "flat-dct"}, ["semcodec"]),
        ({"semcodec": 1, "extends": "flat-dct", "wire": {}, "sets": {}}, ["wire", "sets"]),
        ({"semcodec": 1, "extends": "flat-dct", "set": [], "swap": 3}, ["set", "swap"]),
        ({"semcodec": 1, "extends": ["flat-dct"]}, ["extends"]),
        ({"semcodec": 1, "extends": "flat-dtc"}, ["extends"]),
        ({"semcodec": 1, "extends": "flat-dct", "name": "No"}, ["name"]),
        ({"semcodec": 1, "candidates": ["jpeg", "avif"], "extends": "jpeg"}, ["candidates"]),
        ({"semcodec": 1, "candidates": ["jpeg", "avif"]}, ["candidates"]),
    ],
)
def test_extends_that_make_no_sense(
    problems_of: ProblemsOf, spec: dict[str, Any], paths: list[str]
) -> None:
    assert [p.path for p in problems_of(spec)] == paths


def test_candidates() -> None:
    document = document_of(
        {
            "semcodec": 1,
            "candidates": ["jpeg", {"semcodec": 1}],
            "choose": {"metric": "psnr", "within": 0.1},
        }
    )
    assert is_candidates(document)
    assert check_candidates(document) == (
        ["jpeg", {"semcodec": 1}],
        {"metric": "psnr", "within": 0.1},
    )
    wrong = {
        "candidates": ["jpeg"],
        "choose": {"metric": "psnr", "within": -1, "by": 3},
        "coder": "range",
        "name": 5,
    }
    with pytest.raises(SpecError) as caught:
        check_candidates(document_of(wrong))
    assert {p.path for p in caught.value.problems} == {
        "semcodec",
        "name",
        "coder",
        "candidates",
        "choose.by",
        "choose.within",
    }


def test_locate_by_itself(flat: Make) -> None:
    form, _ = compose(document_of(flat()))
    place = locate(form, "quantizer.step", kind_of)
    assert (place.node, place.name, place.holder[place.key]) == ("image.stages.1", "step", 24)
    with pytest.raises(AddressError, match="no stages of kind"):
        locate(form, "image.transform.x", lambda use: "")


def test_what_a_file_carries_must_be_whole(tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("semcodec: 1\nextends: flat-dct\n")
    for form in (
        {"semcodec": 1, "extends": "flat-dct"},
        {"semcodec": 1, "extends": str(secret)},
        {"semcodec": 1, "streams": {"image": {"stages": [{"use": "pipeline", "of": "flat-dct"}]}}},
        {"semcodec": 1, "streams": {"image": {"stages": [{"use": "pipeline", "of": str(secret)}]}}},
        {
            "semcodec": 1,
            "transform": {"use": "pipeline", "of": {"semcodec": 1, "extends": str(secret)}},
        },
    ):
        with pytest.raises(SpecError, match="a lock must be whole"):
            decoder_from(form)


def test_a_changed_codec_keeps_its_name_only_while_it_decodes_the_same_files() -> None:
    def name(**changes: Any) -> str:
        return pipeline_from(document_of("flat-dct"), **changes).name

    assert name(set_={"quantizer.rounding": 0.5}) == "flat-dct"
    assert name(set_={"quantizer.step": 8}) == "flat-dct"  # every file names its step
    assert name(set_={"transform.block": 8}) == ""
    assert name(swap={"model": "laplace"}) == ""
    assert name(set_={"transform.block": 8, "name": "mine"}) == "mine"


@pytest.mark.parametrize("nested", [{}, {"of": "flat-dct"}, {"of": 3}, {"of": {"streams": {}}}])
def test_a_swap_that_fails_beside_a_nested_pipeline_is_reported(nested: dict[str, Any]) -> None:
    """Whatever stands in the nested pipeline's place when the other change leads nowhere."""
    stage = {"use": "pipeline", **nested}
    spec = {"semcodec": 1, "name": "x", "extends": "flat-dct"}
    swap = {"image.stages.0": stage, "nowhere": {}}
    with pytest.raises(SpecError, match="nowhere"):
        pipeline_from(document_of({**spec, "swap": swap}))
