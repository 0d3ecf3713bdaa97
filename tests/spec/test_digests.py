"""What changes a codec's identity, and what never does."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Annotated, Any

import pytest

from semcodec.contracts.kinds import Decoder, Port, Quantizer, SaliencySource, Transform
from semcodec.contracts.params import EncodeOnly, Gt, component
from semcodec.contracts.values import Image, Latent, Map, Symbols
from semcodec.contracts.weights import Weights
from semcodec.discovery import catalog
from semcodec.errors import GraphError, SpecError
from semcodec.graph.model import Pipeline
from semcodec.spec.load import decoder_from, document_of, pipeline_from
from semcodec.spec.lock import decode_digest, decode_form, full_digest, lock_text
from semcodec.spec.outline import outline
from semcodec.spec.text import parse

Make = Callable[..., dict[str, Any]]
Register = Callable[[type[Any], str], None]


class _Step(Quantizer):
    def quantize(self, x, guides, ctx):
        return x

    def dequantize(self, q, guides, ctx):
        return q


def load(spec: Any, **changes: Any) -> Pipeline:
    return pipeline_from(document_of(spec), **changes)


def digest(spec: Any, **changes: Any) -> str:
    return decode_digest(load(spec, **changes)).hex()


WIRE = {"path": "image.quantizer.step", "min": 4, "max": 128, "levels": 32}
BASE: dict[str, Any] = {
    "semcodec": 1,
    "name": "base",
    "inputs": {"caption": {"type": "text", "limit": 200}},
    "saliency": {"use": "centre"},
    "streams": {
        "map": {
            "from": "saliency",
            "stages": [{"use": "block-map"}],
            "model": {"use": "plane-context"},
            "coder": {"use": "range"},
        },
        "words": {
            "from": "caption",
            "stages": [{"use": "utf8"}],
            "model": {"use": "byte-context"},
            "coder": {"use": "range"},
        },
        "image": {
            "stages": [
                {"use": "dct"},
                {"use": "rehearsal.guided-step", "guides": {"saliency": "map"}},
            ],
            "model": {"use": "dct-context"},
            "coder": {"use": "range"},
        },
    },
    "derive": {"mask": {"use": "rehearsal.segment", "inputs": {"base": "image"}}},
    "decoder": {
        "use": "rehearsal.enhance",
        "inputs": {"base": "image", "mask": "mask", "caption": "words"},
    },
    "wire": {"step": WIRE},
    "encode": {"pool": {"path": "map.transform.pool", "values": ["max", "mean"]}},
    "controls": {"steps": {"path": "decoder.steps", "min": 1, "max": 50}},
}


def changed(path: str, value: Any) -> dict[str, Any]:
    spec = copy.deepcopy(BASE)
    holder: Any = spec
    *outer, last = path.split("/")
    for key in outer:
        holder = holder[int(key) if isinstance(holder, list) else key]
    if value is ...:
        del holder[last]
    else:
        holder[int(last) if isinstance(holder, list) else last] = value
    return spec


SAME = [
    ("name", "other"),
    ("name", ...),
    ("description", "words"),
    ("saliency", {"use": "everywhere"}),
    ("streams/map/stages/0", {"use": "block-map@1", "pool": "mean"}),
    ("streams/map/stages/0", {"use": "block-map", "block": 32, "levels": 4}),
    ("streams/image/from", "image"),
    ("streams/image/model", "dct-context"),
    ("streams/image/coder/guides", {}),
    ("streams/image/stages/1/step", 96),
    ("streams/image/stages/1/step", 24.0),
    ("decoder/steps", 20),
    ("output", "decoder"),
    ("inputs/unused", {"type": "labels"}),
    ("inputs/caption/classes", 3),
    ("seed", "payload"),
    ("check", False),
    ("encode", ...),
    ("encode/pool/values", ["mean", "max"]),
    ("encode/pool/bytes", "scan"),
    ("encode/pool/doc", "words"),
    ("wire/step/bytes", "decreasing"),
    ("wire/step/doc", "words"),
    ("wire/step/scale", "linear"),
    ("wire/step/min", 4.0),
    ("wire/step/path", "image.stages.1.step"),
    ("controls", ...),
    ("controls/steps/max", 10),
    ("controls/steps/doc", "words"),
    ("wire", {"step": {**WIRE, "bytes": "scan"}}),
]
OTHER = [
    ("streams/map/stages/0/levels", 2),
    ("streams/map/stages/0/block", 16),
    ("streams/image/stages/0/block", 16),
    ("streams/image/stages/1/beta", 2),
    ("streams/words/model/prior", "none"),
    ("decoder/steps", 21),
    ("decoder/inputs", {"base": "image", "mask": "mask"}),
    ("inputs/caption/limit", 100),
    ("inputs/caption", {"type": "text"}),
    ("seed", 0),
    ("seed", 1),
    ("check", True),
    ("wire", ...),
    ("wire/step/levels", 33),
    ("wire/step/max", 127),
    ("wire/step/scale", "log"),
    ("wire/other", {"path": "image.quantizer.beta", "values": [1, 2]}),
    ("wire", {"stride": WIRE}),
]


@pytest.mark.usefixtures("plugins")
class TestOneChange:
    @pytest.mark.parametrize(("path", "value"), SAME)
    def test_that_no_decoder_sees(self, path: str, value: Any) -> None:
        spec = changed(path, value)
        assert digest(spec) == digest(BASE)
        assert decode_form(load(spec)) == decode_form(load(BASE)) or path.startswith(
            ("name", "controls")
        )

    @pytest.mark.parametrize(("path", "value"), OTHER)
    def test_that_every_decoder_must_know(self, path: str, value: Any) -> None:
        spec = changed(path, value)
        if path == "decoder/inputs":
            del spec["streams"]["words"]
        assert digest(spec) != digest(BASE)

    def test_all_of_them_differ_from_one_another(self) -> None:
        plain = [(p, v) for p, v in OTHER if p != "decoder/inputs"]
        assert len({digest(changed(p, v)) for p, v in plain}) == len(plain)

    def test_the_full_digest_sees_everything_but_places(self) -> None:
        base = full_digest(load(BASE))
        for path, value in (
            ("description", "words"),
            ("saliency/width", 0.9),
            ("wire/step/doc", "x"),
        ):
            assert full_digest(load(changed(path, value))) != base


def test_an_optional_parameter_added_later_changes_nothing(flat: Make, register: Register) -> None:
    @component
    class First(_Step):
        step: float = 8.0

    @component
    class Second(_Step):
        step: float = 8.0
        shape: float = 1.0
        names: tuple[str, ...] = ()
        inner: Quantizer | None = None
        weights: Weights | None = None

    spec = flat(quantizer={"use": "local.grows", "step": 4})
    register(First, "local.grows")
    before, lock, form = digest(spec), lock_text(load(spec)), decode_form(load(spec))
    register(Second, "local.grows")
    assert digest(spec) == before
    assert decode_digest(pipeline_from(parse(lock))).hex() == before
    assert decode_form(decoder_from(form)) == form
    assert digest({**spec, "quantizer": {"use": "local.grows", "step": 4, "shape": 1}}) == before
    assert digest({**spec, "quantizer": {"use": "local.grows", "step": 4, "shape": 2}}) != before


def test_a_default_changed_under_a_new_format(flat: Make, register: Register) -> None:
    @component
    class First(_Step):
        step: Annotated[float, Gt(0)] = 8.0
        zone: float = 0.5

    @component(format=2, changed={1: {"step": 8.0}})
    class Second(_Step):
        step: Annotated[float, Gt(0)] = 16.0
        zone: float = 0.5

        def dequantize(self, q, guides, ctx):
            return q * self.step

    spec = flat(quantizer={"use": "local.changes"})
    register(First, "local.changes")
    before, lock, form = digest(spec), lock_text(load(spec)), decode_form(load(spec))
    register(Second, "local.changes")

    old = pipeline_from(parse(lock))
    assert decode_digest(old).hex() == before
    node = old.places["image.stages.1"]
    assert (node.label, node.component.step) == ("local.changes@1", 8.0)
    assert node.component.dequantize(2, {}, None) == 16.0
    assert decode_digest(decoder_from(form)).hex() == before
    assert decode_form(decoder_from(form)) == form
    assert decoder_from(form).places["image.stages.1"].component.step == 8.0
    assert digest(flat(quantizer={"use": "local.changes@1", "step": 8})) == before

    new = load(spec)
    assert (new.places["image.stages.1"].label, digest(spec) != before) == ("local.changes@2", True)
    assert new.places["image.stages.1"].component.step == 16.0
    assert digest(flat(quantizer={"use": "local.changes", "step": 8})) != before
    assert catalog().id_of(type(node.component)) == "local.changes"


def test_a_new_format_alone_is_another_codec(flat: Make, register: Register) -> None:
    @component
    class First(_Step):
        step: float = 8.0

    @component(format=2)
    class Second(_Step):
        step: float = 8.0

    spec = flat(quantizer="local.counts")
    register(First, "local.counts")
    before = digest(spec)
    register(Second, "local.counts")
    assert digest(spec) != before
    assert digest(flat(quantizer="local.counts@1")) == before


HASHES = ("11" * 32, "22" * 32)


def test_weights_count_by_hash_alone(flat: Make, register: Register) -> None:
    @component
    class Heavy(_Step):
        weights: Weights = Weights(uri="builtin:pkg/a", sha256=HASHES[0])
        many: tuple[Weights, ...] = ()

    register(Heavy, "local.heavy")

    def heavy(uri: str, sha256: str, many: Any = ()) -> dict[str, Any]:
        weights = {"uri": uri, "sha256": sha256}
        made: dict[str, Any] = flat(
            quantizer={"use": "local.heavy", "weights": weights, "many": list(many)}
        )
        return made

    base = digest(flat(quantizer="local.heavy"))
    assert digest(heavy("builtin:pkg/a", HASHES[0])) == base
    assert digest(heavy("file:elsewhere", HASHES[0])) == base
    assert digest(heavy("builtin:pkg/a", HASHES[1])) != base
    one = heavy("file:a", HASHES[0], [{"uri": "file:a", "sha256": HASHES[0]}])
    two = heavy("file:a", HASHES[0], [{"uri": "file:b", "sha256": HASHES[0]}])
    assert digest(one) == digest(two) != base
    full = full_digest(load(heavy("file:a", HASHES[0])))
    assert full == full_digest(load(heavy("file:b", HASHES[0])))
    assert full != full_digest(load(heavy("file:a", HASHES[1])))


def test_other_default_weights_in_a_later_release_are_not_taken_for_the_old_ones(
    flat: Make, register: Register
) -> None:
    @component
    class First(_Step):
        weights: Weights = Weights(uri="builtin:pkg/a", sha256=HASHES[0])

    @component
    class Retrained(_Step):
        weights: Weights = Weights(uri="builtin:pkg/a", sha256=HASHES[1])

    spec = flat(quantizer="local.trained")
    register(First, "local.trained")
    form, before = decode_form(load(spec)), digest(spec)
    register(Retrained, "local.trained")
    assert decoder_from(form).places["image.stages.1"].component.weights.sha256 == HASHES[0]
    assert decode_digest(decoder_from(form)).hex() == before
    assert digest(spec) != before


def test_parameters_may_be_called_as_keys_of_a_spec_are(flat: Make, register: Register) -> None:
    @component
    class Named(_Step):
        name: str = "a"
        controls: int = 0
        seed: int = 0
        description: str = ""

    register(Named, "local.named")
    specs = [
        flat(quantizer={"use": "local.named", **given})
        for given in ({}, {"name": "b"}, {"controls": 1}, {"seed": 1}, {"description": "x"})
    ]
    assert len({digest(spec) for spec in specs}) == 5


def test_inside_a_nested_component_the_encoders_parameters_do_not_count(
    flat: Make, register: Register
) -> None:
    @component
    class Inner(_Step):
        scale: float = 1.0
        zone: EncodeOnly[float] = 0.5

    @component
    class Outer(_Step):
        inner: Quantizer = Inner()
        search: EncodeOnly[Quantizer | None] = None

    register(Inner, "local.inner")
    register(Outer, "local.outer")

    def outer(**given: Any) -> dict[str, Any]:
        made: dict[str, Any] = flat(quantizer={"use": "local.outer", **given})
        return made

    base = digest(outer())
    assert digest(outer(inner="local.inner")) == base
    assert digest(outer(inner={"use": "local.inner", "zone": 0.1})) == base
    assert digest(outer(search={"use": "local.inner", "scale": 5})) == base
    assert digest(outer(inner={"use": "local.inner", "scale": 2})) != base

    def moved(scale: float) -> dict[str, Any]:
        inner = {"use": "local.inner", "scale": scale}
        return {
            **outer(inner=inner),
            "wire": {"scale": {"path": "quantizer.inner.scale", "values": [1, 2, 3]}},
            "encode": {"zone": {"path": "quantizer.inner.zone", "values": [0.4, 0.5]}},
        }

    assert digest(moved(1)) == digest(moved(3))
    form = decode_form(load(moved(3)))
    assert form["streams"]["image"]["stages"][1]["inner"] == {"use": "local.inner@1"}
    assert decoder_from(form).wire[0].target.name == "inner.scale"
    assert decode_form(decoder_from(form)) == form


def test_a_moved_parameter_whose_default_is_off_the_grid(flat: Make, register: Register) -> None:
    wire = {"step": {"path": "quantizer.step", "min": 20, "max": 40, "levels": 5}}
    specs = [flat(quantizer={"use": "uniform", "step": step}, wire=wire) for step in (20, 31, 40)]
    assert len({digest(spec) for spec in specs}) == 1
    form = decode_form(load(specs[1]))
    assert decoder_from(form).wire[0].default == 0
    assert decode_form(decoder_from(form)) == form

    @component
    class Needed(_Step):
        step: float

    register(Needed, "local.needed")
    spec = flat(quantizer={"use": "local.needed", "step": 30}, wire=wire)
    form = decode_form(load(spec))
    assert decode_form(decoder_from(form)) == form


def test_a_seed_on_the_wire_is_no_constant(flat: Make) -> None:
    wire = {"seed": {"path": "seed", "min": 0, "max": 255, "levels": 256}}
    made = load(flat(seed=7, wire=wire))
    assert made.wire[0].grid.values[:3] == (0, 1, 2)
    assert made.wire[0].default == 7
    assert digest(flat(seed=7, wire=wire)) == digest(flat(seed=8, wire=wire))
    assert digest(flat(wire=wire)) == digest(flat(seed=8, wire=wire))
    form = decode_form(made)
    assert decode_form(decoder_from(form)) == form
    assert outline(form).wire["seed"].values == made.wire[0].grid.values


def test_true_is_not_one(flat: Make, register: Register) -> None:
    @component
    class Either(_Step):
        mode: bool | int = 1

    register(Either, "local.either")
    made = [digest(flat(quantizer={"use": "local.either", "mode": mode})) for mode in (1, True)]
    assert made[0] != made[1]


class TestEncodeOnlyStages:
    """A pre-filter is the encoder's own: files decode without it, settings stay where they are."""

    @pytest.fixture(autouse=True)
    def filters(self, register: Register) -> None:
        @component
        class Smooth(Transform):
            """A pre-filter."""

            consumes = Image
            produces = Image
            encode_only = True
            ports = {"where": Port(Map, optional=True)}  # noqa: RUF012
            strength: float = 1.0

            def forward(self, value, guides, ctx):
                return value

        @component
        class Thin(Transform):
            """One inside the latent."""

            consumes = Latent
            produces = Latent
            encode_only = True

            def forward(self, value, guides, ctx):
                return value

        register(Smooth, "local.smooth")
        register(Thin, "local.thin")

    def spec(self, *before: Any, between: tuple[Any, ...] = ()) -> dict[str, Any]:
        stages = [*before, {"use": "dct"}, *between, {"use": "uniform", "step": 24}]
        return {
            "semcodec": 1,
            "saliency": {"use": "centre"},
            "streams": {
                "image": {"stages": stages, "model": "dct-context", "coder": "range"},
            },
            "wire": {"step": {"path": "image.quantizer.step", "values": [8, 16, 24]}},
        }

    def test_they_do_not_count(self) -> None:
        plain = self.spec()
        filtered = self.spec({"use": "local.smooth"}, between=("local.thin",))
        stronger = self.spec({"use": "local.smooth", "strength": 2}, "local.smooth")
        guided = self.spec({"use": "local.smooth", "guides": {"where": "source.saliency"}})
        made = {digest(spec) for spec in (plain, filtered, stronger, guided)}
        assert made == {digest(plain)}
        assert full_digest(load(filtered)) != full_digest(load(plain))

    def test_addresses_hold_without_them(self) -> None:
        made = load(self.spec({"use": "local.smooth"}, between=("local.thin",)))
        assert made.wire[0].target.node == "image.stages.1"
        assert [n.path for n in made.streams["image"].stages] == [
            "image.stages.filter-0",
            "image.stages.0",
            "image.stages.filter-2",
            "image.stages.1",
        ]
        form = decode_form(made)
        assert form["wire"]["step"]["path"] == "image.stages.1.step"
        decoder = decoder_from(form)
        assert decoder.wire[0].target == made.wire[0].target
        assert decode_form(decoder) == form
        assert decode_digest(pipeline_from(parse(lock_text(made)))) == decode_digest(made)

    def test_addresses_through_a_stage_that_holds_a_pipeline(self) -> None:
        spec = {
            "semcodec": 1,
            "streams": {
                "image": {
                    "stages": [
                        "local.smooth",
                        "local.smooth",
                        {"use": "pipeline", "of": self.spec("local.smooth")},
                    ]
                }
            },
            "wire": {
                "outer": {"path": "image.stages.2.of.image.stages.1.block", "values": [8, 16]}
            },
        }
        made = load(spec)
        assert {s.name: s.target.node for s in made.wire} == {
            "outer": "image/image.stages.0",
            "image/step": "image/image.stages.1",
        }
        form = decode_form(made)
        assert form["wire"]["outer"]["path"] == "image.stages.0.of.image.stages.0.block"
        assert decode_form(decoder_from(form)) == form
        assert [s.target for s in decoder_from(form).wire] == [s.target for s in made.wire]
        assert lock_text(pipeline_from(parse(lock_text(made)))) == lock_text(made)

    def test_files_decode_with_and_without_them(self, photograph: Any) -> None:
        import semcodec

        picture = photograph[:24, :40]
        data = semcodec.load(self.spec({"use": "local.smooth"}, between=("local.thin",))).encode(
            picture
        )
        plain = semcodec.load(self.spec())
        assert plain.encode(picture) == data
        assert (semcodec.decode(data) == plain.decode(data)).all()

    def test_wire_settings_of_theirs_are_refused(self) -> None:
        spec = self.spec({"use": "local.smooth"})
        spec["wire"]["strength"] = {"path": "image.stages.0.strength", "values": [1, 2]}
        with pytest.raises(SpecError, match="the decoder never needs this parameter"):
            load(spec)
        spec["encode"] = {"strength": spec["wire"].pop("strength")}
        assert load(spec).encode[0].target.node == "image.stages.filter-0"


