"""docs/format.md must say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from semcodec.wire import (
    DICTIONARY,
    STANDARD_SIZES,
    Body,
    Header,
    from_file,
    read_body,
    read_header,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "format.md"


@pytest.fixture(scope="module")
def document() -> str:
    return DOCUMENT.read_text(encoding="utf-8")


def _block(document: str, name: str) -> str:
    found = re.search(rf"^```{name}\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_preset_dictionary(document: str) -> None:
    assert bytes.fromhex(_block(document, "dictionary")) == DICTIONARY


def test_standard_sizes(document: str) -> None:
    rows = re.findall(r"^\| (\d+) \| (\d+) \| (\d+) \|$", document, re.MULTILINE)
    assert [(int(w), int(h)) for _, w, h in rows] == list(STANDARD_SIZES)
    assert [int(index) for index, _, _ in rows] == list(range(len(STANDARD_SIZES)))


def test_worked_example(document: str) -> None:
    lines = _block(document, "example").splitlines()
    data = bytes.fromhex("".join(line.split("  ")[0] for line in lines))
    wire = from_file(data)
    assert len(wire) == len(data) - 6
    header, offset = read_header(wire)
    assert header == Header(width=451, height=300, code=300, digest=b"\0\1", check=True)
    assert read_body(wire, offset, radices=(16, 64), sections=2, check=True) == Body(
        values=(5, 7), sections=(b"map", b"picture"), check=0x5A
    )
