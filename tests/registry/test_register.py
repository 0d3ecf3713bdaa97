from __future__ import annotations

import pytest

from semcodec.registry import additions_problems, load_register, parse_register


def test_look_ups(text: str) -> None:
    register = parse_register(text)
    codec = register.code(128)
    assert codec is not None
    assert codec.name == "later-gan"
    assert register.pipeline("later-gan") is codec
    assert register.code(2) is None
    assert register.pipeline("acme") is None


@pytest.mark.parametrize(
    ("component", "distribution"),
    [
        ("acme.roi", "semcodec-acme"),
        ("acme.roi@2", "semcodec-acme"),
        ("dct", "semcodec"),
        ("dct@1", "semcodec"),
        ("nobody.roi", None),
        ("acmes.roi", None),
        (".roi", None),
    ],
)
def test_provider_by_prefix(text: str, component: str, distribution: str | None) -> None:
    provider = parse_register(text).provider_of(component)
    assert (provider and provider.distribution) == distribution


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("acme.roi@2", "pip install semcodec-acme"),
        ("acme-roi", "pip install semcodec-acme"),
        ("flat-dct", "pip install semcodec"),
        ("dct", ""),
        ("nobody.roi", ""),
        ("", ""),
    ],
)
def test_install_hint(text: str, name: str, hint: str) -> None:
    assert parse_register(text).install_hint(name) == hint


@pytest.mark.parametrize("name", ["later.gan", "later-gan"])
def test_nothing_planned_is_offered_for_installation(text: str, name: str) -> None:
    assert parse_register(text).install_hint(name) == ""
    available = text.replace("status: planned", "status: available")
    assert parse_register(available).install_hint(name) == "pip install semcodec-later"


def _without(text: str, start: str) -> str:
    """Cut the list entry that begins with ``start``."""
    at = text.index(start)
    ends = (text.find("\n  - ", at + 1), text.find("\ncodecs:", at), len(text) - 1)
    return text[:at] + text[min(end for end in ends if end > 0) + 1 :]


def test_no_edit_is_no_problem(text: str) -> None:
    register = parse_register(text)
    assert additions_problems(register, register) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("codecs:\n", "codecs:\n  - {code: 2, name: new, provider: semcodec, digest: '%s', "
         "sections: [], wire: {}, status: draft}\n" % ("b" * 64)),
        ("codecs:\n", "  - {prefix: new, distribution: semcodec-new, home: 'https://n', "
         "install: pip install semcodec-new, status: planned}\ncodecs:\n"),
        ("1" * 64, "2" * 64),
        ("beta: 16", "beta: 32"),
        ("status: draft", "status: permanent"),
        ("status: draft", "status: deprecated"),
        ("status: permanent", "status: deprecated"),
        ("status: planned", "status: available"),
        ("https://example.org/later", "https://example.org/elsewhere"),
    ],
)  # fmt: skip
def test_additions_and_moves_forward_are_allowed(text: str, old: str, new: str) -> None:
    assert old in text
    changed = parse_register(text.replace(old, new, 1))
    assert changed != parse_register(text)
    assert additions_problems(parse_register(text), changed) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("0123", "3210", "code 1 (flat-dct): expected digest to stay"),
        ("{step: 64}", "{step: 65}", "code 1 (flat-dct): expected wire to stay"),
        ("[image]", "[picture]", "code 1 (flat-dct): expected sections to stay"),
        ("name: flat-dct", "name: flat", "code 1 (flat-dct): expected name to stay"),
        ("name: acme-roi", "name: acme", "code 17 (acme-roi): expected name to stay"),
        ("status: permanent", "status: draft", "code 1 (flat-dct): expected status to stay"),
        ("status: deprecated", "status: permanent", "code 128 (later-gan): expected status"),
        ("code: 17", "code: 18", "code 17 (acme-roi): expected to stay, got removed"),
        ("prefix: acme", "prefix: acne", "prefix acme: expected to stay, got removed"),
        ("prefix: later", "prefix: soon", "prefix later: expected to stay, got removed"),
        ("https://example.org/acme", "https://evil.org", "prefix acme: expected home to stay"),
        ("pip install semcodec-acme", "pip install evil", "prefix acme: expected install"),
        ("status: available", "status: planned", "prefix core: expected status to stay"),
    ],
)
def test_every_other_edit_is_refused(text: str, old: str, new: str, problem: str) -> None:
    assert old in text
    problems = additions_problems(parse_register(text), parse_register(text.replace(old, new, 1)))
    assert len(problems) == 1
    assert problems[0].startswith(problem)


@pytest.mark.parametrize("code", [1, 17, 128])
def test_codecs_cannot_be_removed(text: str, code: int) -> None:
    old = parse_register(text)
    new = parse_register(_without(text, f"  - code: {code}\n"))
    assert len(new.codecs) == 2
    (problem,) = additions_problems(old, new)
    assert problem.startswith(f"code {code} (")
    assert problem.endswith("expected to stay, got removed")


def test_shipped_register_hints() -> None:
    register = load_register()
    assert register.install_hint("anchors.jpeg@1") == "pip install semcodec-anchors"
    assert register.install_hint("somebody.else") == ""


def test_a_planned_provider_is_named_but_not_offered() -> None:
    register = load_register()
    assert register.install_hint("diffusion.paint") == ""
    assert "semcodec-diffusion" in register.planned("diffusion.paint")
    assert register.planned("anchors.jpeg") == ""
    assert register.planned("dct") == ""
