"""Searching the register and what is installed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from semcodec.registry import Register, everything, parse_register, search

CORE: Any = SimpleNamespace(
    name="semcodec",
    distribution="semcodec",
    version="0.1.0",
    ids=("dct", "psnr"),
    pipeline_names=("flat-dct",),
)
OTHER: Any = SimpleNamespace(
    name="other",
    distribution="semcodec-other",
    version="3",
    ids=("other.thing",),
    pipeline_names=("other-pipe",),
)


@pytest.fixture
def register(text: str) -> Register:
    described = text.replace(
        "status: draft", "status: draft\n    description: Finer where a map says so."
    )
    return parse_register(described)


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("acme", ["acme", "acme-roi"]),
        ("ACME", ["acme", "acme-roi"]),
        ("finer", ["acme-roi"]),
        ("dct", ["flat-dct", "dct"]),
        ("17", ["acme-roi"]),
        ("other", ["other", "other-pipe", "other.thing"]),
        ("semcodec-later", ["later", "later-gan"]),
        ("nothing-has-this", []),
    ],
)
def test_a_word_is_found_wherever_it_stands(
    register: Register, word: str, names: list[str]
) -> None:
    assert [each.name for each in search(register, [CORE, OTHER], word)] == names


def test_what_is_not_installed_comes_with_its_command(register: Register) -> None:
    (prefix, pipeline) = search(register, [CORE], "acme")
    assert prefix.install == pipeline.install == "pip install semcodec-acme"
    assert (pipeline.code, pipeline.status, pipeline.installed) == (17, "draft", "")


def test_what_is_planned_comes_without_a_command(register: Register) -> None:
    found = search(register, [CORE], "later")
    assert [each.name for each in found] == ["later", "later-gan"]
    assert {each.install for each in found} == {""}


def test_what_is_installed_needs_no_command(register: Register) -> None:
    (found,) = search(register, [CORE], "flat-dct")
    assert (found.installed, found.install) == ("0.1.0", "")


def test_what_is_installed_and_not_registered_is_said_to_be_so(register: Register) -> None:
    found = search(register, [CORE, OTHER], "other")
    assert {each.status for each in found} == {"unregistered"}
    assert {each.installed for each in found} == {"3"}


def test_everything_holds_each_name_once(register: Register) -> None:
    found = everything(register, [CORE, OTHER])
    assert len({(each.kind, each.name) for each in found}) == len(found)
    assert {"core", "acme", "later", "acme-roi", "later-gan", "dct"} <= {e.name for e in found}
