"""Small components that break one rule each, and the plugin of the rehearsals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from semcodec.contracts.kinds import (
    Decoder,
    EntropyCoder,
    EntropyModel,
    Port,
    Quantizer,
    SaliencySource,
    Transform,
)
from semcodec.contracts.params import EncodeOnly, component
from semcodec.contracts.values import Blob, Image, Latent, Map, Symbols
from semcodec.discovery import catalog
from semcodec.errors import GraphError, Problem
from semcodec.graph.model import Pipeline
from semcodec.spec.load import document_of, pipeline_from


class _Step(Quantizer):
    def quantize(self, x, guides, ctx):
        return x

    def dequantize(self, q, guides, ctx):
        return q


class _Filter(Transform):
    consumes = Image
    produces = Image

    def forward(self, value, guides, ctx):
        return value


class _Model(EntropyModel):
    def passes(self, symbols, guides, ctx):
        yield from ()


class _Make(Decoder):
    def decode(self, inputs, ctx):
        return inputs


class _Features(Transform):
    """Has the default layout, as a learned synthesis whose controls move pixels alone may."""

    consumes = Latent
    produces = Latent

    def forward(self, value, guides, ctx):
        return value

    def inverse(self, value, guides, ctx):
        return value


def _made() -> dict[str, type[Any]]:
    class FloatStep(_Step):
        determinism = "stable"

    class Shifting(_Step):
        def index_shift(self, guides, ctx):
            return None

    class Unmoved(_Model):
        """Neither adaptive nor with a grid of scales."""

    class FloatModel(_Model):
        determinism = "stable"

    class SeededModel(_Model):
        determinism = "seeded"

    class Hyper(_Model):
        ports = {"hyper": Port(Latent)}  # noqa: RUF012

    class Means(_Model):
        ports = {"hyper": Port(Latent, exact=False)}  # noqa: RUF012

    class FloatCoder(EntropyCoder):
        determinism = "stable"

        def encoder(self):
            raise NotImplementedError

        def decoder(self, data):
            raise NotImplementedError

    class Narrow(_Filter):
        """Changes its value's type, which a pre-filter may not."""

        produces = Latent
        encode_only = True

    class Shaped(_Filter):
        encode_only = True

        def layout(self, shape, guides, ctx):
            return shape

    class Prefilter(_Filter):
        encode_only = True
        ports = {"where": Port(Map, optional=True)}  # noqa: RUF012

    class Features(_Features):
        gain: float = 1.0
        effort: EncodeOnly[int] = 1

    class Guided(_Features):
        ports = {"picture": Port(Image, exact=False)}  # noqa: RUF012

    class Hinted(_Features):
        ports = {"hint": Port(Latent, needed_by="encode", optional=True)}  # noqa: RUF012

    class Opaque(Transform):
        consumes = Image
        produces = Blob

        def layout(self, shape, guides, ctx):
            return Blob()

        def forward(self, value, guides, ctx):
            return b""

        def inverse(self, value, guides, ctx):
            return value

    class Seeded(_Make):
        determinism = "seeded"
        ports = {"base": Port(Latent, exact=False)}  # noqa: RUF012
        grain: float = 0.5

    class Free(_Make):
        determinism = "free"
        ports = {"base": Port(Image, exact=False)}  # noqa: RUF012

    class Stable(_Make):
        ports = {"base": Port(Image, exact=False)}  # noqa: RUF012
        produces = Map

    class ToMap(_Make):
        ports = {"base": Port(Image, exact=False)}  # noqa: RUF012
        produces = Map
        determinism = "bitexact"

    class ToSymbols(_Make):
        ports = {"base": Port(Image, exact=False)}  # noqa: RUF012
        produces = Symbols

    class Looking(SaliencySource):
        ports = {"base": Port(Image, optional=True), "more": Port(Map, optional=True)}  # noqa: RUF012

        def saliency(self, image, guides, ctx):
            return image

    return {cls.__name__: cls for cls in list(locals().values())}


def _kebab(name: str) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")


@pytest.fixture(scope="session")
def parts() -> dict[str, type[Any]]:
    return {f"local.{_kebab(name)}": component(cls) for name, cls in _made().items()}


@pytest.fixture(autouse=True)
def installed(
    rehearsal_site: Path, parts: dict[str, type[Any]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(rehearsal_site))
    catalog.cache_clear()
    for name, cls in parts.items():
        catalog().register(cls, name)
    yield
    catalog.cache_clear()


@pytest.fixture(scope="session")
def load() -> Callable[..., Pipeline]:
    def make(spec: Any) -> Pipeline:
        return pipeline_from(document_of(spec))

    return make


@pytest.fixture(scope="session")
def refused(load: Callable[..., Pipeline]) -> Callable[[Any], tuple[Problem, ...]]:
    """Give the problems of a graph that makes no sense."""

    def find(spec: Any) -> tuple[Problem, ...]:
        with pytest.raises(GraphError) as caught:
            load(spec)
        return caught.value.problems

    return find
