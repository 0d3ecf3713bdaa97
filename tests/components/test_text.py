from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcodec.components.text import Utf8
from semcodec.contracts.values import Symbols, Text
from semcodec.errors import ContainerError, SettingError

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)


@given(text=TEXTS)
@settings(max_examples=200, deadline=None)
def test_text_comes_back_in_normal_form_c(context, text):
    stage = Utf8()
    ctx = context(Text(200), stage)
    data = stage.forward(text, {}, ctx)
    assert ctx.coded.check(data) == ""
    assert stage.inverse(data, {}, ctx) == unicodedata.normalize("NFC", text)


@given(data=st.binary(max_size=12))
@settings(max_examples=300, deadline=None)
def test_any_bytes_decode_to_text_or_are_refused(context, data):
    stage = Utf8()
    ctx = context(Text(3), stage)
    value = np.frombuffer(data, dtype=np.uint8).astype(np.int32)
    try:
        text = stage.inverse(value, {}, ctx)
    except ContainerError:
        return
    assert text.encode() == data
    assert ctx.shape.check(text) == ""


def test_golden_bytes(context):
    stage = Utf8()
    data = stage.forward("e\u0301 \U0001f40e", {}, context(Text(), stage))
    assert data.tolist() == [0xC3, 0xA9, 0x20, 0xF0, 0x9F, 0x90, 0x8E]


def test_the_decoder_does_not_normalise(context):
    stage = Utf8()
    decomposed = np.array([0x65, 0xCC, 0x81], dtype=np.int32)
    assert stage.inverse(decomposed, {}, context(Text(), stage)) == "e\u0301"


def test_layout_has_four_bytes_a_character(context):
    stage = Utf8()
    ctx = context(Text(5), stage)
    assert ctx.coded == Symbols((20,), low=0, high=255, end=0)
    full = "\U0001f40e" * 5
    assert stage.inverse(stage.forward(full, {}, ctx), {}, ctx) == full


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\0b", "NUL, got one at character 1"),
        ("ab\ud800", r"surrogate U\+D800 at character 2"),
        ("\u0958\u0958", "at most 3 characters, got 4"),
        ("four", "at most 3 characters, got 4"),
    ],
)
def test_what_cannot_travel_is_refused(context, text, message):
    stage = Utf8()
    with pytest.raises(SettingError, match=message):
        stage.forward(text, {}, context(Text(3), stage))


@pytest.mark.parametrize(
    "data",
    [[0xC3], [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0], [256], [-1], [65] * 9, [65] * 3],
)
def test_damaged_bytes_are_refused(context, data):
    stage = Utf8()
    with pytest.raises(ContainerError, match="utf8: "):
        stage.inverse(np.array(data, dtype=np.int32), {}, context(Text(2), stage))
