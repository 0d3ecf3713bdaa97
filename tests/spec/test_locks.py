"""Locks: whatever is installed says the same after it was written down and read again."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.errors import SpecError
from semcodec.graph.model import Pipeline
from semcodec.spec.canonical import canonical
from semcodec.spec.load import decoder_from, document_of, pipeline_from
from semcodec.spec.lock import (
    decode_digest,
    decode_form,
    full_digest,
    full_form,
    identity,
    lock_text,
    used,
)
from semcodec.spec.outline import outline
from semcodec.spec.text import parse

pytestmark = pytest.mark.usefixtures("plugins")

Make = Callable[..., dict[str, Any]]
NAMES = (
    "any-width",
    "avif",
    "carved-dct",
    "carved-guided",
    "carved-jpeg",
    "decoder-masks",
    "flat-dct",
    "guided-dct",
    "hyperprior",
    "jpeg",
    "objects",
    "opaque-jpeg",
    "residual-layer",
    "skipped-dct",
    "two-streams-and-a-seed",
    "webp",
)


def load(spec: Any, **changes: Any) -> Pipeline:
    return pipeline_from(document_of(spec), **changes)


def test_nothing_installed_escapes_these_tests(coded: Callable[[], list[str]]) -> None:
    assert set(coded()) >= set(NAMES)
    for name in set(coded()) - set(NAMES):
        _laws(load(name))


@pytest.mark.parametrize("name", NAMES)
def test_of_every_shipped_pipeline(name: str) -> None:
    _laws(load(name))


def _laws(pipeline: Pipeline) -> None:
    text = lock_text(pipeline)
    again = pipeline_from(parse(text))
    assert decode_digest(again) == decode_digest(pipeline)
    assert full_digest(again) == full_digest(pipeline)
    assert full_form(again) == full_form(pipeline)
    assert lock_text(again) == text

    form = decode_form(pipeline)
    written = json.loads(canonical(form))
    assert written == form
    decoder = decoder_from(written)
    assert decode_form(decoder) == form
    assert decode_digest(decoder) == decode_digest(pipeline) == identity(written)
    assert [(s.name, s.target, s.grid.values) for s in decoder.wire] == [
        (s.name, s.target, s.grid.values) for s in pipeline.wire
    ]
    assert {c.name: c.target for c in decoder.controls} == {
        c.name: c.target for c in pipeline.controls
    }
    assert decoder.output == pipeline.output

    read = outline(written)
    assert read.order == tuple(ref for ref in pipeline.order if ref in used(pipeline))
    assert read.order == decoder.order
    assert {name: grid.values for name, grid in read.wire.items()} == {
        s.name: s.grid.values for s in pipeline.wire
    }
    assert list(read.wire) == [s.name for s in pipeline.wire]
    coded = [r for r, s in pipeline.streams.items() if s.inner is None]
    assert sorted(read.section_of) == sorted(coded)
    assert all(ref in read.sections[i].split("+") for ref, i in read.section_of.items())


def test_sections_share_equal_coders_and_blobs_have_their_own() -> None:
    sections = {name: outline(decode_form(load(name))).sections for name in NAMES}
    assert sections["carved-guided"] == ("geometry+image/map+image/image",)
    assert sections["carved-jpeg"] == ("geometry", "image/image")
    assert sections["decoder-masks"] == ("base/image", "text")
    assert sections["hyperprior"] == ("hyper+map+image",)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_locks_hold_any_words(words: str) -> None:
    pipeline = load("jpeg", set_={"description": words})
    assert pipeline_from(parse(lock_text(pipeline))).description == words


def test_a_lock_that_no_longer_holds_is_refused() -> None:
    lock = json.loads(lock_text(load("guided-dct")))
    step = lock["streams"]["image"]["stages"][1]
    step["beta"] = 2
    with pytest.raises(SpecError, match=r"lock\.decode: expected [0-9a-f]{64}, .* gives") as caught:
        load(lock)
    assert "semcodec lock" in caught.value.hint
    step["beta"] = 1
    assert load(lock).name == "guided-dct"
    for junk in ({}, "0" * 64, 5, [], {"decode": None}):
        with pytest.raises(SpecError, match=r"lock\.decode"):
            load({**lock, "lock": junk})
    changed = load(lock, set_={"image.quantizer.beta": 2})
    assert decode_digest(changed).hex() != lock["lock"]["decode"]


@pytest.mark.parametrize(
    "spec",
    [
        {"semcodec": 1, "extends": "{lock}"},
        {"semcodec": 1, "streams": {"image": {"stages": [{"use": "pipeline", "of": "{lock}"}]}}},
    ],
    ids=["extended", "nested"],
)
def test_a_lock_that_another_spec_refers_to_is_held_to_its_word(
    spec: dict[str, Any], tmp_path: Any
) -> None:
    path = tmp_path / "base.lock.json"
    whole = json.loads(json.dumps(spec).replace("{lock}", str(path)))
    lock = json.loads(lock_text(load("guided-dct")))
    path.write_text(json.dumps(lock))
    load(whole)
    lock["streams"]["image"]["stages"][1]["beta"] = 2
    path.write_text(json.dumps(lock))
    with pytest.raises(SpecError, match=r"lock\.decode"):
        load(whole)


def test_the_golden_lock(flat: Make) -> None:
    wire = {"step": {"path": "quantizer.step", "min": 2, "max": 128, "levels": 64, "scale": "log"}}
    pipeline = load(flat(name="plain", wire=wire))
    assert canonical(decode_form(pipeline)) == (
        b'{"name":"plain","semcodec":1,"streams":{"image":{"coder":{"use":"range@1"},'
        b'"from":"image","model":{"use":"dct-context@1"},"stages":[{"use":"dct@1"},'
        b'{"use":"uniform@1"}]}},"wire":{"step":{"levels":64,"max":128,"min":2,'
        b'"path":"image.stages.1.step","scale":"log"}}}'
    )
    assert (
        decode_digest(pipeline)
        == hashlib.sha256(
            b'{"semcodec":1,"streams":{"image":{"coder":{"use":"range@1"},'
            b'"from":"image","model":{"use":"dct-context@1"},"stages":[{"use":"dct@1"},'
            b'{"use":"uniform@1"}]}},"wire":{"step":{"levels":64,"max":128,"min":2,'
            b'"path":"image.stages.1.step","scale":"log"}}}'
        ).digest()
    )


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("guided-dct", "00ba91a84b055e2cf67fcf4baa5befc51e2f6516b2ce4c8da729c6b819879ef1"),
        ("carved-jpeg", "d4d6d49ef5c703734015e2a71d3b85caba9ffd2ebb13d2ed9747beeb42ef9b5b"),
        (
            "two-streams-and-a-seed",
            "4c2746cd44c08e3827433ac8afbf845458f60a48f09698055b75c3bd2ec762da",
        ),
    ],
)
def test_golden_digests(name: str, digest: str) -> None:
    assert decode_digest(load(name)).hex() == digest


def _shuffled(data: Any, random: Any) -> Any:
    if isinstance(data, dict):
        keys = list(data)
        random.shuffle(keys)
        return {key: _shuffled(data[key], random) for key in keys}
    if isinstance(data, list):
        return [_shuffled(item, random) for item in data]
    return data


@given(st.sampled_from(NAMES), st.randoms())
def test_the_order_of_keys_means_nothing(name: str, random: Any) -> None:
    one = load(name)
    data = copy.deepcopy(full_form(one))
    other = load(_shuffled(data, random))
    assert other.order == one.order
    assert decode_digest(other) == decode_digest(one)
    assert full_digest(other) == full_digest(one)
    assert lock_text(other) == lock_text(one)


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ({}, SpecError),
        ({"semcodec": 1}, SpecError),
        ({"semcodec": 1, "streams": {"image": {"stages": [{"use": "pipeline"}]}}}, SpecError),
        (
            {"semcodec": 1, "streams": {"a": {"model": {"use": "m", "guides": {"x": "b"}}}}},
            KeyError,
        ),
        (
            {
                "semcodec": 1,
                "streams": {
                    "a": {"model": {"use": "m", "guides": {"x": "b"}}},
                    "b": {"model": {"use": "m", "guides": {"x": "a"}}},
                },
            },
            ValueError,
        ),
        (
            {
                "semcodec": 1,
                "streams": {"a": {}},
                "wire": {"a": {"path": "x", "min": 0, "max": 1, "levels": 10**9}},
            },
            SpecError,
        ),
    ],
)
def test_outlines_of_damaged_locks(form: dict[str, Any], kind: type[Exception]) -> None:
    with pytest.raises(kind):
        outline(form)
