"""A deprecated codec warns who codes with it, and decodes in silence."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import semcodec
from semcodec.cli.main import main
from semcodec.engine import identity
from semcodec.registry import load_register

PICTURE = np.zeros((16, 16, 3), dtype=np.uint8)


@pytest.fixture
def deprecated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The register in which code 1, plain-dct, is deprecated."""
    register = load_register()
    codecs = tuple(replace(c, status="deprecated") if c.code == 1 else c for c in register.codecs)
    changed = replace(register, codecs=codecs)
    monkeypatch.setattr(identity, "load_register", lambda: changed)


@pytest.mark.usefixtures("deprecated")
def test_coding_warns_and_decoding_does_not() -> None:
    codec = semcodec.load("plain-dct")
    with pytest.warns(FutureWarning, match=r"'plain-dct' \(wire code 1\) is deprecated"):
        data = codec.encode(PICTURE)
    with pytest.warns(FutureWarning, match="is deprecated"):
        codec.encode_many([PICTURE])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (semcodec.decode(data) == codec.decode(data)).all()
        semcodec.load("flat-dct").encode(PICTURE)


@pytest.mark.usefixtures("deprecated")
def test_the_command_warns_and_does_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    semcodec.write_image(PICTURE, "a.png")
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        assert main(["encode", "a.png", "-p", "plain-dct", "-o", "a.smc"]) == 0
    assert "warning: 'plain-dct' (wire code 1) is deprecated" in capsys.readouterr().err
    assert main(["decode", "a.smc", "-o", "b.png"]) == 0
    assert capsys.readouterr().err == ""


def test_nothing_that_is_shipped_warns() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        semcodec.load("plain-dct").encode(PICTURE)
