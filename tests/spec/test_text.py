"""Spec text: data of the JSON kinds and nothing else, every problem with its line."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.errors import SpecError
from semcodec.spec.sources import read_file
from semcodec.spec.text import MAX_BYTES, MAX_PROBLEMS, of_data, parse

WHOLE = st.integers(-(2**53), 2**53)
# JSON escapes what is beyond 0xffff as surrogate pairs, which YAML does not know.
TEXT = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | WHOLE | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXT, JSON, max_size=5))
def test_json_is_read_as_it_is(data: dict[str, Any]) -> None:
    assert parse(json.dumps(data)).data == data
    assert parse(json.dumps(data, indent=1)).data == data
    assert of_data(data).data == data


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(SpecError):
        assert isinstance(parse(text).data, dict)


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("No", "No"),
        ("y", "y"),
        ("2024-01-31", "2024-01-31"),
        ("1:30:00", "1:30:00"),
        ("1_000", "1_000"),
        ("0o17", "0o17"),
        ("0x1F", "0x1F"),
        ("010", 10),
        ("+5", 5),
        ("-7", -7),
        ("9007199254740992", 2**53),
        ("9007199254740993", 2.0**53),
        ("100000000000000000000", 1e20),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-1.", -1.0),
        ("1.5E-3", 0.0015),
        ("1e-999", 0.0),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("true", True),
        ("False", False),
        ("NULL", None),
        ("~", None),
        ("", None),
        ("'12'", "12"),
        ('"true"', "true"),
        ("<<", "<<"),
        ("=", "="),
        ("dct@2", "dct@2"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(scalar: str, value: object) -> None:
    found = parse(f"key: {scalar}").data["key"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: &x 1", 1, "anchors are not allowed"),
        ("a: 1\nb: *x", 2, "aliases are not allowed"),
        ("a: 1\n? *x\n: 2", 2, "expected a key of plain text"),
        ("a: !!str 5", 1, "tag 'tag:yaml.org,2002:str' is not allowed"),
        ("a: !!python/object:os.system {}", 1, "is not allowed"),
        ("a: !own 1", 1, "tag '!own' is not allowed"),
        ("a: !!binary aGk=", 1, "is not allowed"),
        ("a: !!set {b, c}", 1, "is not allowed"),
        ("!!map {a: 1}", 1, "is not allowed"),
        ("&x {a: 1}", 1, "anchors are not allowed"),
        ("a: 1\n!!str b: 2", 2, "is not allowed"),
        ("a: 1\nb: 2\na: 3", 3, "key 'a' stands twice"),
        ("a: {b: 1, b: 1}", 1, "key 'b' stands twice"),
        ("a:\n  ? [1, 2]\n  : b", 2, "expected a key of plain text"),
        ("a:\n  ? {b: c}\n  : &d e", 2, "expected a key of plain text"),
        ("a: 1e999", 1, "a number of sensible size"),
        ("a: -1e999", 1, "a number of sensible size"),
        (f"a: {'9' * 5000}", 1, "a number of sensible size"),
        ("- a", 1, "expected a mapping of keys, got a list"),
        ("text", 1, "expected a mapping of keys, got text"),
        ("", 1, "expected a mapping of keys, got nothing"),
        ("# only a comment", 1, "expected a mapping of keys, got nothing"),
        ("a: 1\n---\nb: 2", 2, "expected one document, found another"),
        ("a: 1\n\tb: 2", 2, "not YAML"),
        ("a: [1, 2", 2, "not YAML"),
        ("a: 1\x00", 0, "not YAML"),
        ('a: "\\ud800"', 1, "not YAML"),
        ("a: 'b", 1, "not YAML"),
        ("%YAML 9.9\n---\na: 1", 1, "not YAML"),
    ],
)
def test_everything_else_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse(text, source="here.yaml")
    assert words in caught.value.problems[0].message
    assert caught.value.problems[0].line == line
    assert str(caught.value).startswith("here.yaml: ")


def test_an_anchor_at_a_key_and_all_problems_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        parse("a: &x 1\nb: *x\nc:\n  - !t 2\n  - {d: 1, d: 2}")
    assert [(p.line, p.path) for p in caught.value.problems] == [
        (1, "a"),
        (2, "b"),
        (4, "c.0"),
        (5, "c.1.d"),
    ]


def test_lines_by_path() -> None:
    lines = parse("# top\na: 1\nb:\n  - c: 2\n\n    d: {e: 3,\n     f: 4}\n  - 5\n").lines
    assert lines == {
        "": 2,
        "a": 2,
        "b": 3,
        "b.0": 4,
        "b.0.c": 4,
        "b.0.d": 6,
        "b.0.d.e": 6,
        "b.0.d.f": 7,
        "b.1": 8,
    }


def test_depth() -> None:
    def nested(levels: int) -> str:
        return "a: " + "[" * levels + "]" * levels

    assert parse(nested(63)).data
    with pytest.raises(SpecError, match="at most 64 levels"):
        parse(nested(64))
    cyclic: dict[str, Any] = {}
    cyclic["a"] = cyclic
    with pytest.raises(SpecError, match="at most 64 levels"):
        of_data(cyclic)


BILLION = "\n".join(
    ["a0: &a0 [x, x]", *(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 40))]
)


@pytest.mark.parametrize(
    "text",
    [
        BILLION,
        "[" * 500_000,
        "{a: " * 200_000,
        "- " * 500_000,
        "? " * 400_000,
        "{" * 1_000_000,
        "\n".join(f"k{i}: *x" for i in range(60_000)),
        "{" + "a," * 500_000 + "}",
        "&a " * 300_000,
        "!" * 1_000_000,
        "a: '" + "x" * 1_000_000,
        "x" * (10 * MAX_BYTES),
    ],
    ids=str(range(12)).split,
)
def test_hostile_text_is_refused_in_little_time(text: str) -> None:
    before = time.perf_counter()
    with pytest.raises(SpecError) as caught:
        parse(text)
    assert time.perf_counter() - before < 2
    assert len(caught.value.problems) <= MAX_PROBLEMS
    assert len(str(caught.value)) < 600 * MAX_PROBLEMS


@pytest.mark.parametrize(
    ("data", "path", "words"),
    [
        ({"a": float("nan")}, "a", "a number of sensible size"),
        ({"a": [0, float("inf")]}, "a.1", "a number of sensible size"),
        ({"a": 10**400}, "a", "a number of sensible size"),
        ({"a": {1: 2}}, "a", "expected keys of plain text"),
        ({"a": {"\ud800": 2}}, "a", "expected keys of plain text"),
        ({"a": "\udfff"}, "a", "expected Unicode text"),
        ({"a": {1, 2}}, "a", "expected data of the JSON kinds, got set"),
        ({"a": b"b"}, "a", "expected data of the JSON kinds, got bytes"),
        ([1], "", "expected a mapping of keys, got a list"),
        (None, "", "expected a mapping of keys, got nothing"),
    ],
)
def test_data_that_is_no_json(data: Any, path: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        of_data(data)
    (problem,) = caught.value.problems
    assert problem.path == path
    assert words in problem.message


def test_data_is_copied() -> None:
    data: dict[str, Any] = {"a": [1, (2, {"b": 3})]}
    made = of_data(data).data
    assert made == {"a": [1, [2, {"b": 3}]]}
    made["a"][1].append(4)
    assert of_data({"a": 10**20}).data == {"a": 1e20}
    assert data == {"a": [1, (2, {"b": 3})]}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a: \xff", "expected UTF-8 text, found byte 0xff at 3"),
        ("a: 1".encode("utf-16"), "expected UTF-8 text, found byte 0xff at 0"),
        (b"#" * (MAX_BYTES + 1), "expected at most 1048576 bytes"),
    ],
)
def test_files_that_are_no_specs(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(data)
    with pytest.raises(SpecError, match=words):
        read_file(path)


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: caf\xc3\xa9\r\nb: 2\r\n")
    document = read_file(path)
    assert document.data == {"a": "café", "b": 2}
    assert document.lines["b"] == 2
    for bad in (tmp_path, tmp_path / "absent.yaml", Path("a\0b.yaml"), Path("x" * 5000)):
        with pytest.raises(SpecError, match="cannot be read"):
            read_file(bad)
