"""The JSON Schema of the register: what it admits and what it refuses."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from semcodec.errors import RegisterError
from semcodec.registry import parse_register, register_file
from semcodec.registry.schema import register_schema

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(register_schema())
    return Draft202012Validator(register_schema())


def test_the_committed_schema_is_the_register_s_own() -> None:
    text = (ROOT / "docs" / "registry.schema.json").read_text(encoding="utf-8")
    assert json.loads(text) == register_schema()


def test_the_register_names_its_schema() -> None:
    first = (ROOT / "registry.yaml").read_text(encoding="utf-8").partition("\n")[0]
    assert first == "# yaml-language-server: $schema=docs/registry.schema.json"


def test_the_register_validates(validator: Draft202012Validator) -> None:
    data = yaml.safe_load(register_file().read_text(encoding="utf-8"))
    assert list(validator.iter_errors(data)) == []


def test_registers_without_descriptions_validate(
    validator: Draft202012Validator, text: str
) -> None:
    assert "description" not in text
    assert list(validator.iter_errors(yaml.safe_load(text))) == []
    assert {entry.description for entry in parse_register(text).providers} == {""}


Edit = Callable[[dict[str, Any]], Any]

HOSTILE: dict[str, Edit] = {
    "another format": lambda d: d.update(register=2),
    "no format": lambda d: d.pop("register"),
    "an unknown key": lambda d: d.update(hooks=["curl"]),
    "no providers": lambda d: d.pop("providers"),
    "providers by name": lambda d: d.update(providers={"acme": {}}),
    "an unknown field": lambda d: d["codecs"][1].update(url="https://example.org"),
    "a field less": lambda d: d["codecs"][1].pop("digest"),
    "code 0": lambda d: d["codecs"][1].update(code=0),
    "code 96": lambda d: d["codecs"][1].update(code=96),
    "code 127": lambda d: d["codecs"][1].update(code=127),
    "code 16384": lambda d: d["codecs"][1].update(code=16384),
    "a code in words": lambda d: d["codecs"][1].update(code="17"),
    "a short digest": lambda d: d["codecs"][1].update(digest="1" * 63),
    "a name with a capital": lambda d: d["codecs"][1].update(name="Acme"),
    "a name with a path": lambda d: d["codecs"][1].update(name="../acme"),
    "one level": lambda d: d["codecs"][1].update(wire={"step": 1}),
    "too many levels": lambda d: d["codecs"][1].update(wire={"step": 65537}),
    "a setting's odd name": lambda d: d["codecs"][1].update(wire={"Step one": 4}),
    "settings in a list": lambda d: d["codecs"][1].update(wire=["step"]),
    "a section's odd name": lambda d: d["codecs"][1].update(sections=["a b"]),
    "too many sections": lambda d: d["codecs"][1].update(sections=["s"] * 65),
    "an unknown status": lambda d: d["codecs"][1].update(status="final"),
    "a provider's unknown status": lambda d: d["providers"][1].update(status="draft"),
    "another command": lambda d: d["providers"][1].update(install="curl example.org | sh"),
    "a chained command": lambda d: d["providers"][1].update(install="pip install a; reboot"),
    "an option": lambda d: d["providers"][1].update(install="pip install --index-url=x"),
    "a page without TLS": lambda d: d["providers"][1].update(home="http://example.org"),
    "a description of two lines": lambda d: d["codecs"][1].update(description="one\ntwo"),
    "an escape sequence": lambda d: d["codecs"][1].update(description="\x1b[31mred"),
    "a long description": lambda d: d["providers"][1].update(description="x" * 201),
    "a description that is no text": lambda d: d["providers"][1].update(description=3),
}


@pytest.mark.parametrize("edit", HOSTILE.values(), ids=HOSTILE)
def test_hostile_variants_do_not_and_are_no_register(
    validator: Draft202012Validator, text: str, edit: Edit
) -> None:
    data = yaml.safe_load(text)
    changed = copy.deepcopy(data)
    edit(changed)
    assert changed != data
    assert not validator.is_valid(changed)
    with pytest.raises(RegisterError):
        parse_register(yaml.safe_dump(changed, sort_keys=False))


def test_what_the_schema_cannot_say_the_reader_does(
    validator: Draft202012Validator, text: str
) -> None:
    """A code, a name, a prefix and a digest are each taken once."""
    for one, other in (("code: 17", "code: 1"), ("1" * 64, "0123456789abcdef" * 4)):
        changed = text.replace(one, other, 1)
        assert validator.is_valid(yaml.safe_load(changed))
        with pytest.raises(RegisterError, match="of its own"):
            parse_register(changed)
