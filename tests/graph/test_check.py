"""Every rule of the graph, broken by the smallest spec that does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from semcodec.errors import Problem, SpecError
from semcodec.graph.determinism import classes
from semcodec.graph.model import Pipeline

Load = Callable[..., Pipeline]
Refused = Callable[[Any], tuple[Problem, ...]]
CODED = {"model": "laplace", "coder": "range"}


def coded(*stages: Any, **more: Any) -> dict[str, Any]:
    return {"stages": list(stages), **CODED, **more}


def spec(saliency: Any = None, derive: Any = None, decoder: Any = None, **more: Any) -> Any:
    """Make a spec; what is no key of one is a stream."""
    keys = ("wire", "encode", "controls", "seed", "check", "output", "inputs")
    made = {"semcodec": 1, "streams": {k: v for k, v in more.items() if k not in keys}}
    made.update({k: v for k, v in more.items() if k in keys})
    extra = {"saliency": saliency, "derive": derive, "decoder": decoder}
    return {**made, **{k: v for k, v in extra.items() if v}}


def use(name: str, **given: Any) -> dict[str, Any]:
    guides = {k: given.pop(k) for k in list(given) if k in ("guides", "inputs")}
    return {"use": name, **given, **guides}


PLAIN = coded("dct", "uniform")
MAP = {"from": "saliency", **coded("block-map")}
GUIDED = coded("dct", use("rehearsal.guided-step", guides={"saliency": "map"}))

RULES: dict[str, tuple[Any, str, str]] = {
    # types along a chain
    "a stage takes another type": (
        spec(image=coded("uniform")),
        "streams.image.stages.0",
        "'uniform' takes latent, gets image",
    ),
    "two quantizers": (
        spec(image=coded("dct", "uniform", "uniform")),
        "streams.image.stages.2",
        "a stream has at most one quantizer",
    ),
    "symbols that nothing codes": (
        spec(image={"stages": ["dct", "uniform"]}),
        "streams.image",
        "ends in symbols that nothing codes",
    ),
    "a latent that nothing codes": (
        spec(image={"stages": ["dct"]}),
        "streams.image",
        "ends in latent that nothing codes",
    ),
    "a stream of nothing": (spec(image={}), "streams.image", "ends in image that nothing codes"),
    "a model without a quantizer": (
        spec(image=coded("dct")),
        "streams.image.model",
        "'laplace' takes symbols, gets latent",
    ),
    "a coder without a model": (
        spec(image={"stages": ["dct", "uniform"], "coder": "range"}),
        "streams.image",
        "a coded stream has both 'model' and 'coder'; 'model' is missing",
    ),
    "a model without a coder": (
        spec(image={"stages": ["dct", "uniform"], "model": "laplace"}),
        "streams.image",
        "'coder' is missing",
    ),
    "a nested pipeline on a latent": (
        spec(image={"stages": ["dct", use("pipeline", of="flat-dct")]}),
        "streams.image",
        "a nested pipeline takes a picture, gets latent",
    ),
    "a model for a blob": (
        spec(image=coded("local.opaque")),
        "streams.image.model",
        "'laplace' takes symbols, gets blob",
    ),
    "a shift without scale tables": (
        spec(image={**coded("dct", "local.shifting"), "model": "local.unmoved"}),
        "streams.image.model",
        "'local.shifting' shifts table indexes, 'local.unmoved' has no scale tables",
    ),
    "an encode-only stage that changes the type": (
        spec(image=coded("local.narrow", "uniform")),
        "streams.image.stages.0",
        "is encode-only and must keep its value's type",
    ),
    "an encode-only stage with a layout": (
        spec(image=coded("local.shaped", "dct", "uniform")),
        "streams.image.stages.0",
        "is encode-only and must keep its value's type and layout",
    ),
    # ports
    "a port left open": (
        spec(image=coded("dct", "rehearsal.guided-step")),
        "streams.image.stages.1",
        "port 'saliency' of 'rehearsal.guided-step' is not connected",
    ),
    "a decoder's port left open": (
        spec(image=PLAIN, decoder="rehearsal.paint"),
        "decoder",
        "port 'embedding' of 'rehearsal.paint' is not connected",
    ),
    "a guide of another type": (
        spec(a=PLAIN, image=coded("dct", use("rehearsal.guided-step", guides={"saliency": "a"}))),
        "streams.image.stages.1.guides.saliency",
        "port 'saliency' of 'rehearsal.guided-step' takes map, 'a' is image",
    ),
    "a raw guide of another type": (
        spec(
            image=coded(
                use("local.prefilter", guides={"where": "source.image"}), "dct", "uniform"
            )
        ),
        "streams.image.stages.0.guides.where",
        "takes map, '@image' is image",
    ),
    # what the decoder cannot have
    "a raw guide at the decoder": (
        spec(
            saliency="centre",
            image=coded(
                "dct", use("rehearsal.guided-step", guides={"saliency": "source.saliency"})
            ),
        ),
        "streams.image",
        "needs the raw value 'source.saliency' at the decoder, which only the encoder has",
    ),
    "the picture itself at the decoder": (
        spec(image=PLAIN, decoder=use("local.free", inputs={"base": "source.image"})),
        "decoder",
        "needs the raw value 'source.image' at the decoder",
    ),
    "a cycle of streams": (
        spec(
            a=coded("dct", use("rehearsal.guided-step", guides={"saliency": "b"})),
            b=coded("dct", use("rehearsal.guided-step", guides={"saliency": "c"})),
            c=coded("dct", use("rehearsal.guided-step", guides={"saliency": "b"})),
            image=PLAIN,
        ),
        "streams.b",
        "a cycle: b, c need one another before they can be decoded",
    ),
    "a stream that guides itself": (
        spec(image=coded("dct", use("rehearsal.guided-step", guides={"saliency": "image"}))),
        "streams.image",
        "a cycle: image need one another",
    ),
    "a cycle through a derived value": (
        spec(
            image=coded(use("rehearsal.residual", guides={"prediction": "guess"}), "uniform"),
            derive={"guess": use("rehearsal.enlarge", inputs={"small": "image"})},
        ),
        "derive.guess",
        "a cycle: guess, image need one another",
    ),
    "an encoder's guide that is decoded later": (
        spec(
            a=coded("dct", use("local.hinted", guides={"hint": "z"}), "uniform"),
            z=coded("rehearsal.colours", "uniform"),
            decoder=use("rehearsal.paint", inputs={"embedding": "z", "colours": "z"}),
            output="a",
        ),
        "streams.a.stages.1.guides.hint",
        "'z' is decoded after 'a', so the encoder has no such value yet",
    ),
    "a saliency source that looks at what is coded later": (
        spec(
            saliency=use("local.looking", guides={"base": "z"}),
            a={"from": "saliency", **coded("block-map")},
            z=PLAIN,
            output="z",
        ),
        "saliency.guides.base",
        "'z' is decoded after 'a'",
    ),
    "a filter before a nested pipeline that waits for what comes after it": (
        spec(
            image={
                "stages": [
                    use("local.prefilter", guides={"where": "y"}),
                    use("pipeline", of="flat-dct"),
                ]
            },
            y={"from": "saliency", **coded("block-map")},
            saliency="centre",
            output="image",
        ),
        "streams.image.stages.0.guides.where",
        "'y' is decoded after 'image/image'",
    ),
    # what the picture is and what it is made of
    "no picture": (
        spec(image=coded("rehearsal.embed", "uniform")),
        "output",
        "expected a picture, 'image' decodes to latent",
    ),
    "an unused stream": (
        spec(saliency="centre", map=MAP, image=PLAIN),
        "streams.map",
        "is coded, but nothing that the decoder makes uses it",
    ),
    "an unused derived value": (
        spec(image=PLAIN, derive={"mask": use("rehearsal.segment", inputs={"base": "image"})},
             output="image"),
        "derive.mask",
        "is derived, but nothing uses it",
    ),
    # determinism
    "a float quantizer": (
        spec(image=coded("dct", "local.float-step")),
        "streams.image.stages.1",
        "'local.float-step' is stable; what reads bits must be bitexact",
    ),
    "a float coder": (
        spec(image={**PLAIN, "coder": "local.float-coder"}),
        "streams.image.coder",
        "'local.float-coder' is stable; what reads bits must be bitexact",
    ),
    "a float model without the check byte": (
        spec(image={**PLAIN, "model": "local.float-model"}),
        "streams.image.model",
        "'local.float-model' is stable; what reads bits must be bitexact",
    ),
    "a seeded model even with it": (
        spec(image={**PLAIN, "model": "local.seeded-model"}, check=True),
        "streams.image.model",
        "'local.seeded-model' is seeded; what reads bits must be bitexact",
    ),
    "a float value into a layout": (
        spec(
            base={"stages": ["local.opaque"]},
            image=coded("dct", use("rehearsal.guided-step", guides={"saliency": "mask"})),
            derive={"mask": use("local.stable", inputs={"base": "base"})},
            output="image",
        ),
        "streams.image.stages.1.guides.saliency",
        "'mask' is stable, but 'rehearsal.guided-step' lets 'saliency' steer how bits are read",
    ),
    "a float value into a layout by an exact step": (
        spec(
            base={"stages": ["local.opaque"]},
            image=coded("dct", use("rehearsal.guided-step", guides={"saliency": "mask"})),
            derive={"mask": use("local.to-map", inputs={"base": "base"})},
            output="image",
        ),
        "streams.image.stages.1.guides.saliency",
        "'mask' is stable",
    ),
    "float means into an index": (
        spec(
            a={**coded("dct", "local.features", "uniform")},
            image={**PLAIN, "model": use("local.hyper", guides={"hyper": "lat"})},
            lat=coded("rehearsal.embed", "local.features", "uniform"),
            decoder=None,
            output="image",
        ),
        "streams.image.model.guides.hyper",
        "'lat' is stable",
    ),
    "an unseeded generator in the closed loop": (
        spec(
            base=coded("rehearsal.embed", "uniform"),
            image=coded("dct", use("local.guided", guides={"picture": "made"}), "uniform"),
            derive={"made": use("local.seeded", inputs={"base": "base"})},
            output="image",
        ),
        "derive.made",
        "is seeded, but the encoder codes the rest against it",
    ),
    "a free value in the closed loop": (
        spec(
            base=PLAIN,
            image=coded("dct", use("local.guided", guides={"picture": "made"}), "uniform"),
            derive={"made": use("local.free", inputs={"base": "base"})},
            output="image",
            seed=1,
        ),
        "derive.made",
        "is free, but the encoder codes the rest against it",
    ),
    # settings
    "an encoder's parameter on the wire": (
        spec(image=PLAIN, wire={"r": {"path": "quantizer.rounding", "values": [0.36, 0.5]}}),
        "wire.r",
        "the decoder never needs this parameter",
    ),
    "the saliency source on the wire": (
        spec(saliency="centre", map=MAP, image=GUIDED,
             wire={"w": {"path": "saliency.width", "values": [0.25, 0.5]}}),
        "wire.w",
        "the decoder never needs this parameter",
    ),
    "a decoder's parameter for the encoder": (
        spec(image=PLAIN, encode={"s": {"path": "quantizer.step", "values": [8, 16]}}),
        "encode.s",
        "the decoder needs this parameter",
    ),
    "the seed for the encoder": (
        spec(image=PLAIN, encode={"s": {"path": "seed", "values": [8, 16]}}),
        "encode.s",
        "the decoder needs this parameter",
    ),
    "two settings on one parameter": (
        spec(image=PLAIN, wire={
            "a": {"path": "quantizer.step", "values": [8, 16]},
            "b": {"path": "image.stages.1.step", "values": [16, 32]},
        }),
        "wire.b",
        "moves the same parameter as 'a'",
    ),
    "a value that the component refuses": (
        spec(image=PLAIN, wire={"a": {"path": "quantizer.step", "values": [16, 0]}}),
        "wire.a",
        "'uniform' refuses step = 0",
    ),
    "a range that the component refuses": (
        spec(image=PLAIN, wire={"a": {"path": "quantizer.step", "min": 0, "max": 16, "levels": 3}}),
        "wire.a",
        "'uniform' refuses step = 0.0: ",
    ),
    "a seed that is none": (
        spec(image=PLAIN, wire={"a": {"path": "seed", "values": [1, "x"]}}),
        "wire.a",
        "a seed must be a whole number of at least 0, got 'x'",
    ),
    # controls
    "a control on what reads bits": (
        spec(image=PLAIN, controls={"a": {"path": "quantizer.step"}}),
        "controls.a",
        "'image.stages.1' steers how bits are read or what the encoder assumed",
    ),
    "a control on a transform with a layout": (
        spec(image=PLAIN, controls={"a": {"path": "transform.block"}}),
        "controls.a",
        "'image.stages.0' steers how bits are read",
    ),
    "a control in the closed loop": (
        spec(
            base=coded("rehearsal.embed", "uniform"),
            image=coded("dct", use("local.guided", guides={"picture": "made"}), "uniform"),
            derive={"made": use("local.seeded", inputs={"base": "base"})},
            controls={"a": {"path": "derive.made.grain"}},
            output="image",
            seed=1,
        ),
        "controls.a",
        "'derive.made' steers how bits are read or what the encoder assumed",
    ),
    "a control on a seed that the encoder assumed": (
        spec(
            base=coded("rehearsal.embed", "uniform"),
            image=coded("dct", use("local.guided", guides={"picture": "made"}), "uniform"),
            derive={"made": use("local.seeded", inputs={"base": "base"})},
            controls={"a": {"path": "seed"}},
            output="image",
            seed=1,
        ),
        "controls.a",
        "the encoder assumed values that the seed shapes",
    ),
    "a control on an encoder's parameter": (
        spec(
            image=coded("dct", "local.features", "uniform"),
            controls={"a": {"path": "image.stages.1.effort"}},
        ),
        "controls.a",
        "the decoder never needs this parameter",
    ),
    "a control on what the wire moves": (
        spec(
            base=coded("rehearsal.embed", "uniform"),
            decoder=use("rehearsal.paint", inputs={"embedding": "base", "colours": "base"}),
            wire={"r": {"path": "decoder.realism", "values": [0, 0.5]}},
            controls={"a": {"path": "decoder.realism", "min": 0}},
        ),
        "controls.a",
        "moves the same parameter as the setting 'r'",
    ),
    "a control beyond what the component takes": (
        spec(
            base=coded("rehearsal.embed", "uniform"),
            decoder=use("rehearsal.paint", inputs={"embedding": "base", "colours": "base"}),
            controls={"a": {"path": "decoder.realism", "min": 0, "max": 2}},
        ),
        "controls.a",
        "realism = 2 is refused",
    ),
}  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_a_broken_rule_is_reported_in_place(refused: Refused, rule: str) -> None:
    broken, path, words = RULES[rule]
    found = [(p.path, p.message) for p in refused(broken)]
    assert [m for p, m in found if p == path and words in m], found


SETTINGS: dict[str, tuple[Any, str, str]] = {
    "off the grid": (
        spec(image=PLAIN, wire={"a": {"path": "quantizer.step", "values": [8, 12]}}),
        "wire.a",
        "the spec's own value is off the grid: expected a value from 8 to 12, got 16",
    ),
    "not in the list": (
        spec(
            words={"from": "caption", **coded("utf8"), "model": "byte-context"},
            image=PLAIN,
            inputs={"caption": "text"},
            wire={"a": {"path": "words.model.prior", "values": ["none", "latin"]}},
        ),
        "wire.a",
        "off the grid: expected one of 'none', 'latin', got 'english'",
    ),
    "no parameter": (
        spec(image=PLAIN, wire={"a": {"path": "quantizer.stpe", "values": [8, 12]}}),
        "wire.a.path",
        "'uniform' has no parameter 'stpe'",
    ),
    "a component": (
        spec(image=PLAIN, wire={"a": {"path": "quantizer", "values": [8, 12]}}),
        "wire.a.path",
        "'quantizer' is no parameter of a component",
    ),
    "a pipeline as a stage": (
        spec(
            image={"stages": [use("pipeline", of="flat-dct")]},
            wire={"a": {"path": "image.stages.0.step", "values": [8, 16]}},
        ),
        "wire.a.path",
        "'image.stages.0.step' is no parameter of a component",
    ),
    "a seed inside": (
        spec(
            image={"stages": [use("pipeline", of="flat-dct")]},
            wire={"a": {"path": "image.stages.0.of.seed", "values": [8, 16]}},
        ),
        "wire.a.path",
        "the seed belongs to the outermost pipeline",
    ),
    "a top-level key": (
        spec(image=PLAIN, wire={"a": {"path": "check", "values": [True, False]}}),
        "wire.a.path",
        "'check' is no parameter of a component",
    ),
    "too many values": (
        spec(image=PLAIN, wire={
            name: {"path": "quantizer.step", "min": 1, "max": 64, "levels": 65536} for name in "abc"
        }),
        "wire.c",
        "expected at most 131072 values of all settings together",
    ),
    "values that rounding makes equal": (
        spec(image=PLAIN, wire={"a": {"path": "quantizer.step", "min": 16, "max": 16.0001,
                                      "levels": 64}}),
        "wire.a",
        "expected 64 different values, its range holds 2",
    ),
    "whole values that rounding makes equal": (
        spec(
            image=PLAIN,
            wire={"a": {"path": "transform.block", "min": 8, "max": 10, "levels": 8}},
        ),
        "wire.a",
        "expected 8 different values, its range holds 3",
    ),
    "a name that is taken": (
        spec(image=PLAIN, derive={"image": use("rehearsal.segment", inputs={"base": "image"})}),
        "derive.image",
        "the name 'image' is taken",
    ),
    "a name that is the decoder's": (
        spec(image=PLAIN, derive={"decoder": use("rehearsal.segment", inputs={"base": "image"})}),
        "derive.decoder",
        "the name 'decoder' is taken",
    ),
    "an input that is there already": (
        spec(image=PLAIN, inputs={"image": "map"}),
        "inputs.image",
        "the name 'image' is taken",
    ),
    "an unknown source": (
        spec(image={**PLAIN, "from": "imgae"}),
        "streams.image.from",
        "unknown source 'imgae'",
    ),
    "saliency without a source of it": (
        spec(map=MAP, image=GUIDED),
        "streams.map.from",
        "the spec has no saliency source",
    ),
    "saliency that guides itself": (
        spec(
            saliency=use("local.looking", guides={"more": "source.saliency"}),
            map=MAP,
            image=GUIDED,
        ),
        "saliency.guides.more",
        "the saliency source cannot guide itself",
    ),
    "an unknown value": (
        spec(image=coded("dct", use("rehearsal.guided-step", guides={"saliency": "mpa"})),
             saliency="centre", map=MAP),
        "streams.image.stages.1.guides.saliency",
        "unknown value 'mpa'",
    ),
    "an unknown port": (
        spec(image=coded("dct", use("uniform", guides={"where": "image"}))),
        "streams.image.stages.1.guides.where",
        "no port 'where'",
    ),
    "guides of a decoder": (
        spec(image=PLAIN, decoder=use("local.free", guides={"base": "image"})),
        "decoder.guides",
        "a decoder takes 'inputs' here",
    ),
    "an output that is none": (
        spec(image=PLAIN, output="imgae"),
        "output",
        "no decoded value is called 'imgae'",
    ),
    "a raw output": (
        spec(image=PLAIN, output="source.image"),
        "output",
        "no decoded value is called 'source.image'",
    ),
    "several streams and no output": (
        spec(a=PLAIN, b=PLAIN),
        "output",
        "no decoded value is called 'image'",
    ),
    "a slot of another kind": (
        spec(image=coded("range", "uniform")),
        "streams.image.stages.0.use",
        "expected a transform or quantizer, 'range' is a coder",
    ),
    "a metric as a stage": (
        spec(image=coded("psnr")),
        "streams.image.stages.0.use",
        "'psnr' is a metric",
    ),
    "a plugin that is not installed": (
        spec(image=coded("diffusion.paint")),
        "streams.image.stages.0.use",
        "no installed distribution provides the component 'diffusion.paint'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("rule", SETTINGS)
def test_names_that_lead_nowhere(load: Load, rule: str) -> None:
    broken, path, words = SETTINGS[rule]
    with pytest.raises(SpecError) as caught:
        load(broken)
    found = [(p.path, p.message) for p in caught.value.problems]
    assert [m for p, m in found if p == path and words in m], found


def test_what_is_allowed_after_all(load: Load) -> None:
    checked = load(spec(image={**PLAIN, "model": "local.float-model"}, check=True))
    assert classes(checked)["image"] == "stable"
    seeded = spec(
        base=coded("rehearsal.embed", "uniform"),
        image=coded("dct", use("local.guided", guides={"picture": "made"}), "uniform"),
        derive={"made": use("local.seeded", inputs={"base": "base"})},
        output="image",
    )
    assert classes(load({**seeded, "seed": 1}))["image"] == "seeded"
    wire = {"seed": {"path": "seed", "min": 0, "max": 255, "levels": 256}}
    assert load({**seeded, "wire": wire}).order == ("base", "made", "image")
    moved = load(
        spec(
            image=coded("dct", "local.features", "uniform"),
            controls={"a": {"path": "image.stages.1.gain", "min": 0, "max": 2}},
        )
    )
    assert moved.controls[0].target.name == "gain"
    raw = spec(
        saliency=use("local.looking", guides={"base": "source.image"}),
        map=MAP,
        image=coded(
            use("local.prefilter", guides={"where": "source.saliency"}),
            "dct",
            use("rehearsal.guided-step", guides={"saliency": "map"}),
        ),
    )
    assert load(raw).order == ("map", "image")


def test_means_may_be_floats_but_make_the_value_one(load: Load) -> None:
    made = load(
        spec(
            hyper=coded("rehearsal.embed", "local.features", "uniform"),
            image={**PLAIN, "model": use("local.means", guides={"hyper": "hyper"})},
            output="image",
        )
    )
    found = classes(made)
    assert (found["hyper"], found["image"]) == ("stable", "stable")


def test_several_problems_at_once(refused: Refused) -> None:
    broken = spec(a=coded("uniform"), b=coded("dct"), c={"stages": ["dct", "uniform"]})
    assert [p.path for p in refused({**broken, "output": "a"})] == [
        "streams.a.stages.0",
        "streams.b.model",
        "streams.c",
    ]
