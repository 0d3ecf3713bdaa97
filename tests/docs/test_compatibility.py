"""The page of promises names tests that exist, and every promise has one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "compatibility.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_a_test_that_is_named_exists(file: str, test: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_section_names_its_tests() -> None:
    sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
    assert len(sections) >= 10
    for section in sections:
        title = section.partition("\n")[0]
        assert title == "At a glance" or "Tests: `tests/" in section, title


def test_the_page_states_the_versions_of_the_code() -> None:
    from semcodec.discovery.hookspecs import API_VERSION
    from semcodec.registry.parse import FORMAT
    from semcodec.spec.form import SCHEMA_VERSION

    for text in (
        f"`semcodec_api = {API_VERSION}`",
        f"`register: {FORMAT}`",
        f"`semcodec: {SCHEMA_VERSION}`",
    ):
        assert text in PAGE


def test_it_can_be_found() -> None:
    assert "](docs/compatibility.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "](compatibility.md)" in (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
