"""How a component of each kind is called, the encoder's half and the decoder's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from semcodec.contracts.coding import AdaptivePass
from semcodec.contracts.context import Side
from semcodec.contracts.kinds import SetMetric
from semcodec.contracts.values import Symbols, ValueType
from semcodec.testing.case import Case, invoke
from semcodec.testing.passes import drive, recorded

__all__ = ["DRIVERS", "Driver", "Result"]


class Result(NamedTuple):
    """What one call of the decoder's half gave.

    Attributes:
        value: the result.
        described: what it must be; None where a check of its own says.
    """

    value: Any
    described: ValueType | None = None


class Driver:
    """Calls components of one kind. The default is a component without a decoder's half.

    Attributes:
        describes: whether it has a ``layout``.
        encodes: the methods of the encoder's half.
        decodes: the methods of the decoder's half.
    """

    describes: ClassVar[bool] = False
    encodes: ClassVar[tuple[str, ...]] = ()
    decodes: ClassVar[tuple[str, ...]] = ()

    def layout(self, component: Any, case: Case, side: Side) -> Any:
        """Ask for the description of the value on the bitstream's side, from decoded guides."""
        return case.shape

    def encode(self, component: Any, case: Case) -> Any:
        """Run the encoder's half; the case knows its ``coded``."""
        return None

    def decode(
        self, component: Any, case: Case, emitted: Any, side: Side = "decode"
    ) -> dict[str, Result]:
        """Run the decoder's half on what the encoder's half gave; results by method."""
        return {}


class _Saliency(Driver):
    encodes = ("saliency", "regions")

    def encode(self, component: Any, case: Case) -> Any:
        ctx = case.context("encode", case.shape, case.shape)
        return invoke(component.saliency, case.value, case.given("encode"), ctx)


class _Transform(Driver):
    describes = True
    encodes: ClassVar[tuple[str, ...]] = ("forward",)
    decodes: ClassVar[tuple[str, ...]] = ("inverse",)

    def layout(self, component: Any, case: Case, side: Side) -> Any:
        ctx = case.context(side, case.shape, case.shape)
        return invoke(component.layout, case.shape, case.given("decode"), ctx)

    def encode(self, component: Any, case: Case) -> Any:
        ctx = case.context("encode", case.shape, _coded(case))
        return invoke(component.forward, case.value, case.given("encode"), ctx)

    def decode(
        self, component: Any, case: Case, emitted: Any, side: Side = "decode"
    ) -> dict[str, Result]:
        if not component.invertible() or component.encode_only:
            return {}
        ctx = case.context(side, case.shape, _coded(case))
        made = invoke(component.inverse, emitted, case.given("decode"), ctx)
        return {"inverse": Result(made, case.shape)}


class _Quantizer(_Transform):
    encodes: ClassVar[tuple[str, ...]] = ("quantize",)
    decodes: ClassVar[tuple[str, ...]] = ("dequantize", "steps", "index_shift")

    def encode(self, component: Any, case: Case) -> Any:
        ctx = case.context("encode", case.shape, _coded(case))
        return invoke(component.quantize, case.value, case.given("encode"), ctx)

    def decode(
        self, component: Any, case: Case, emitted: Any, side: Side = "decode"
    ) -> dict[str, Result]:
        ctx = case.context(side, case.shape, _coded(case))
        guides = case.given("decode")
        made = {
            "dequantize": Result(invoke(component.dequantize, emitted, guides, ctx), case.shape)
        }
        for name in ("steps", "index_shift"):
            made[name] = Result(invoke(getattr(component, name), guides, ctx))
        return made


class _Model(Driver):
    decodes = ("passes",)

    def encode(self, component: Any, case: Case) -> Any:
        return case.value

    def decode(
        self, component: Any, case: Case, emitted: Any, side: Side = "decode"
    ) -> dict[str, Result]:
        assert isinstance(case.shape, Symbols)
        ctx = case.context(side, case.shape, case.shape)
        items = drive(component, case.shape, case.given("decode"), ctx, emitted)
        return {f"passes[{n}]": Result(recorded(item)) for n, item in enumerate(items)}


class _Coder(Driver):
    """The value of a case is a script: calls of a session in order."""

    encodes = ("encoder",)
    decodes = ("decoder",)

    def encode(self, component: Any, case: Case) -> Any:
        session = invoke(component.encoder)
        for step in case.value:
            if isinstance(step[-1], AdaptivePass):
                invoke(session.adapt, *step)
            else:
                invoke(session.code, *step[:3])
        return invoke(session.finish)

    def decode(
        self, component: Any, case: Case, emitted: Any, side: Side = "decode"
    ) -> dict[str, Result]:
        session = invoke(component.decoder, emitted)
        made = {}
        for number, step in enumerate(case.value):
            if isinstance(step[-1], AdaptivePass):
                value = invoke(session.adapt, step[1], step[2])
            else:
                value = invoke(session.code, *step[1:])
            made[f"call {number}"] = Result(value)
        invoke(session.finish)
        return made


class _Decoder(Driver):
    describes = True
    decodes = ("decode",)

    def layout(self, component: Any, case: Case, side: Side) -> Any:
        ports = case.given("decode")
        shapes = {name: d for name, d in case.descriptions.items() if name in ports}
        return invoke(component.layout, shapes, case.context(side, case.image, case.image))

    def encode(self, component: Any, case: Case) -> Any:
        return dict(case.given("decode"))

    def decode(
        self, component: Any, case: Case, emitted: Any, side: Side = "decode"
    ) -> dict[str, Result]:
        coded = _coded(case)
        guides = case.given("decode")
        guides.update(emitted)
        made = invoke(component.decode, guides, case.context(side, coded, coded))
        return {"decode": Result(made, coded)}


class _Metric(Driver):
    encodes = ("compute",)

    def encode(self, component: Any, case: Case) -> Any:
        if not isinstance(component, SetMetric):
            return invoke(component.compare, *case.value, case.given("encode"))
        row = invoke(component.observe, *case.value)
        return invoke(component.summarise, [row] * component.fewest)


class _Dataset(Driver):
    encodes = ("names", "read")

    def encode(self, component: Any, case: Case) -> Any:
        names = list(invoke(component.names))
        samples = [invoke(component.read, name) for name in names[:3]]
        return names, [(each.name, each.image, dict(each.inputs)) for each in samples]


def _coded(case: Case) -> ValueType:
    assert case.coded is not None
    return case.coded


DRIVERS: Mapping[str, Driver] = {
    "saliency": _Saliency(),
    "transform": _Transform(),
    "quantizer": _Quantizer(),
    "model": _Model(),
    "coder": _Coder(),
    "decoder": _Decoder(),
    "metric": _Metric(),
    "dataset": _Dataset(),
}
"""By kind."""