def test_derived_values_of_the_encoder_alone_do_not_count(register: Register) -> None:
    @component
    class Predict(Decoder):
        ports = {"base": Port(Symbols, exact=False)}  # noqa: RUF012
        produces = Map
        level: float = 1.0

        def decode(self, inputs, ctx):
            return inputs["base"]

    @component
    class Careful(Transform):
        produces = Latent
        ports = {"hint": Port(Map, needed_by="encode")}  # noqa: RUF012

        def layout(self, shape, guides, ctx):
            return Latent(shape.shape)

        def forward(self, value, guides, ctx):
            return value

        def inverse(self, value, guides, ctx):
            return value

    register(Predict, "local.predict")
    register(Careful, "local.careful")
    coded = {"model": "laplace", "coder": "range"}
    spec: dict[str, Any] = {
        "semcodec": 1,
        "inputs": {"a": "labels"},
        "streams": {
            "a": {"from": "a", **coded},
            "image": {
                "stages": [{"use": "local.careful", "guides": {"hint": "guess"}}, "uniform"],
                **coded,
            },
            "b": {"from": "a", **coded},
        },
        "derive": {"guess": {"use": "local.predict", "inputs": {"base": "a"}}},
    }
    with pytest.raises(GraphError) as caught:
        load(spec)
    # Streams must serve the decoder; a derived value may serve the encoder alone.
    assert [p.path for p in caught.value.problems] == ["streams.a", "streams.b"]
    del spec["streams"]["b"]
    spec["wire"] = {"level": {"path": "derive.guess.level", "values": [1, 2]}}
    with pytest.raises(GraphError, match="the decoder never needs this parameter"):
        load(spec)


@pytest.mark.usefixtures("rehearsals")
def test_sources_of_saliency_that_derive_do_count(flat: Make, register: Register) -> None:
    @component
    class Bright(SaliencySource):
        determinism = "bitexact"
        level: float = 1.0

        def saliency(self, image, guides, ctx):
            return image

    register(Bright, "local.bright")

    def spec(level: float) -> dict[str, Any]:
        coded = {"model": "laplace", "coder": "range"}
        return {
            "semcodec": 1,
            "streams": {
                "base": {"stages": ["dct", "uniform"], **coded},
                "image": {
                    "stages": [
                        "dct",
                        {"use": "rehearsal.guided-step", "guides": {"saliency": "where"}},
                    ],
                    **coded,
                },
            },
            "derive": {
                "where": {"use": "local.bright", "level": level, "inputs": {"image": "base"}}
            },
        }

    form = decode_form(load(spec(1)))
    assert form["derive"] == {"where": {"use": "local.bright@1", "inputs": {"image": "base"}}}
    assert decode_form(decoder_from(form)) == form
    assert digest(spec(1)) != digest(spec(2))
