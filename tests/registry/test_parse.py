from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.errors import RegisterError
from semcodec.registry import Codec, Provider, WireField, load_register, parse_register


def test_entries(text: str) -> None:
    register = parse_register(text)
    assert [provider.prefix for provider in register.providers] == ["core", "acme", "later"]
    assert register.providers[1] == Provider(
        prefix="acme",
        distribution="semcodec-acme",
        home="https://example.org/acme",
        install="pip install semcodec-acme",
        status="available",
    )
    assert register.code(17) == Codec(
        code=17,
        name="acme-roi",
        provider="semcodec-acme",
        digest="1" * 64,
        sections=("map+image", "residual"),
        wire=(WireField(name="beta", levels=16), WireField(name="step", levels=64)),
        status="draft",
    )


def test_the_order_of_keys_means_nothing(text: str) -> None:
    swapped = text.replace("{step: 64, beta: 16}", "{beta: 16, step: 64}")
    assert swapped != text
    assert parse_register(swapped) == parse_register(text)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("register: 1", "register: 2", "line 1: register: expected format 1, got 2"),
        ("register: 1", "register: true", "register: expected format 1, got True"),
        ("register: 1\n", "", "register: expected format 1, got None"),
        ("register: 1", "register: 1\nextra: 2", "line 2: extra: expected one of register"),
        ("code: 17", "code: 96", "line 26: codecs.1.code: expected a wire code .*, got 96"),
        ("code: 17", "code: 127", "codecs.1.code: expected a wire code .*, got 127"),
        ("code: 17", "code: 0", "codecs.1.code: expected a wire code .*, got 0"),
        ("code: 17", "code: -3", "codecs.1.code: .*, got -3"),
        ("code: 17", "code: 16384", "codecs.1.code: expected a wire code .*, got 16384"),
        ("code: 17", "code: 17.0", "codecs.1.code: .*, got 17.0"),
        ("code: 17", "code: true", "codecs.1.code: .*, got True"),
        ("code: 17", "code: 1", "codecs.1.code: expected a code of its own, got 1, taken by"),
        ("name: acme-roi", "name: flat-dct", "codecs.1.name: expected a name of its own"),
        ("name: acme-roi", "name: Acme", "codecs.1.name: .*, got 'Acme'"),
        ("prefix: later", "prefix: acme", "providers.2.prefix: expected a prefix of its own"),
        ("1" * 64, "1" * 63, "codecs.1.digest: "),
        ("1" * 64, "G" * 64, "codecs.1.digest: "),
        ("provider: semcodec-acme", "provider: nobody", "expected the distribution of a provider"),
        ("status: draft", "status: final", "codecs.1.status: .*, got 'final'"),
        ("status: planned", "status: draft", "providers.2.status: .*, got 'draft'"),
        ("beta: 16", "beta: 1", "codecs.1.wire.0.levels: .*, got 1"),
        ("beta: 16", "beta: 65537", "codecs.1.wire.0.levels: .*, got 65537"),
        ("{step: 64, beta: 16}", "[64]", "codecs.1.wire: expected a mapping .*, got \\[64\\]"),
        ("[image]", "image", "codecs.0.sections: .*, got 'image'"),
        ("    status: draft\n", "", "codecs.1.status: expected a value, got none"),
        ("status: draft", "status: draft\n    kind: 1", "codecs.1.kind: expected no such key"),
        ("install: pip install semcodec-acme", "install: curl x | sh", "providers.1.install: "),
        ("pip install semcodec-acme", "pip install a; reboot", "providers.1.install: "),
        ("pip install semcodec-acme", '"pip install a\\nreboot"', "providers.1.install: "),
        ("pip install semcodec-acme", "pip install --index-url=x", "providers.1.install: "),
        ("https://example.org/acme", "http://example.org/acme", "providers.1.home: "),
    ],
)
def test_each_problem_is_named_with_its_place(text: str, old: str, new: str, message: str) -> None:
    assert old in text
    with pytest.raises(RegisterError, match=f"1 problem\n.*{message}"):
        parse_register(text.replace(old, new, 1))


def test_all_problems_come_at_once(text: str) -> None:
    broken = text.replace("code: 17", "code: 99").replace("prefix: later", "prefix: core")
    broken = broken.replace("status: permanent", "status: done")
    with pytest.raises(RegisterError) as caught:
        parse_register(broken, source="mine.yaml")
    message = str(caught.value)
    assert message.startswith("mine.yaml: 3 problems\n")
    for part in ("codecs.1.code", "providers.2.prefix", "codecs.0.status"):
        assert part in message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "got an empty document"),
        ("[]", "expected a mapping"),
        ("just words", "expected a mapping"),
        ("register: 1\nregister: 1", "line 2: the key 'register' a second time"),
        ("register: 1\ncodecs: [{code: 1, code: 2}]", "line 2: the key 'code' a second time"),
        ("a: &x [1]\nb: *x", "an alias or a tag"),
        ("a: !!python/object/apply:os.getcwd []", "an alias or a tag"),
        ("a: !!str 1", "an alias or a tag"),
        ("<<: {register: 1}", "a key that is no plain word"),
        ("? [a]\n: 1", "a key that is no plain word"),
        ("a: 2001-99-99", "cannot be read"),
        ("a: " + "1" * 5000, "cannot be read"),
        ("a: [", "cannot be read"),
        ("\x00", "cannot be read"),
        ("a: 1\n---\nb: 2", "cannot be read"),
        ("[" * 100_000, "nested more than 8 deep"),
        ("[" * 100_000 + "]" * 100_000, "nested more than 8 deep"),
    ],
)
def test_hostile_text(text: str, message: str) -> None:
    with pytest.raises(RegisterError, match=message):
        parse_register(text)


@given(st.text(max_size=60))
def test_any_text_gives_an_error_of_ours(text: str) -> None:
    with pytest.raises(RegisterError):
        parse_register(text)


def test_shipped_register() -> None:
    register = load_register()
    assert load_register() is register
    owners = {provider.prefix: provider.distribution for provider in register.providers}
    assert owners["core"] == "semcodec"
    for prefix in ("anchors", "saic", "seam", "diffusion", "gan", "torch"):
        assert owners[prefix] == f"semcodec-{prefix}"
