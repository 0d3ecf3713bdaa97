"""The register against what is installed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from semcodec.discovery import Catalog, catalog
from semcodec.discovery.health import Check
from semcodec.engine.registration import check_register
from semcodec.registry import Register, WireField, load_register


@pytest.fixture(autouse=True)
def _own_catalog() -> Iterator[None]:
    catalog.cache_clear()
    yield
    catalog.cache_clear()


def checks(register: Register) -> dict[str, Check]:
    return {check.subject: check for check in check_register(register, catalog())}


def changed(**fields: Any) -> Register:
    """The shipped register with another entry for code 2."""
    register = load_register()
    codecs = tuple(replace(c, **fields) if c.code == 2 else c for c in register.codecs)
    return replace(register, codecs=codecs)


def test_the_shipped_register_is_what_is_installed() -> None:
    found = checks(load_register())
    assert "2 flat-dct" in found
    assert {check.state for check in found.values()} <= {"ok", "note"}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"digest": "0" * 64}, "expected digest 0000"),
        ({"sections": ("image", "map")}, "expected sections ['image', 'map'], got ['image']"),
        ({"wire": ()}, "expected wire {}, got {'step': 61}"),
        ({"wire": (WireField(name="step", levels=60),)}, "expected wire {'step': 60}"),
        ({"provider": "semcodec-anchors"}, "registered for semcodec-anchors, provided here by"),
    ],
)
def test_each_difference_is_named(fields: dict[str, Any], says: str) -> None:
    found = checks(changed(**fields))["2 flat-dct"]
    assert found.state == "broken"
    assert says in found.detail


def test_a_provider_that_lacks_its_pipeline_is_out_of_date() -> None:
    found = checks(changed(name="new-dct"))
    assert found["2 new-dct"].state == "broken"
    assert "pip install --upgrade semcodec" in found["2 new-dct"].detail
    assert found["flat-dct"].state == "note"
    assert "not registered" in found["flat-dct"].detail


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation of the core alone."""
    monkeypatch.setattr("semcodec.discovery.scan.registrations", lambda path: [])


@pytest.mark.usefixtures("bare")
def test_what_is_not_installed_is_a_note_with_its_command() -> None:
    found = checks(load_register())["16 jpeg"]
    assert found.state == "note"
    assert found.detail.endswith("pip install semcodec-anchors")


@pytest.mark.usefixtures("bare")
def test_what_is_planned_is_a_note_without_a_command() -> None:
    register = load_register()
    codecs = tuple(replace(c, provider="semcodec-gan") for c in register.codecs if c.code == 16)
    found = checks(replace(register, codecs=codecs))["16 jpeg"]
    assert found.state == "note"
    assert "semcodec-gan is not out yet" in found.detail
    assert "pip" not in found.detail


def test_a_prefix_in_strange_hands_is_named(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "somebody-1.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text("[semcodec]\nseam = pkg_somebody\n")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: somebody\nVersion: 1\n")
    (tmp_path / "pkg_somebody.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    (first, *_) = check_register(load_register(), Catalog(path=[str(tmp_path)]))
    assert first.state == "broken"
    assert "prefix seam belongs to semcodec-seam, but somebody uses it here" in first.detail
