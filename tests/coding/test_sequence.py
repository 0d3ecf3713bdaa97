"""Primitive SEQUENCE."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcodec.coding.primitives import SEQUENCE
from semcodec.contracts.values import Symbols

CAPTION = "Two children share an ice cream outside the library."


priors = st.sampled_from([0, 1, 2])


def codes(text: str | bytes) -> np.ndarray:
    data = text if isinstance(text, bytes) else text.encode()
    return np.frombuffer(data, dtype=np.uint8).astype(np.int32)


def text(limit: int) -> Symbols:
    return Symbols((limit,), low=0, high=255, end=0)


@settings(max_examples=150, deadline=None)
@given(st.data(), st.integers(-300, 300), st.sampled_from([1, 2, 5, 200, 256]), priors)
def test_lossless_for_every_alphabet_end_and_length(pack, unpack, data, low, levels, prior):
    high = low + levels - 1
    end = data.draw(st.one_of(st.none(), st.integers(low - 2, high + 2)))
    wanted = st.integers(low, high).filter(lambda v: v != end)
    full = data.draw(st.integers(0, 20))
    if end is None:
        values = data.draw(st.lists(wanted, min_size=full, max_size=full))
    elif levels == 1 and end == low:
        values = []
    else:
        values = data.draw(st.lists(wanted, max_size=full))
    symbols = Symbols((full,), low=low, high=high, end=end)
    coded = pack(np.array(values, dtype=np.int32), symbols, SEQUENCE, prior)
    assert unpack(coded, symbols, SEQUENCE, prior).tolist() == values


@given(st.binary(max_size=60))
@settings(max_examples=80, deadline=None)
def test_any_bytes(pack, unpack, data):
    symbols = Symbols((60,), low=0, high=255, end=256)
    for prior in (1, 2):
        coded = pack(codes(data), symbols, SEQUENCE, prior)
        assert unpack(coded, symbols, SEQUENCE, prior).tolist() == list(data)


def test_english_text_costs_about_half_a_byte_a_letter(pack):
    assert len(pack(codes(CAPTION), text(200), SEQUENCE, 1)) <= 0.58 * len(CAPTION)
    assert len(pack(codes("a bird"), text(200), SEQUENCE, 1)) <= 4


def test_captions_cost_less_where_captions_are_expected(pack):
    """And what was coded before leaves no trace: the model is as new in every pass."""
    for caption in (CAPTION, "A gray cat asleep on a red chair."):
        plain = len(pack(codes(caption), text(200), SEQUENCE, 1))
        first = pack(codes(caption), text(200), SEQUENCE, 2)
        assert len(first) <= 0.75 * plain
        assert pack(codes(caption), text(200), SEQUENCE, 2) == first


def test_the_captions_that_were_read_stay_as_they_are():
    """Part of the format; line ends are not, for a checkout may change them."""
    lines = files("semcodec.coding").joinpath("captions.txt").read_text("ascii").splitlines()
    digest = hashlib.sha256("".join(line + "\n" for line in lines).encode()).hexdigest()
    assert digest == "cc84e4f831801e8024fe188862f863e7c885e43d4da741a757d6faf8c343fe22"


def test_no_parameter_means_no_prior(pack):
    assert pack(codes(CAPTION), text(200), SEQUENCE) == pack(codes(CAPTION), text(200), SEQUENCE, 0)
    assert len(pack(codes(CAPTION), text(200), SEQUENCE)) > 36


def test_repeated_text_is_learnt(pack):
    once = len(pack(codes(CAPTION), text(6000), SEQUENCE, 1))
    assert len(pack(codes(CAPTION * 40), text(6000), SEQUENCE, 1)) < 12 * once


def test_a_mask_is_refused(pack):
    symbols = Symbols((3,), low=0, high=9, mask=np.ones(3, dtype=bool))
    with pytest.raises(ValueError, match="no mask"):
        pack(np.zeros(3), symbols, SEQUENCE)


def test_golden(pack, unpack):
    """Frozen: a change here is another format."""
    assert pack(codes(CAPTION), text(200), SEQUENCE, 1).hex() == (
        "974b6e000c54da9c502fd6204f050f4a26c6e6704e5cfd1ea1bfed29"
    )
    assert pack(codes("Füße? 42!"), text(40), SEQUENCE, 1).hex() == "cc9a6241ae869c0cff7f77e988f8ec"
    assert (
        pack(codes(CAPTION), text(200), SEQUENCE, 2).hex()
        == "be4c636e9d1daf4986dbe53cfa8a570d5b88de"
    )
    assert pack(codes("Füße? 42!"), text(40), SEQUENCE, 2).hex() == "db39df1b591a812cbbf6568bec611f"
    values = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9]
    symbols = Symbols((40,), low=1, high=9, end=0)
    data = pack(np.array(values), symbols, SEQUENCE)
    assert data.hex() == "dfa7b0525a82a45b"
    assert unpack(data, symbols, SEQUENCE).tolist() == values
    assert pack(np.array(values), symbols, SEQUENCE, 2).hex() == "fff4b6ebaea7d12dc03a"
