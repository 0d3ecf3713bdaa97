"""docs/conformance.md says what the kit does."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import semcodec
from semcodec.discovery import catalog
from semcodec.testing import examine
from semcodec.testing.__main__ import listing
from semcodec.testing.bases import ComponentTests, Tests

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "conformance.md").read_text(encoding="utf-8")


def blocks(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_the_table_is_that_of_the_registry() -> None:
    """If it is not: python -m semcodec.testing prints it."""
    assert PAGE.partition("<!-- checks -->\n")[2] == "\n".join(listing()) + "\n"


def test_the_examples_work(monkeypatch: pytest.MonkeyPatch) -> None:
    acme, here = ModuleType("semcodec_acme.quantizer"), ModuleType("here")
    monkeypatch.setitem(sys.modules, "semcodec_acme", ModuleType("semcodec_acme"))
    for module in (acme, here):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    vars(here)["__file__"] = __file__
    components = (DOCS / "components.md").read_text(encoding="utf-8")
    exec(compile(blocks(components)[0], "components.md", "exec", dont_inherit=True), vars(acme))
    for block in blocks(PAGE):
        exec(compile(block, "conformance.md", "exec", dont_inherit=True), vars(here))
    space: Any = here
    catalog.cache_clear()
    semcodec.register(acme.DeadZone)
    try:
        for tests in (space.TestDeadZone, space.TestOfPictures):
            rows = list(examine(tests))
            assert [row for row in rows if row.outcome == "failed"] == []
            assert len([row for row in rows if row.outcome == "passed"]) > 20
    finally:
        catalog.cache_clear()
    assert len(list(space.TestFast().trials())) > 20
    assert space.TestAcmeDct.__test__


def test_every_name_of_the_interface_is_on_the_page() -> None:
    import semcodec.testing

    for name in semcodec.testing.__all__:
        if name.endswith("Tests") and name not in ("ComponentTests", "Tests"):
            assert f"`{name}`" in PAGE, name
    methods = [name for name in vars(Tests) if callable(getattr(Tests, name))]
    for name in ("pictures", "shapes", "describe", "inputs", "sample"):
        assert name in methods
        assert f"`{name}(" in PAGE
    for base in (Tests, ComponentTests, semcodec.testing.PipelineTests):
        for name in vars(base).get("__annotations__", {}):
            assert name == "kind" or f"`{name}`" in PAGE, name
