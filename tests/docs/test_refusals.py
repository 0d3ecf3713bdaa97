"""Every message in the table of composing.md is one that a spec here really gets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import semcodec
from semcodec import EntropyModel, Map, Port, Quantizer, component
from semcodec.errors import GraphError, SpecError
from semcodec.spec.text import parse

PAGE = Path(__file__).resolve().parents[2] / "docs" / "composing.md"


@component
class Peeking(Quantizer):
    """Lets its encoder look at a map that the decoder need not have."""

    ports = {"hint": Port(Map, needed_by="encode")}  # noqa: RUF012

    def quantize(self, x: Any, guides: Any, ctx: Any) -> Any:
        raise AssertionError("only the graph is looked at")

    dequantize = quantize


@component
class Unmoved(EntropyModel):
    """Has one table, which nothing can shift."""

    def passes(self, symbols: Any, guides: Any, ctx: Any) -> Any:
        raise AssertionError("only the graph is looked at")


CODED = "model: dct-context, coder: range"
MAP = "map: {from: saliency, stages: [block-map], model: plane-context, coder: range}"
FLAT = "transform: dct\nquantizer: uniform\nmodel: dct-context\ncoder: range\n"
GUIDED = "{use: rehearsal.guided-step, guides: {saliency: %s}}"
PAINT = """
  embedding: {stages: [rehearsal.embed, uniform], model: laplace, coder: range}
  colours: {stages: [rehearsal.colours, uniform], model: laplace, coder: range}
"""

REFUSED = {
    "'dct-context' takes symbols, gets latent": "transform: dct\nmodel: dct-context\ncoder: range",
    "ends in symbols that nothing codes": "transform: dct\nquantizer: uniform",
    "a coded stream has both 'model' and 'coder'; 'coder' is missing": (
        "transform: dct\nquantizer: uniform\nmodel: dct-context"
    ),
    "a stream has at most one quantizer": (
        f"streams: {{image: {{stages: [dct, uniform, uniform], {CODED}}}}}"
    ),
    "a nested pipeline codes itself; drop 'model' and 'coder'": (
        f"streams: {{image: {{stages: [{{use: pipeline, of: flat-dct}}], {CODED}}}}}"
    ),
    "a pipeline as a stage must be the last one": (
        f"streams: {{image: {{stages: [{{use: pipeline, of: flat-dct}}, uniform], {CODED}}}}}"
    ),
    "a nested pipeline cannot ask for inputs beside its picture": (
        "streams: {image: {stages: [{use: pipeline, of: decoder-masks}]}}"
    ),
    "port 'saliency' of 'rehearsal.guided-step' is not connected": (
        f"streams: {{image: {{stages: [dct, rehearsal.guided-step], {CODED}}}}}"
    ),
    "port 'saliency' of 'rehearsal.guided-step' takes map, 'small' is image": (
        "streams:\n"
        "  small: {stages: [rehearsal.shrink, {use: pipeline, of: flat-dct}]}\n"
        f"  image: {{stages: [dct, {GUIDED % 'small'}], {CODED}}}"
    ),
    "needs the raw value 'source.saliency' at the decoder": (
        "saliency: centre\n"
        f"streams: {{image: {{stages: [dct, {GUIDED % 'source.saliency'}], {CODED}}}}}"
    ),
    "is decoded after 'first', so the encoder has no such value yet": (
        "saliency: centre\nstreams:\n"
        f"  {MAP}\n"
        "  first: {stages: [dct, {use: local.peeking, guides: {hint: map}}], "
        f"{CODED}}}\n"
        f"  image: {{stages: [dct, {GUIDED % 'map'}], {CODED}}}\n"
        "derive: {p: {use: rehearsal.enlarge, inputs: {small: first}}}\n"
        "decoder: {use: rehearsal.enhance, inputs: {base: p, mask: map}}\n"
    ),
    "a cycle: a, m need one another before they can be decoded": (
        f"streams: {{a: {{stages: [dct, {GUIDED % 'm'}], {CODED}}}}}\n"
        "derive: {m: {use: rehearsal.segment, inputs: {base: a}}}\noutput: a"
    ),
    "is coded, but nothing that the decoder makes uses it": (
        f"saliency: centre\nstreams:\n  {MAP}\n  image: {{stages: [dct, uniform], {CODED}}}"
    ),
    "expected a picture, 'map' decodes to map": f"saliency: centre\nstreams: {{{MAP}}}",
    "lets 'saliency' steer how bits are read, which must be bitexact": (
        "streams:\n"
        "  base: {stages: [rehearsal.shrink, {use: pipeline, of: flat-dct}]}\n"
        f"  image: {{stages: [dct, {GUIDED % 'm'}], {CODED}}}\n"
        "derive: {m: {use: rehearsal.segment, inputs: {base: base}}}"
    ),
    "is seeded, but the encoder codes the rest against it": (
        f"streams:{PAINT}"
        "  image: {stages: [{use: rehearsal.residual, guides: {prediction: p}}, uniform], "
        "model: laplace, coder: range}\n"
        "derive: {p: {use: rehearsal.paint, inputs: {embedding: embedding, colours: colours}}}"
    ),
    "shifts table indexes, 'local.unmoved' has no scale tables": (
        f"saliency: centre\nstreams:\n  {MAP}\n"
        "  image: {stages: [rehearsal.blocks, "
        "{use: rehearsal.gain-step, guides: {saliency: map}}], model: local.unmoved, coder: range}"
    ),
    "the decoder never needs this parameter": (
        f"{FLAT}wire: {{r: {{path: quantizer.rounding, min: 0, max: 0.5, levels: 6}}}}"
    ),
    "the decoder needs this parameter": (
        f"{FLAT}encode: {{s: {{path: quantizer.step, min: 1, max: 32, levels: 6}}}}"
    ),
    "moves the same parameter as": (
        f"{FLAT}wire:\n"
        "  a: {path: quantizer.step, min: 1, max: 32, levels: 6}\n"
        "  b: {path: quantizer.step, min: 1, max: 32, levels: 6}"
    ),
    "the spec's own value is off the grid": (
        f"{FLAT}wire: {{s: {{path: quantizer.step, min: 1, max: 8, levels: 6}}}}"
    ),
    "steers how bits are read or what the encoder assumed": (
        f"{FLAT}controls: {{s: {{path: quantizer.step, min: 1, max: 32}}}}"
    ),
}


@pytest.fixture
def peeking(site: Path) -> None:
    semcodec.register(Peeking)
    semcodec.register(Unmoved)


@pytest.mark.parametrize("message", REFUSED)
def test_the_check_refuses_with_this_message(message: str, peeking: None) -> None:
    with pytest.raises((SpecError, GraphError)) as caught:
        semcodec.load(parse(f"semcodec: 1\n{REFUSED[message]}\n"))  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_the_table_lists_exactly_these() -> None:
    text = PAGE.read_text(encoding="utf-8")
    table = text[text.index("| message | why | remedy |") :].split("\n\n")[0]
    assert re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE) == list(REFUSED)
