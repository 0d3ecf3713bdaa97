"""inspect on the command line, and the values that command lines hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import semcodec
from semcodec.cli.values import colour, pairs, split_set, target_pair, typed
from semcodec.errors import SettingError

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def photo() -> Any:
    rows, columns = np.mgrid[:40, :60]
    return np.stack([rows * 6, columns * 4, rows + columns], axis=2).astype(np.uint8)


def sizes(out: str) -> dict[str, int]:
    lines = out[out.index("  PART") :].splitlines()[1:]
    return {line[2:].rsplit(maxsplit=2)[0]: int(line.split()[-2]) for line in lines if line}


def test_a_registered_codec(command: Command, photo: Any) -> None:
    data = semcodec.load("flat-dct").encode(photo)
    Path("a.smc").write_bytes(data)
    code, out, err = command("inspect", "a.smc")
    assert (code, err) == (0, "")
    head = out.splitlines()
    assert head[0] == f"a.smc: {len(data)} bytes, {8 * len(data) / 2400:.4g} bpp"
    assert head[1] == "picture   60x40, RGB, 8 bits"
    assert head[2].startswith("codec     flat-dct (wire code 2, ")
    assert head[3] == f"digest    {semcodec.load('flat-dct').digest}"
    assert sum(sizes(out).values()) == len(data)
    code, out, _ = command("inspect", "a.smc", "--json")
    found = json.loads(out)
    assert (found["code"], found["size"], found["form"]) == (2, len(data), "file")
    assert sum(part["size"] for part in found["parts"]) == len(data)


def test_a_private_codec(command: Command, photo: Any) -> None:
    codec = semcodec.load("flat-dct", set={"transform.block": 8})
    data = codec.encode(photo[..., :1], settings={"step": 8})
    Path("a.smc").write_bytes(data)
    code, out, _ = command("inspect", "a.smc")
    assert code == 0
    assert "picture   60x40, gray, 8 bits" in out
    assert "codec     unnamed, a private codec that travels in the file" in out
    assert "needs     dct-context@1, dct@1, range@1, uniform@1" in out
    assert "setting   step = 8.0" in out
    assert sum(sizes(out).values()) == len(data)
    Path("a.smc").write_bytes(codec.encode(photo, detached=True))
    code, out, _ = command("inspect", "a.smc")
    assert code == 0
    assert "codec     a private codec that the file names by digest only" in out
    assert "only its own spec can explain the rest" in out


@pytest.mark.parametrize("data", [b"", b"\x00", b"SMCX", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_container(data: bytes, command: Command) -> None:
    Path("a.smc").write_bytes(data)
    code, out, err = command("inspect", "a.smc")
    assert (code, out) == (1, "")
    assert err.startswith("error: ")


def test_what_cannot_be_read(command: Command) -> None:
    for name, says in (("no.smc", "No such file"), (".", "Is a directory")):
        code, _, err = command("inspect", name)
        assert code == 1
        assert err.startswith(f"error: {name}: cannot be read: {says}")
    assert command("inspect")[0] == 2


def test_help(command: Command) -> None:
    code, out, _ = command("inspect", "--help")
    assert code == 0
    assert "  Example:\n    semcodec inspect photo.smc" in out


@given(st.dictionaries(st.text(min_size=1).filter(lambda k: "=" not in k), st.text()))
def test_pairs_keep_everything_after_the_first_equals_sign(found: dict[str, str]) -> None:
    assert pairs([f"{key}={value}" for key, value in found.items()], "--set") == found


@pytest.mark.parametrize("items", [["x"], ["=1"], [""], ["a=1", "a=2"]])
def test_what_is_no_pair(items: list[str]) -> None:
    with pytest.raises(click.UsageError, match="--set"):
        pairs(items, "--set")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("-2.5e1", -25.0),
        ("true", True),
        ("null", None),
        ("", None),
        ("yes", "yes"),
        ("'3'", "3"),
        ("420", 420),
        ("[1, a]", [1, "a"]),
        ("{use: range}", {"use": "range"}),
        ("a: b", "a: b"),
        ("*x", "*x"),
        ("[1", "[1"),
        ("1\nother: 2", "1\nother: 2"),
        ("!!python/object:os.system x", "!!python/object:os.system x"),
        ("# red", None),
    ],
)
def test_values_mean_what_they_mean_in_a_spec(text: str, value: Any) -> None:
    found = typed(text)
    assert (found, type(found)) == (value, type(value))


@given(st.text())
def test_any_text_is_some_value(text: str) -> None:
    assert isinstance(typed(text), (str, int, float, bool, list, dict, type(None)))


def test_settings_and_addresses() -> None:
    found = split_set(["step=3", "quantizer.step=4", "seed=5"], ["step"])
    assert found == ({"step": 3}, {"quantizer.step": 4, "seed": 5})
    with pytest.raises(SettingError, match="Its settings: none"):
        split_set(["step=3"], [])


def test_targets_and_colours() -> None:
    assert target_pair(None) is None
    assert target_pair("psnr=35.5") == ("psnr", 35.5)
    assert colour(None) is None
    assert colour("#0aFF00") == colour("0aff00") == (10, 255, 0)
    for wrong in ("", "#", "#fff", "#gggggg", "#ff ff f", "red", "#1234567"):
        with pytest.raises(click.UsageError, match="#ffffff"):
            colour(wrong)
