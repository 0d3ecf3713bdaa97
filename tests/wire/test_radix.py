from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.errors import ContainerError
from semcodec.wire import pack, packed_size, unpack

RADICES = st.lists(st.integers(1, 70000), max_size=8)


@pytest.mark.parametrize(
    ("values", "radices", "packed"),
    [
        ((), (), ""),
        ((0, 0), (1, 1), ""),
        ((63,), (64,), "3f"),
        ((255,), (256,), "ff"),
        ((256,), (257,), "0100"),
        ((1, 2, 3), (2, 3, 4), "17"),
        ((5, 7), (64, 16), "0057"),
        ((2**32 - 1, 1), (2**32, 2), "01ffffffff"),
    ],
)
def test_golden(values: tuple[int, ...], radices: tuple[int, ...], packed: str) -> None:
    assert pack(values, radices).hex() == packed
    assert unpack(bytes.fromhex(packed), radices) == values


@given(st.data(), RADICES)
def test_round_trip(data: st.DataObject, radices: list[int]) -> None:
    values = tuple(data.draw(st.integers(0, radix - 1)) for radix in radices)
    packed = pack(values, radices)
    assert len(packed) == packed_size(radices)
    assert unpack(packed, radices) == values


@given(RADICES)
def test_width_is_the_smallest(radices: list[int]) -> None:
    states, size = math.prod(radices), packed_size(radices)
    assert 256**size >= states
    assert size == 0 or 256 ** (size - 1) < states


def test_one_byte_pattern_for_each_choice_of_values() -> None:
    radices = (3, 1, 5, 4)
    choices = list(itertools.product(*map(range, radices)))
    assert [unpack(bytes([number]), radices) for number in range(60)] == choices
    for number in range(60, 256):
        with pytest.raises(ContainerError, match="expected a packed number below 60"):
            unpack(bytes([number]), radices)


@pytest.mark.parametrize(
    ("values", "radices", "message"),
    [
        ((64,), (64,), "setting 0: expected 0 to 63, got 64"),
        ((1, -1), (2, 2), "setting 1: expected 0 to 1, got -1"),
        ((1,), (2, 2), "expected 2 values, got 1"),
        ((0,), (0,), "setting 0: expected at least 1 level, got 0"),
        ((0, 0), (2, -3), "setting 1: expected at least 1 level, got -3"),
    ],
)
def test_refused(values: tuple[int, ...], radices: tuple[int, ...], message: str) -> None:
    with pytest.raises(ContainerError, match=message):
        pack(values, radices)


@pytest.mark.parametrize("data", [b"", b"\0\0"])
def test_other_widths_are_refused(data: bytes) -> None:
    with pytest.raises(ContainerError, match="settings: expected 1 bytes"):
        unpack(data, (64,))
