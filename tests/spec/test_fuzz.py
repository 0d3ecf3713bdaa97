"""Damaged specs of every shape give our errors or a codec that keeps the laws, in little time."""

from __future__ import annotations

import contextlib
import copy
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semcodec.discovery import catalog
from semcodec.errors import SpecError
from semcodec.graph.draw import FORMATS, draw
from semcodec.spec.canonical import canonical
from semcodec.spec.load import decoder_from, document_of, pipeline_from
from semcodec.spec.lock import (
    decode_digest,
    decode_form,
    full_digest,
    full_form,
    identity,
    lock_text,
)
from semcodec.spec.outline import outline
from semcodec.spec.text import parse

pytestmark = pytest.mark.usefixtures("plugins")

WORDS = [
    "semcodec",
    "extends",
    "set",
    "swap",
    "candidates",
    "choose",
    "lock",
    "wire",
    "encode",
    "controls",
    "seed",
    "inputs",
    "guides",
    "use",
    "of",
    "saliency",
    "derive",
    "output",
    "transform",
    "quantizer",
    "model",
    "coder",
    "streams",
    "stages",
    "from",
    "name",
    "check",
    "decoder",
    "description",
    "path",
    "min",
    "max",
    "levels",
    "values",
    "scale",
    "image",
    "map",
    "source",
    "source.image",
    "source.saliency",
    "payload",
    "pipeline",
    "flat-dct",
    "guided-dct",
    "dct",
    "dct@1",
    "dct@2",
    "dct@",
    "uniform",
    "range",
    "laplace",
    "plane-context",
    "dct-context",
    "centre",
    "block-map",
    "utf8",
    "byte-context",
    "psnr",
    "folder",
    "rehearsal.paint",
    "rehearsal.carve",
    "rehearsal.guided-step",
    "image.quantizer.step",
    "quantizer.step",
    "wire.step.levels",
    "image.stages.1.of.quantizer.step",
    "image/image",
    "./x.yaml",
    "type",
    "labels",
    "text",
    "geometry",
    "base",
    "prediction",
    "step",
    "log",
    "bytes",
    "scan",
    "true",
]
SCALARS = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(
        [None, True, False, 0, 1, 2, -1, 0.5, 24, 2**31, 2**53, 10**400, 1e308, -1e-308]
    ),
    st.sampled_from(["", " ", ".", "..", "a.b.c", "/", "@", "x\0y.yaml", "é", "\ud800", "😀" * 99]),
    st.floats(),
    st.integers(),
)
JUNK = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=3),
    st.dictionaries(st.sampled_from(WORDS), SCALARS, max_size=4),
    st.sampled_from(
        [[[]], [{}], {"use": "pipeline", "of": "flat-dct"}, {"use": "uniform", "of": 1}]
    ),
)


def paths(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in list(items):
        yield (*at, key)
        if isinstance(value, (dict, list)):
            yield from paths(value, (*at, key))


def holder_of(data: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        data = data[key]
    return data


@st.composite
def damaged(draw_: st.DrawFn, specs: list[dict[str, Any]]) -> dict[str, Any]:
    """Replace, remove, add or move a few nodes of a sound spec."""
    data = copy.deepcopy(draw_(st.sampled_from(specs)))
    for _ in range(draw_(st.integers(1, 3))):
        known = list(paths(data))
        if not known:
            break
        path = draw_(st.sampled_from(known))
        holder = holder_of(data, path)
        match draw_(st.sampled_from(["replace", "replace", "remove", "add", "move"])):
            case "replace":
                holder[path[-1]] = copy.deepcopy(draw_(JUNK))
            case "remove":
                del holder[path[-1]]
            case "add" if isinstance(holder, dict):
                holder[draw_(st.sampled_from(WORDS))] = copy.deepcopy(draw_(JUNK))
            case _:
                other = draw_(st.sampled_from(known))
                holder[path[-1]] = copy.deepcopy(holder_of(data, other)[other[-1]])
    return data


@pytest.fixture(scope="module")
def sound(plugins: object, coded: Callable[[], list[str]]) -> list[dict[str, Any]]:
    names = coded()
    written = [document_of(name).data for name in names]
    texts = [parse(catalog().pipeline(name).read()).data for name in names]
    return [*texts, *written, *(full_form(pipeline_from(document_of(name))) for name in names)]


@pytest.fixture(scope="module")
def locks(plugins: object, coded: Callable[[], list[str]]) -> list[dict[str, Any]]:
    return [decode_form(pipeline_from(document_of(name))) for name in coded()]


QUIET = settings(max_examples=300, suppress_health_check=list(HealthCheck), deadline=None)


@QUIET
@given(st.data())
def test_damaged_specs(sound: list[dict[str, Any]], data: st.DataObject) -> None:
    spec = data.draw(damaged(sound))
    before = copy.deepcopy(spec)
    start = time.process_time()
    try:
        pipeline = pipeline_from(document_of(spec))
    except SpecError as error:
        if len(str(error)) > 200_000 or not error.problems:
            raise
        return
    finally:
        assert time.process_time() - start < 2
        assert repr(spec) == repr(before)
    # Whatever is let through keeps the laws of locks.
    form = decode_form(pipeline)
    again = decoder_from(json.loads(canonical(form)))
    assert decode_form(again) == form
    assert decode_digest(again) == decode_digest(pipeline)
    assert full_digest(pipeline_from(parse(lock_text(pipeline)))) == full_digest(pipeline)
    assert [(n, g.values) for n, g in outline(form).wire.items()] == [
        (s.name, s.grid.values) for s in pipeline.wire
    ]
    assert outline(form).order == again.order
    assert all(draw(pipeline, kind) for kind in FORMATS)


@QUIET
@given(st.data())
def test_damaged_locks(locks: list[dict[str, Any]], data: st.DataObject) -> None:
    form = data.draw(damaged(locks))
    start = time.process_time()
    with contextlib.suppress(SpecError):
        written = decode_form(decoder_from(form))
        assert decode_form(decoder_from(written)) == written
    with contextlib.suppress(SpecError, KeyError, ValueError):
        found = outline(form)
        assert len(found.sections) <= len(found.order)
    with contextlib.suppress(ValueError):  # what has no canonical form has no digest
        identity(form)
    assert time.process_time() - start < 2


@settings(QUIET, max_examples=100)
@given(st.data())
def test_damaged_changes(sound: list[dict[str, Any]], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(catalog().pipelines()))
    address = ".".join(data.draw(st.lists(st.sampled_from([*WORDS, "0", "1"]), max_size=5)))
    key = data.draw(st.sampled_from(["set_", "swap"]))
    with contextlib.suppress(SpecError):
        pipeline_from(document_of(name), **{key: {address: data.draw(JUNK)}})


@settings(QUIET, max_examples=100)
@given(st.text(), st.integers(0, 400), st.data())
def test_damaged_text(junk: str, at: int, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["flat-dct", "guided-dct", "any-width"]))
    text = catalog().pipeline(name).read()
    with contextlib.suppress(SpecError):
        pipeline_from(parse(text[:at] + junk + text[at + len(junk) :]))
