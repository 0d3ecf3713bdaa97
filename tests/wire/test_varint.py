from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.errors import ContainerError
from semcodec.wire import read_varint, write_varint

GOLDEN = [
    (0, "00"),
    (1, "01"),
    (127, "7f"),
    (128, "8001"),
    (300, "ac02"),
    (16383, "ff7f"),
    (16384, "808001"),
    (2**32 - 1, "ffffffff0f"),
]


@pytest.mark.parametrize(("value", "coded"), GOLDEN)
def test_golden(value: int, coded: str) -> None:
    assert write_varint(value).hex() == coded
    assert read_varint(bytes.fromhex(coded)) == (value, len(coded) // 2)


@given(st.integers(0, 2**32 - 1), st.binary(max_size=3), st.binary(max_size=3))
def test_round_trip_anywhere(value: int, before: bytes, after: bytes) -> None:
    coded = write_varint(value)
    found = read_varint(before + coded + after, len(before))
    assert found == (value, len(before) + len(coded))


@given(st.binary(max_size=8))
def test_every_accepted_encoding_is_the_written_one(data: bytes) -> None:
    try:
        value, end = read_varint(data)
    except ContainerError:
        return
    assert write_varint(value) == data[:end]


@pytest.mark.parametrize(
    ("coded", "message"),
    [
        ("", "the data ends after 0"),
        ("80", "the data ends after 1"),
        ("ffffffff", "the data ends after 4"),
        ("8000", "shortest form of 0"),
        ("ff8000", "shortest form of 127"),
        ("ffffffff10", "below 4294967296"),
        ("ffffffff8f00", "below 4294967296"),
        ("808080808080808001", "below 4294967296"),
    ],
)
def test_refused(coded: str, message: str) -> None:
    with pytest.raises(ContainerError, match=f"width at byte 0: .*{message}"):
        read_varint(bytes.fromhex(coded), what="width")


@pytest.mark.parametrize("value", [-1, 2**32])
def test_out_of_range_is_not_written(value: int) -> None:
    with pytest.raises(ContainerError, match="expected an integer from 0 to 4294967295"):
        write_varint(value)
