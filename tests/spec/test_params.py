"""Parameters of components: built from YAML, every problem in its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import pytest

from semcodec.components.quantizers import Uniform
from semcodec.contracts.kinds import EntropyCoder, EntropyModel, Quantizer
from semcodec.contracts.params import EncodeOnly, Gt, Interval, Len, component, of_format
from semcodec.contracts.weights import Weights
from semcodec.errors import Problem, SpecError
from semcodec.graph.model import Pipeline
from semcodec.spec.load import decoder_from, document_of, pipeline_from
from semcodec.spec.lock import decode_digest, decode_form, full_form
from semcodec.spec.params import accepts_value, coerced, takes_whole

Make = Callable[..., dict[str, Any]]
ProblemsOf = Callable[..., tuple[Problem, ...]]
HASH = "ab" * 32


class _Step(Quantizer):
    def quantize(self, x, guides, ctx):
        return x

    def dequantize(self, q, guides, ctx):
        return q


@component
class Rich(_Step):
    """Parameters of every kind."""

    step: Annotated[float, Gt(0)]
    mode: Literal["fast", "best"] = "fast"
    sizes: Annotated[tuple[int, ...], Len(1, 3)] = (1, 2)
    pair: tuple[int, float] | None = None
    weights: Weights | None = None
    inner: Quantizer | None = None
    zone: EncodeOnly[Annotated[float, Interval(ge=0, le=1)]] = 0.5
    copy: bool = False
    model_fields: int = 3

    def __post_init__(self) -> None:
        if self.mode == "best" and self.step > 100:
            raise ValueError("mode 'best' wants a step of at most 100")
        if self.model_fields == 99:
            raise KeyError("a component's own mistake")


@pytest.fixture(autouse=True)
def rich(register: Callable[[type[Any], str], None]) -> None:
    register(Rich, "local.rich")


@pytest.fixture
def spec(flat: Make) -> Make:
    """Make a spec around one rich component."""

    def make(**given: Any) -> dict[str, Any]:
        wire = given.pop("wire", None)
        made: dict[str, Any] = flat(quantizer={"use": "local.rich", **given}, wire=wire)
        return made

    return make


def built(made: Pipeline) -> Any:
    return made.places["image.stages.1"].component


def test_values_of_every_kind(spec: Make) -> None:
    made = pipeline_from(
        document_of(
            spec(
                step=24,
                mode="best",
                sizes=[3],
                pair=[1, 2],
                weights={"uri": "file:a", "sha256": HASH},
                inner={"use": "uniform", "step": 4},
                copy=True,
                model_fields=5,
            )
        )
    )
    assert built(made) == Rich(
        step=24.0,
        mode="best",
        sizes=(3,),
        pair=(1, 2.0),
        weights=Weights(uri="file:a", sha256=HASH),
        inner=Uniform(step=4.0),
        copy=True,
        model_fields=5,
    )
    assert full_form(made)["streams"]["image"]["stages"][1] == {
        "use": "local.rich@1",
        "step": 24.0,
        "mode": "best",
        "sizes": [3],
        "pair": [1, 2.0],
        "weights": {"uri": "file:a", "sha256": HASH},
        "inner": {"use": "uniform@1", "step": 4.0, "rounding": 0.36, "rdo": 0.0},
        "zone": 0.5,
        "copy": True,
        "model_fields": 5,
    }


def test_the_full_form_with_nothing_given_is_read_again(spec: Make) -> None:
    made = pipeline_from(document_of(spec(step=1)))
    again = pipeline_from(document_of(full_form(made)))
    assert built(again) == built(made) == Rich(step=1.0)
    assert full_form(again) == full_form(made)


@pytest.mark.parametrize(
    ("given", "path", "words"),
    [
        ({}, "", "parameter 'step' is required"),
        ({"step": 0}, ".step", "input should be greater than 0, got 0"),
        ({"step": "8"}, ".step", "input should be a valid number, got '8'"),
        ({"step": True}, ".step", "input should be a valid number, got True"),
        ({"step": None}, ".step", "input should be a valid number, got None"),
        ({"step": 1, "mode": "slow"}, ".mode", "input should be 'fast' or 'best', got 'slow'"),
        ({"step": 1, "sizes": []}, ".sizes", "at least 1 item"),
        ({"step": 1, "sizes": [1, 2, 3, 4]}, ".sizes", "at most 3 items"),
        ({"step": 1, "sizes": [1, "a"]}, ".sizes.1", "valid integer, got 'a'"),
        ({"step": 1, "sizes": [1, 2.5]}, ".sizes.1", "got 2.5"),
        ({"step": 1, "sizes": 4}, ".sizes", "got 4"),
        ({"step": 1, "pair": [1]}, ".pair.1", "field required"),
        ({"step": 1, "zone": 1.5}, ".zone", "less than or equal to 1, got 1.5"),
        ({"step": 1, "copy": "yes"}, ".copy", "valid boolean, got 'yes'"),
        ({"step": 1, "weights": "file:a"}, ".weights", "got 'file:a'"),
        (
            {"step": 1, "weights": {"uri": "http://a", "sha256": HASH}},
            ".weights",
            "expected a URI that starts builtin:, file: or hf:, got 'http://a'",
        ),
        ({"step": 1, "weights": {"uri": "file:a"}}, ".weights.sha256", "required"),
        ({"step": 1, "weights": {"uri": "file:a", "sha256": HASH, "x": 1}}, ".weights.x", "got 1"),
        ({"step": 1, "inner": 5}, ".inner", "expected a mapping with 'use'"),
        ({"step": 1, "inner": {"step": 5}}, ".inner", "expected a mapping with 'use'"),
        ({"step": 1, "inner": "dct"}, ".inner.use", "expected a quantizer, 'dct' is a transform"),
        ({"step": 1, "inner": {"use": "uniform", "step": -1}}, ".inner.step", "got -1"),
        ({"step": 1, "inner": {"use": "uniform", "guides": {}}}, ".inner.guides", "inside another"),
        ({"step": 1, "inner": {"use": "uniform@7"}}, ".inner.use", "format 7 does not exist"),
        ({"step": 101, "mode": "best"}, "", "mode 'best' wants a step of at most 100"),
        ({"step": 1, "model_fields": 99}, "", "a component's own mistake"),
        ({"step": 1, "stpe": 2}, ".stpe", "no parameter 'stpe'"),
        ({"step": 1, "p0": 2}, ".p0", "no parameter 'p0'"),
        ({"step": 1, "of": "flat-dct"}, ".of", "only 'use: pipeline' takes a pipeline"),
        ({"step": 1, "inputs": {"a": "image"}}, ".inputs", "a quantizer takes 'guides' here"),
        ({"step": 1, "guides": {"a": "image"}}, ".guides.a", "no port 'a'"),
    ],
)
def test_values_that_do_not_fit(
    spec: Make, problems_of: ProblemsOf, given: dict[str, Any], path: str, words: str
) -> None:
    found = problems_of(spec(**given))
    assert [p.path for p in found] == [f"streams.image.stages.1{path}"]
    assert words in found[0].message


def test_all_of_a_components_problems_at_once(spec: Make, problems_of: ProblemsOf) -> None:
    found = problems_of(spec(mode="slow", sizes=[], stpe=1, inner={"use": "uniform", "step": "x"}))
    assert sorted(p.path.removeprefix("streams.image.stages.1") for p in found) == [
        "",
        ".inner.step",
        ".mode",
        ".sizes",
        ".stpe",
    ]


@pytest.mark.parametrize("use", ["dct@", "dct@x", "dct@0", "dct@01", "dct@-1", "dct@1@1", "@1", ""])
def test_ids_that_are_none(flat: Make, problems_of: ProblemsOf, use: str) -> None:
    paths = [p.path for p in problems_of(flat(transform={"use": use}))]
    assert paths == ["streams.image.stages.0.use"]


@pytest.mark.parametrize("use", ["dct@2", "dct@99999"])
def test_formats_that_do_not_exist_yet(flat: Make, problems_of: ProblemsOf, use: str) -> None:
    (problem,) = problems_of(flat(transform={"use": use}))
    assert "does not exist, the newest is 1" in problem.message
    assert problem.hint == "pip install --upgrade semcodec"


def test_a_type_that_no_spec_can_give(
    flat: Make, register: Callable[[type[Any], str], None], problems_of: ProblemsOf
) -> None:
    @component
    class Odd(_Step):
        step: Problem2 | None = None  # type: ignore[name-defined]

    register(Odd, "local.odd")
    (problem,) = problems_of(flat(quantizer={"use": "local.odd", "step": 1}))
    assert "a type that no spec can give" in problem.message


class Problem2:
    """Nothing that pydantic knows."""


def test_settings_have_their_parameters_type(spec: Make) -> None:
    wire = {
        "pair": {"path": "quantizer.pair", "values": [[1, 2], [3, 4.5]]},
        "fields": {"path": "quantizer.model_fields", "min": 1, "max": 8, "levels": 4},
        "step": {"path": "quantizer.step", "values": [1, 2, 4]},
        "copy": {"path": "quantizer.copy", "values": [False, True]},
    }
    made = pipeline_from(document_of(spec(step=2, pair=[3, 4.5], copy=True, wire=wire)))
    found = {s.name: (s.grid.values, s.default) for s in made.wire}
    assert found == {
        "pair": (((1, 2.0), (3, 4.5)), 1),
        "fields": ((1, 3, 6, 8), 1),
        "step": ((1.0, 2.0, 4.0), 1),
        "copy": ((False, True), 1),
    }
    assert all(isinstance(v, float) for v in found["step"][0])
    assert isinstance(found["pair"][0][0], tuple)
    form = decode_form(made)
    # Rounding to whole numbers is written out, for whoever reads a lock without the component.
    assert form["wire"]["fields"]["values"] == [1, 3, 6, 8]
    again = decoder_from(form)
    assert decode_form(again) == form
    assert [s.grid.values for s in again.wire] == [s.grid.values for s in made.wire]


def test_a_default_written_as_a_whole_number_is_no_whole_parameter(
    flat: Make, register: Callable[[type[Any], str], None]
) -> None:
    @component
    class Whole(_Step):
        step: float = 4

    register(Whole, "local.whole")
    grid = {"path": "quantizer.step", "min": 4, "max": 5, "levels": 3}
    made = pipeline_from(document_of(flat(quantizer="local.whole", wire={"a": grid})))
    assert made.wire[0].grid.values == (4.0, 4.5, 5.0)
    assert full_form(made)["streams"]["image"]["stages"][1]["step"] == 4


def test_helpers() -> None:
    rich = Rich(step=1.0, inner=Uniform())
    assert [takes_whole(rich, name) for name in ("model_fields", "step", "pair", "inner.step")] == [
        True,
        False,
        False,
        False,
    ]
    assert coerced(rich, "sizes", [1, 2]) == (1, 2)
    assert coerced(rich, "sizes", "x") == "x"
    assert accepts_value(rich, "inner.step", 3) == ""
    assert "greater than or equal" in accepts_value(rich, "inner.step", 0)
    assert accepts_value(rich, "inner", "uniform") == "it is a component"
    assert accepts_value(rich, "model_fields", 99) == '"a component\'s own mistake"'
    assert (
        accepts_value(Rich(step=101.0), "mode", "best") == "mode 'best' wants a step of at most 100"
    )


def test_a_nested_component_of_an_earlier_format(
    flat: Make, register: Callable[[type[Any], str], None]
) -> None:
    @component(format=2, changed={1: {"step": 1.0}})
    class Grown(_Step):
        step: float = 2.0

    @component
    class Holder(_Step):
        inner: Quantizer = Grown()

    register(Grown, "local.grown")
    register(Holder, "local.holder")
    old = {"use": "local.holder", "inner": {"use": "local.grown@1"}}
    made = pipeline_from(document_of(flat(quantizer=old)))
    assert built(made).inner == of_format(Grown, 1)(step=1.0)
    assert decode_form(made)["streams"]["image"]["stages"][1] == {
        "use": "local.holder@1",
        "inner": {"use": "local.grown@1"},
    }
    # A default that is a component is written, or a later format of it would slip in unseen.
    plain = pipeline_from(document_of(flat(quantizer="local.holder")))
    assert decode_form(plain)["streams"]["image"]["stages"][1]["inner"] == {"use": "local.grown@2"}
    assert decode_digest(plain) != decode_digest(made)


def test_kinds_of_nested_components(flat: Make, register: Callable[[type[Any], str], None]) -> None:
    @component
    class Tuned(_Step):
        coder: EntropyCoder | None = None
        model: EntropyModel | None = None

    register(Tuned, "local.tuned")
    given = {"use": "local.tuned", "coder": "range", "model": {"use": "laplace", "scale": 2}}
    made = built(pipeline_from(document_of(flat(quantizer=given))))
    assert (made.coder.kind, made.model.scale) == ("coder", 2.0)
    with pytest.raises(SpecError, match="expected a coder, 'laplace' is a model"):
        pipeline_from(document_of(flat(quantizer={"use": "local.tuned", "coder": "laplace"})))
