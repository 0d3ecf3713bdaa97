"""What a component may look like, and what is refused while its class is being made."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, ClassVar, Optional, Union

import pytest

from semcodec.contracts.kinds import EntropyCoder, Quantizer, SaliencySource
from semcodec.contracts.params import (
    EncodeOnly,
    Gt,
    Interval,
    Parametric,
    component,
    of_format,
    parameters,
    replace,
)


class Base(Quantizer):
    """The two methods, so that the cases below are about fields alone."""

    def quantize(self, x, guides, ctx):
        return x

    def dequantize(self, q, guides, ctx):
        return q


def test_fields_are_parameters() -> None:
    @component
    class Step(Base):
        """A quantizer.

        Attributes:
            step: distance of two values,
                on two lines.
            zone: the dead zone.
        """

        step: Annotated[float, Gt(0)]
        zone: EncodeOnly[Annotated[float, Interval(ge=0, le=1)]] = 0.6
        inner: Quantizer | None = None
        label: ClassVar[str] = "no parameter"

    step, zone, inner = parameters(Step)
    assert (step.name, step.required, step.encode_only, step.nested) == ("step", True, False, "")
    assert step.doc == "distance of two values, on two lines."
    assert (zone.default, zone.encode_only, zone.required) == (0.6, True, False)
    assert zone.annotation == Annotated[float, Interval(ge=0, le=1)]
    assert inner.nested == "quantizer"
    made = Step(step=2.0)
    assert made == Step(step=2.0)
    assert hash(made) == hash(Step(step=2.0))
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.step = 3.0  # type: ignore[misc]
    assert replace(made) is made
    assert replace(made, step=3.0) == Step(step=3.0)


def test_a_nested_kind_is_found_in_every_spelling() -> None:
    @component
    class Outer(Base):
        one: Optional[Quantizer] = None  # noqa: UP045
        two: Union[EntropyCoder, None] = None  # noqa: UP007
        three: Annotated[SaliencySource | None, "a note"] = None
        four: EncodeOnly[Quantizer | None] = None

    kinds = [item.nested for item in parameters(Outer)]
    assert kinds == ["quantizer", "coder", "saliency", "quantizer"]


def test_inherited_parameters_come_first_and_defaults_may_change() -> None:
    @component
    class One(Base):
        step: float = 1.0

    @component
    class Two(One):
        zone: float = 0.5
        step: float = 2.0

    assert [(p.name, p.default) for p in parameters(Two)] == [("step", 2.0), ("zone", 0.5)]


def _no_kind() -> type:
    class Broken(Parametric):
        pass

    return Broken


def _no_method() -> type:
    class Broken(Quantizer):
        pass

    return Broken


def _body(**space: Any) -> type:
    return type("Broken", (Base,), {"__module__": __name__, **space})


@pytest.mark.parametrize(
    ("cls", "words"),
    [
        (_no_kind(), "must derive from a component kind"),
        (_no_method(), "lacks the methods dequantize, quantize"),
        (_body(step=8.0), "Broken.step has no annotation; write step: TYPE"),
        (_body(sizes=(1, 2)), "Broken.sizes has no annotation"),
        (_body(__annotations__={"s": EncodeOnly[float]}), "Broken.s: EncodeOnly needs a default"),
        (
            _body(__annotations__={"s": EncodeOnly[float] | None}, s=None),
            "EncodeOnly must be outermost",
        ),
        (_body(__annotations__={"s": list[int]}), "Broken.s: .* list cannot; use a tuple"),
        (_body(__annotations__={"s": dict[str, int] | None}, s=None), "dict cannot"),
        (_body(__annotations__={"s": tuple[set[int], ...]}, s=()), "set cannot"),
        (_body(__annotations__={"s": tuple[int, ...]}, s=[]), "mutable default.*a tuple will do"),
        (_body(__annotations__={"use": str}, use="x"), "Broken.use: the name means something else"),
        (_body(__annotations__={"inputs": str}, inputs="x"), "Broken.inputs: the name means"),
        (_body(__annotations__={"format": int}, format=1), "Broken.format: the name means"),
        (_body(__annotations__={"_s": int}, _s=1), "Broken._s: the name means"),
        (_body(determinism="exact"), "determinism must be one of bitexact"),
    ],
)
def test_what_is_no_component(cls: type[Any], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        component(cls)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"format": 0}, "format must be a whole number from 1"),
        ({"format": True}, "format must be a whole number from 1"),
        ({"format": "2"}, "format must be a whole number from 1"),
        ({"format": 1, "changed": {1: {"step": 1.0}}}, "format 1 is not before 1"),
        ({"format": 3, "changed": {0: {"step": 1.0}}}, "format 0 is not before 3"),
        ({"format": 2, "changed": {1: {"stpe": 1.0}}}, "no field 'stpe' to change"),
    ],
)
def test_formats_that_make_no_sense(options: dict[str, Any], words: str) -> None:
    cls = _body(__annotations__={"step": float}, step=8.0)
    with pytest.raises(TypeError, match=words):
        component(**options)(cls)


def test_constants_of_a_base_need_no_second_annotation() -> None:
    class Family(Base):
        label: ClassVar[str]

    @component
    class Member(Family):
        label = "member"

    assert Member.label == "member"
    assert parameters(Member) == ()


def test_an_earlier_format_is_the_same_code_with_its_own_defaults() -> None:
    @component(format=4, changed={1: {"step": 1.0, "zone": 0.1}, 3: {"step": 3.0}})
    class Grown(Base):
        step: Annotated[float, Gt(0)] = 4.0
        zone: EncodeOnly[float] = 0.4

        def quantize(self, x, guides, ctx):
            return x + self.step

    made = {n: of_format(Grown, n)() for n in (1, 2, 3, 4)}
    assert {n: (c.step, c.zone, c.format) for n, c in made.items()} == {
        1: (1.0, 0.1, 1),
        2: (3.0, 0.4, 2),
        3: (3.0, 0.4, 3),
        4: (4.0, 0.4, 4),
    }
    assert of_format(Grown, 4) is Grown
    assert of_format(Grown, 1) is of_format(Grown, 1)
    assert made[1].quantize(10.0, {}, None) == 11.0
    step, zone = parameters(of_format(Grown, 1))
    assert (step.default, step.annotation) == (1.0, Annotated[float, Gt(0)])
    assert zone.encode_only
    for number in (0, 5, -1):
        with pytest.raises(ValueError, match=f"format {number} does not exist, the newest is 4"):
            of_format(Grown, number)
