"""The JSON Schema: well formed, fits every shipped spec, names what is wrong in others."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from semcodec.contracts.kinds import Quantizer
from semcodec.contracts.params import component
from semcodec.contracts.weights import Weights
from semcodec.discovery import catalog
from semcodec.spec.load import document_of, pipeline_from
from semcodec.spec.lock import lock_text
from semcodec.spec.schema import schema
from semcodec.spec.text import parse

pytestmark = pytest.mark.usefixtures("plugins")

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


def _is(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, TYPES[kind])


class Validator:
    """The keywords of draft 2020-12 that the schema uses; any other fails the test."""

    def __init__(self, root: dict[str, Any]) -> None:
        self.root = root

    def __call__(self, value: Any) -> list[str]:
        return list(self.errors(self.root, value, "$"))

    def errors(self, rule: Any, value: Any, at: str) -> Iterator[str]:
        if rule is True:
            return
        if rule is False:
            yield f"{at}: not allowed"
            return
        for key, wanted in rule.items():
            check = getattr(self, f"on_{key.lstrip('$')}")
            yield from check(wanted, value, at, rule) or ()

    def ignored(self, *_: Any) -> None:
        pass

    on_schema = on_title = on_description = on_examples = on_defs = on_default = ignored
    on_then = ignored

    def on_ref(self, wanted: str, value: Any, at: str, rule: Any) -> Iterator[str]:
        assert wanted.startswith("#/$defs/")
        yield from self.errors(self.root["$defs"][wanted[8:]], value, at)

    def on_type(self, wanted: Any, value: Any, at: str, rule: Any) -> Iterator[str]:
        kinds = [wanted] if isinstance(wanted, str) else wanted
        if not any(_is(kind, value) for kind in kinds):
            yield f"{at}: expected {kinds}, got {value!r}"

    def on_properties(self, wanted: Any, value: Any, at: str, rule: Any) -> Iterator[str]:
        for key, inner in wanted.items():
            if isinstance(value, dict) and key in value:
                yield from self.errors(inner, value[key], f"{at}.{key}")

    def on_additionalProperties(self, wanted: Any, value: Any, at: str, rule: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for key in set(value) - set(rule.get("properties", ())):
                yield from self.errors(wanted, value[key], f"{at}.{key}")

    def on_required(self, wanted: Any, value: Any, at: str, rule: Any) -> Iterator[str]:
        if isinstance(value, dict):
            yield from (f"{at}: lacks {key}" for key in wanted if key not in value)

    def on_items(self, wanted: Any, value: Any, at: str, rule: Any) -> Iterator[str]:
        if isinstance(value, list):
            for index, item in enumerate(value[len(rule.get("prefixItems", ())) :]):
                yield from self.errors(wanted, item, f"{at}.{index}")

    def on_prefixItems(self, wanted: Any, value: Any, at: str, rule: Any) -> Iterator[str]:
        if isinstance(value, list):
            for index, (inner, item) in enumerate(zip(wanted, value, strict=False)):
                yield from self.errors(inner, item, f"{at}.{index}")

    def on_minItems(self, wanted: int, value: Any, at: str, rule: Any) -> Iterator[str]:
        if isinstance(value, list) and len(value) < wanted:
            yield f"{at}: too short"

    def on_maxItems(self, wanted: int, value: Any, at: str, rule: Any) -> Iterator[str]:
        if isinstance(value, list) and len(value) > wanted:
            yield f"{at}: too long"

    def on_allOf(self, wanted: Any, value: Any, at: str, rule: Any) -> Iterator[str]:
        for inner in wanted:
            yield from self.errors(inner, value, at)

    def on_anyOf(self, wanted: Any, value: Any, at: str, rule: Any) -> Iterator[str]:
        found = [list(self.errors(inner, value, at)) for inner in wanted]
        if all(found):
            yield from found[0]

    def on_if(self, wanted: Any, value: Any, at: str, rule: Any) -> Iterator[str]:
        if not list(self.errors(wanted, value, at)):
            yield from self.errors(rule["then"], value, at)

    def on_pattern(self, wanted: str, value: Any, at: str, rule: Any) -> Iterator[str]:
        if isinstance(value, str) and not re.search(wanted, value):
            yield f"{at}: {value!r} does not match {wanted}"

    def on_enum(self, wanted: Any, value: Any, at: str, rule: Any) -> Iterator[str]:
        if value not in wanted:
            yield f"{at}: expected one of {wanted}"

    def on_const(self, wanted: Any, value: Any, at: str, rule: Any) -> Iterator[str]:
        if value != wanted:
            yield f"{at}: expected {wanted!r}"

    def on_minimum(self, wanted: float, value: Any, at: str, rule: Any) -> Iterator[str]:
        if _is("number", value) and value < wanted:
            yield f"{at}: {value} is below {wanted}"

    def on_maximum(self, wanted: float, value: Any, at: str, rule: Any) -> Iterator[str]:
        if _is("number", value) and value > wanted:
            yield f"{at}: {value} is above {wanted}"

    def on_exclusiveMinimum(self, wanted: float, value: Any, at: str, rule: Any) -> Iterator[str]:
        if _is("number", value) and value <= wanted:
            yield f"{at}: {value} is not above {wanted}"

    def on_exclusiveMaximum(self, wanted: float, value: Any, at: str, rule: Any) -> Iterator[str]:
        if _is("number", value) and value >= wanted:
            yield f"{at}: {value} is not below {wanted}"


def _walk(rule: Any) -> Iterator[dict[str, Any]]:
    if isinstance(rule, dict):
        yield rule
        for inner in rule.values():
            yield from _walk(inner)
    elif isinstance(rule, list):
        for inner in rule:
            yield from _walk(inner)


@pytest.fixture(scope="module")
def validate(plugins: object) -> Validator:
    return Validator(schema())


def test_it_is_json_and_every_reference_leads_somewhere(validate: Validator) -> None:
    root = validate.root
    assert json.loads(json.dumps(root)) == root
    assert root["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for rule in _walk(root):
        target = rule.get("$ref")
        if isinstance(target, str):
            assert target.removeprefix("#/$defs/") in root["$defs"]


def test_every_shipped_spec_and_every_lock_fits(
    plugins: object, validate: Validator, coded: Callable[[], list[str]]
) -> None:
    for name in catalog().pipelines():
        text = catalog().pipeline(name).read()
        assert validate(parse(text).data) == []
    for name in coded():
        lock = lock_text(pipeline_from(document_of(name)))
        assert validate(json.loads(lock)) == []


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"transform": {"use": "dct", "blok": 8}}, "$.transform.blok: "),
        ({"transform": {"use": "dct", "block": "8"}}, "$.transform.block: "),
        ({"transform": {"use": "dct@1", "block": "8"}}, "$.transform.block: "),
        ({"transform": {"block": 8}}, "$.transform: lacks use"),
        ({"quantizer": {"use": "uniform", "step": 0}}, "$.quantizer.step: 0 is below"),
        ({"quantizer": {"use": "uniform", "rounding": 0.7}}, "$.quantizer.rounding: 0.7 is above"),
        ({"model": {"use": "byte-context", "prior": "latin"}}, "$.model.prior: expected one of"),
        ({"model": {"use": "laplace", "scale": 0}}, "$.model.scale: 0 is not above 0"),
        ({"coder": 5}, "$.coder: expected"),
        ({"wire": {"a": {"min": 1}}}, "$.wire.a: lacks path"),
        ({"wire": {"a": {"path": "x", "levels": 1}}}, "$.wire.a.levels: 1 is below 2"),
        ({"seed": "x"}, "$.seed: expected 'payload'"),
        ({"trnsform": "dct"}, "$.trnsform: not allowed"),
        ({"inputs": {"a": {"type": "sound"}}}, "$.inputs.a.type: expected one of"),
        ({"decoder": {"use": "rehearsal.paint", "realism": 2}}, "$.decoder.realism: 2 is above 1"),
    ],
)
def test_what_does_not_fit_is_named(
    validate: Validator, flat: Callable[..., dict[str, Any]], change: dict[str, Any], error: str
) -> None:
    assert validate(flat()) == []
    assert [e for e in validate({**flat(), **change}) if e.startswith(error)]


def test_ids_of_plugins_that_are_not_installed_fit(
    validate: Validator, flat: Callable[..., dict[str, Any]]
) -> None:
    assert validate(flat(transform={"use": "acme.wavelet", "levels": 5})) == []
    assert validate(flat(transform="acme.wavelet")) == []


def test_parameters_of_every_kind(
    register: Callable[[type[Any], str], None], flat: Callable[..., dict[str, Any]]
) -> None:
    @component
    class Schematic(Quantizer):
        """Described.

        Attributes:
            weights: where they are.
        """

        size: int
        weights: Weights | None = None
        inner: Quantizer | None = None
        pair: tuple[int, float] = (1, 2.0)

        def quantize(self, x, guides, ctx):
            return x

        def dequantize(self, q, guides, ctx):
            return q

    register(Schematic, "local.schematic")
    validate = Validator(schema())
    assert "local.schematic.Weights" in validate.root["$defs"]

    def check(**given: Any) -> list[str]:
        return validate(flat(quantizer={"use": "local.schematic", **given}))

    weights = {"uri": "file:a", "sha256": "00" * 32}
    assert check(size=1, weights=weights, inner={"use": "uniform", "step": 3}, pair=[1, 2]) == []
    assert check(size=1, weights=None, inner=None) == []
    assert check() == ["$.quantizer: lacks size"]
    assert check(size=1, weights={"uri": "file:a"}) == ["$.quantizer.weights: lacks sha256"]
    assert check(size=1, inner={"use": "uniform", "step": "x"})
    assert check(size=1, pair=[1, "x"])
