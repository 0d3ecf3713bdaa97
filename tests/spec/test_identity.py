"""What a codec's identity is made of, and what it is not: promises that keep old files alive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import semcodec
from semcodec import EncodeOnly, Quantizer, component
from semcodec.discovery import catalog

Floats = NDArray[np.float32]


@pytest.fixture(autouse=True)
def _own_catalog() -> Iterator[None]:
    catalog.cache_clear()
    yield
    catalog.cache_clear()


class _Plain(Quantizer):
    def quantize(self, x: Floats, guides: Any, ctx: Any) -> NDArray[np.int32]:
        return np.rint(x / self.step).astype(np.int32)  # type: ignore[attr-defined, no-any-return]

    def dequantize(self, q: NDArray[np.int32], guides: Any, ctx: Any) -> Floats:
        return (q * np.float32(self.step)).astype(np.float32)  # type: ignore[attr-defined]


@component
class First(_Plain):
    """As it was published."""

    step: float = 8.0


@component
class Grown(_Plain):
    """With an optional parameter more; its default changes nothing."""

    step: float = 8.0
    offset: float = 0.0
    effort: EncodeOnly[int] = 3

    def dequantize(self, q: NDArray[np.int32], guides: Any, ctx: Any) -> Floats:
        return super().dequantize(q, guides, ctx) + np.float32(self.offset)


@component(format=2, changed={1: {"step": 8.0}})
class Changed(_Plain):
    """With another default, under another format."""

    step: float = 6.0
    offset: float = 0.0


def spec(use: str = "local.plain", **parameters: Any) -> dict[str, Any]:
    return {
        "semcodec": 1,
        "name": "identity",
        "transform": {"use": "dct"},
        "quantizer": {"use": use, **parameters},
        "model": {"use": "dct-context"},
        "coder": {"use": "range"},
    }


def digest(cls: type[Quantizer], use: str = "local.plain", **parameters: Any) -> str:
    semcodec.register(cls, "local.plain")
    return semcodec.load(spec(use, **parameters)).digest


def test_an_optional_parameter_can_be_added(photograph: NDArray[np.uint8]) -> None:
    old = digest(First)
    lock = semcodec.load(spec()).lock()
    data = semcodec.load(spec()).encode(photograph)
    before = semcodec.decode(data)
    assert digest(Grown) == old
    assert digest(Grown, effort=9) == old
    assert digest(Grown, offset=1.0) != old
    assert np.array_equal(semcodec.decode(data), before)
    from semcodec.spec.text import parse

    assert semcodec.load(parse(lock)).digest == old


def test_a_default_can_change_under_a_new_format(photograph: NDArray[np.uint8]) -> None:
    old = digest(First)
    data = semcodec.load(spec()).encode(photograph)
    before = semcodec.decode(data)
    assert digest(Changed, "local.plain@1") == old
    assert digest(Changed, "local.plain@1", step=8.0) == old
    assert digest(Changed, "local.plain@2") == digest(Changed) != old
    quantizer = semcodec.load(spec("local.plain@1")).pipeline.places["image.stages.1"].component
    assert (quantizer.format, quantizer.step, quantizer.offset) == (1, 8.0, 0.0)
    assert np.array_equal(semcodec.decode(data), before)
    assert np.array_equal(semcodec.load(spec("local.plain@1")).decode(data), before)
    with pytest.raises(semcodec.errors.SpecError, match="format 3 does not exist"):
        semcodec.load(spec("local.plain@3"))


def test_the_shipped_locks_are_those_of_the_shipped_specs(coded: Callable[[], list[str]]) -> None:
    for name in coded():
        entry = catalog().pipeline(name)
        written = semcodec.load(semcodec.load(name).pipeline.form)
        from semcodec.spec.text import parse

        from_yaml = semcodec.load(parse(entry.read(), source=name))
        assert entry.lock() == from_yaml.lock(), name
        assert written.digest == from_yaml.digest


def test_digests_are_pinned() -> None:
    """Literal promises: a change of these orphans files."""
    pinned = {
        "plain-dct": "421587b30b102f9513a42cde62a49962961aa5c89707e8dbeca8c12a947c7c3c",
        "flat-dct": "b5a7f9ed33d77fc1e05e1898ded1537575848b015aa9f3b2c2591a4030fbecc9",
        "roi-dct": "3d72d36efc2a0b821c5c590921b16700ab6cca960e5d6f206d02d27500a25394",
        "jpeg": "e7e9ad8a0abfb58711ad7459eaa1998c74e190db45930cdd4d741ef5bdb4a776",
        "webp": "5c3c725b1b0431b05475e3c760777e2c8566beb328b7e0269cd1ff056afc0cd3",
        "avif": "f2ed5fce40e383bad87e79224319690a9396ee81d97ff5dc94fd77ad8963fa61",
    }
    assert {name: semcodec.load(name).digest for name in pinned} == pinned


def test_the_register_names_what_is_installed() -> None:
    from semcodec.registry import load_register

    for entry in load_register().codecs:
        codec = semcodec.load(entry.name)
        assert codec.digest == entry.digest
        assert codec.code == entry.code
        assert codec.sections == entry.sections
        levels = tuple((field.name, field.levels) for field in entry.wire)
        assert levels == tuple((s.name, s.grid.levels) for s in codec.pipeline.wire)
