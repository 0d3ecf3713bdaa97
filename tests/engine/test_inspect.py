"""inspect: every byte of a file accounted for, from the bytes and the register alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import semcodec
from semcodec.engine import inspect as engine
from semcodec.errors import ContainerError, IntegrityError
from semcodec.registry import Codec as Registered
from semcodec.registry import Provider, Register
from semcodec.registry.model import WireField

Picture = NDArray[np.uint8]
pytestmark = pytest.mark.usefixtures("rehearsal")
NAMES = ["guided-dct", "carved-guided", "carved-jpeg", "hyperprior", "any-width", "decoder-masks"]


def parts(data: bytes) -> dict[str, int]:
    found = semcodec.inspect(data)
    assert sum(part.size for part in found.parts) == found.size == len(data)
    return {part.name: part.size for part in found.parts}


def files(name: str, photo: Picture, **options: Any) -> list[bytes]:
    codec = semcodec.load(name)
    inputs = {"caption": "a cat"} if name == "decoder-masks" else {}
    return [codec.encode(photo, form=f, inputs=inputs, **options) for f in ("file", "wire")]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NAMES)
def test_embedded(name: str, photo: Picture) -> None:
    codec = semcodec.load(name)
    file, wire = files(name, photo)
    found = semcodec.inspect(file)
    assert (found.codec, found.form, found.version) == ("embedded", "file", 1)
    assert (found.name, found.code, found.status) == (name, None, "")
    assert found.digest == codec.digest
    assert (found.width, found.height, found.channels, found.depth) == (93, 67, 3, 8)
    assert found.settings == codec.settings(file)
    assert found.note == ""
    assert found.lock == json.loads(json.dumps(codec._plan.decode_form))
    assert any(use.startswith("rehearsal.") for use in found.components)
    assert {*parts(file)} - {*parts(wire)} == {"magic and CRC"}
    assert [n for n in parts(wire) if n in codec.sections] == list(codec.sections)
    assert found.bits_per_pixel == 8 * len(file) / (93 * 67)


def test_detached(photo: Picture) -> None:
    file, wire = files("guided-dct", photo, detached=True)
    found = semcodec.inspect(file)
    assert (found.codec, found.name, found.lock) == ("detached", "", None)
    assert semcodec.load("guided-dct").digest.startswith(found.digest)
    assert len(found.digest) == 8
    assert "only its own spec can explain the rest" in found.note
    assert parts(wire) == {"header": 8, "settings, lengths and sections": len(wire) - 8}


def register(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> bytes:
    """Register a codec, and give its wire form for a picture of 93 by 67."""
    entry: dict[str, Any] = {
        "code": 90,
        "name": "nobodys",
        "provider": "semcodec-nobody",
        "digest": "ab" * 32,
        "sections": ("a", "b"),
        "wire": (WireField(name="q", levels=300),),
        "status": "draft",
    }
    provider = Provider(
        prefix="nobody",
        distribution="semcodec-nobody",
        home="https://example.org",
        install="pip install semcodec-nobody",
        status="available",
    )
    codec = Registered(**{**entry, **changes})
    monkeypatch.setattr(
        engine, "load_register", lambda: Register(providers=(provider,), codecs=(codec,))
    )
    return bytes([0x25, 90, 0xAB, 0xAB, 93, 67, 1, 43, 2]) + b"aabbb" + b"\x77"


def test_registered_but_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    data = register(monkeypatch)
    found = semcodec.inspect(data)
    assert parts(data) == {"header": 6, "settings and lengths": 3, "a": 2, "b": 3, "check byte": 1}
    assert (found.codec, found.code, found.name) == ("registered", 90, "nobodys")
    assert (found.provider, found.status) == ("semcodec-nobody", "draft")
    assert found.install == "pip install semcodec-nobody"
    assert found.digest == "ab" * 32
    assert found.settings == {"q": {"index": 299}}
    assert found.check
    assert found.note == ""


def test_registered_by_another_release(monkeypatch: pytest.MonkeyPatch) -> None:
    data = register(monkeypatch, digest="cd" * 32)
    found = semcodec.inspect(data)
    assert "another version" in found.note
    assert found.digest == "abab"
    assert parts(data) == {"header": 6, "settings, lengths and sections": 9}


def test_not_registered_here(monkeypatch: pytest.MonkeyPatch) -> None:
    data = register(monkeypatch, code=91)
    found = semcodec.inspect(data)
    assert (found.name, found.provider) == ("", "")
    assert "wire code 90 is not in this release's register" in found.note
    assert parts(data) == {"header": 6, "settings, lengths and sections": 9}


def test_a_body_that_does_not_fit_is_shown_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    data = register(monkeypatch)
    for damaged in (data[:7], data[:8] + b"\xff\xff\x03" + data[9:], data[:6] + b"\xff\xff\x01"):
        found = semcodec.inspect(damaged)
        assert "does not fit" in found.note
        assert parts(damaged)["unreadable body"] == len(damaged) - 6


def test_no_container(photo: Picture) -> None:
    for data in (b"", b"\x89PNG\r\n", b"SMCX"):
        with pytest.raises(ContainerError):
            semcodec.inspect(data)
    file = semcodec.load("flat-dct").encode(photo)
    with pytest.raises(IntegrityError):
        semcodec.inspect(file[:-1] + bytes([file[-1] ^ 1]))


def test_it_works_without_the_plugin_and_imports_none(
    photo: Picture, tmp_path: Path, uninstall: Callable[[], None]
) -> None:
    data = files("carved-guided", photo)[0]
    expected = parts(data)
    uninstall()
    assert parts(data) == expected
    path = tmp_path / "a.smc"
    path.write_bytes(data)
    code = (
        "import sys, semcodec; found = semcodec.inspect(open(sys.argv[1], 'rb').read());"
        "from semcodec.discovery import catalog; light = {p.module for p in catalog().plugins};"
        "print(found.name, [m for m in sys.modules if m.startswith(('semcodec_', "
        "'semcodec.components')) and m not in light])"
    )
    root = str(Path(semcodec.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "carved-guided []\n"


def test_values_of_a_registered_codec_come_from_the_installed_lock(photo):
    data = semcodec.load("flat-dct").encode(photo, settings={"step": 32})
    assert semcodec.inspect(data).settings == {"step": 32.0}
