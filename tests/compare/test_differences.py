from __future__ import annotations

import numpy as np
import pytest

from semcodec.cli import main
from semcodec.compare.differences import between, compare_codecs, compare_files
from semcodec.engine.api import load
from semcodec.errors import SettingError


def picture():
    y, x = np.mgrid[:16, :24]
    return np.stack([x * 9, y * 9, (x + y) * 5], 2).astype(np.uint8)


def test_a_codec_does_not_differ_from_itself():
    found = between("flat-dct", "flat-dct")
    assert found.differences == ()
    assert found.same_decoder is True
    assert found.verdict == "They are the same codec."


def test_a_changed_parameter_is_named_by_its_address():
    found = compare_codecs(load("flat-dct"), load("flat-dct", set={"quantizer.step": 8}))
    [step] = [d for d in found.differences if d.address == "image.stages.1.step"]
    assert (step.one, step.other) == ("16.0", "8.0")
    assert (
        load("flat-dct", set={step.address: 8}).digest
        == load("flat-dct", set={"quantizer.step": 8}).digest
    )


def test_encoders_alone_are_told_from_decoders():
    encoder = compare_codecs(load("flat-dct"), load("flat-dct", set={"quantizer.rdo": 0}))
    assert encoder.same_decoder is True
    assert "only the encoders differ" in encoder.verdict
    decoder = compare_codecs(load("flat-dct"), load("flat-dct", swap={"coder": "rans"}))
    assert decoder.same_decoder is False
    coders = [(d.address, d.one) for d in decoder.differences if "coder" in d.address]
    assert coders[0] == ("image.coder.use", "range@1")


def test_files_differ_in_settings_parts_and_codec():
    one = load("flat-dct").encode(picture(), settings={"step": 8})
    other = load("flat-dct").encode(picture(), settings={"step": 64})
    found = compare_files(one, other)
    assert found.same_decoder is True
    addresses = {d.address for d in found.differences}
    assert {"size", "settings.step", "parts.image"} <= addresses
    assert not any(address.startswith("codec.") for address in addresses)
    private = load("flat-dct", swap={"coder": "rans"}).encode(picture())
    apart = compare_files(one, private)
    assert apart.same_decoder is False
    assert "codec.streams.image.coder.use" in {d.address for d in apart.differences}
    assert compare_files(one, one).verdict == "The files are equal."


def test_detached_files_leave_it_open(tmp_path):
    codec = load("flat-dct", swap={"coder": "rans"})
    one, other = (codec.encode(picture(), settings={"step": s}, detached=True) for s in (8, 64))
    assert compare_files(one, other).same_decoder is None


def test_a_spec_and_a_file_cannot_be_compared(tmp_path, capsys):
    file = tmp_path / "a.smc"
    file.write_bytes(load("flat-dct").encode(picture()))
    with pytest.raises(SettingError, match="expected two specs or two coded files"):
        between("flat-dct", str(file))
    assert main(["diff", str(file), str(file), "--json"]) == 0
    assert '"same_decoder": true' in capsys.readouterr().out
