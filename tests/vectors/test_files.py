"""The files of vectors are promises: there, unchanged, whole, described, and all of them read."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import runpy
from pathlib import Path

import pytest

HERE = Path(__file__).parent
VECTORS = HERE.parents[1] / "docs" / "vectors"
PINNED = {
    "checks": "a1fd9e5f56faa426",
    "containers": "f0ec8fbbdde7eb8b",
    "dct": "fa4e60e7bb12bf8f",
    "deblocking": "9ebd6bb3c511176e",
    "grids": "05b84ee04bf64717",
    "headers": "1d94cb01b853f111",
    "labels": "d0db1db687e0f39c",
    "mixed": "8fc2ca1740c1c94d",
    "noise": "fb53a96953c5dbfa",
    "pixels": "305b8413d7be53e4",
    "plain": "5aec6c6b67ef6eec",
    "plane": "edc1dd90e61cc688",
    "range": "4e2a2607146b7b78",
    "rans-long": "31f73d5af5eb04e9",
    "rans": "beb46a4cf8f2a25d",
    "scales": "5368c606f00682cf",
    "sequence": "6e86897d66e3fc80",
    "settings": "188ee3b03714f88c",
    "varints": "a5ea0880adefea30",
}
"""First 16 digits of the SHA-256 of every file. Nothing here is ever changed; files are added."""


@pytest.mark.parametrize("name", sorted(PINNED))
def test_a_file_is_what_it_was(name: str) -> None:
    data = (VECTORS / f"{name}.json").read_bytes()
    assert hashlib.sha256(data).hexdigest()[:16] == PINNED[name]


def test_every_file_is_pinned_and_described() -> None:
    found = {path.stem for path in VECTORS.glob("*.json")}
    assert found == set(PINNED)
    table = (VECTORS / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE)
    assert set(re.findall(r"`([\w-]+)`", " ".join(rows))) == found


@pytest.mark.parametrize("name", sorted(PINNED))
def test_a_file_says_which_section_it_belongs_to(name: str) -> None:
    file = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    assert file["vectors"] == 1
    assert file["cases"]
    page, _, anchor = file["page"].partition("#")
    text = (VECTORS.parent / page).read_text(encoding="utf-8")
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    assert anchor in {re.sub(r"[^\w\- ]", "", t.lower()).replace(" ", "-") for t in titles}


def test_every_file_is_read_by_the_decoder() -> None:
    source = ast.parse((HERE / "test_public.py").read_text(encoding="utf-8"))
    read = {
        argument.value
        for node in ast.walk(source)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.of"
        for argument in node.args
        if isinstance(argument, ast.Constant)
    }
    assert read == set(PINNED)


def test_the_script_writes_over_nothing(tmp_path: Path) -> None:
    main = runpy.run_path(str(HERE / "make.py"))["main"]
    kept = tmp_path / "varints.json"
    kept.write_text("mine")
    assert main(tmp_path) == 0
    assert kept.read_text() == "mine"
    assert {path.stem for path in tmp_path.glob("*.json")} == set(PINNED)
