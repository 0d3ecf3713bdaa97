from __future__ import annotations

import time
import zlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from semcodec.errors import ContainerError, IntegrityError, LimitError
from semcodec.wire import (
    Body,
    Header,
    check_byte,
    from_file,
    is_file,
    read_body,
    read_header,
    to_file,
    write,
)

CODEC = {"code": 17, "digest": b"\xab\xcd"}
KODAK = Header(width=768, height=512, **CODEC)
OTHER = Header(width=451, height=300, **CODEC)
ONE_STREAM = write(KODAK, radices=(64,), values=(17,), sections=(b"payload",))
OPAQUE = write(
    Header(width=451, height=300, channels=4, check=True, code=300, digest=b"\0\1"),
    radices=(64, 16),
    values=(5, 7),
    sections=(b"map", b"", b"picture"),
    check=0x5A,
)


def test_golden_one_stream() -> None:
    assert bytes.fromhex("28 11 abcd 00 11") + b"payload" == ONE_STREAM
    header, offset = read_header(ONE_STREAM)
    assert (header, offset) == (KODAK, 5)
    body = read_body(ONE_STREAM, offset, radices=(64,), sections=1, check=header.check)
    assert body == Body(values=(17,), sections=(b"payload",), check=None)


def test_golden_several_sections() -> None:
    head = bytes.fromhex("26 ac02 0001 c303 ac02 0057 03 00")
    assert head + b"mappicture\x5a" == OPAQUE
    header, offset = read_header(OPAQUE)
    body = read_body(OPAQUE, offset, radices=(64, 16), sections=3, check=header.check)
    assert body == Body(values=(5, 7), sections=(b"map", b"", b"picture"), check=0x5A)


@pytest.mark.parametrize(
    ("header", "spent"),
    [(KODAK, 6), (OTHER, 9)],
    ids=["standard size", "other size"],
)
@pytest.mark.parametrize("streams", [1, 3])
def test_overhead_of_a_registered_codec_with_one_setting(
    header: Header, spent: int, streams: int
) -> None:
    # All streams of one coder are one section, so three of them cost what one costs.
    payload = b"".join([b"stream"] * streams)
    wire = write(header, radices=(64,), values=(0,), sections=(payload,))
    assert len(wire) - len(payload) == spent
    checked = Header(width=header.width, height=header.height, check=True, **CODEC)
    wire = write(checked, radices=(64,), values=(0,), sections=(payload,), check=9)
    assert len(wire) - len(payload) == spent + 1
    assert spent + 1 <= (7 if header is KODAK else 10)


def test_overhead_of_three_sections_of_a_shared_budget() -> None:
    # Three sections of their own, the worst way to hold three streams, still fit 9 and 12 bytes.
    sections = (b"a" * 100, b"b" * 100, b"c" * 5000)
    for header, most in ((KODAK, 9), (OTHER, 12)):
        wire = write(header, radices=(64,), values=(0,), sections=sections)
        assert len(wire) - sum(map(len, sections)) <= most


BODIES = st.tuples(
    st.lists(st.integers(1, 300), max_size=4), st.lists(st.binary(max_size=200), max_size=4)
)


def test_round_trip_and_canonical_form(headers: st.SearchStrategy[Header]) -> None:
    @given(headers, BODIES, st.data())
    def law(header: Header, body: tuple[list[int], list[bytes]], data: st.DataObject) -> None:
        radices, sections = body
        values = tuple(data.draw(st.integers(0, radix - 1)) for radix in radices)
        check = data.draw(st.integers(0, 255)) if header.check else None
        wire = write(header, radices=radices, values=values, sections=sections, check=check)
        found, offset = read_header(wire)
        assert found == header
        assert read_body(
            wire, offset, radices=radices, sections=len(sections), check=found.check
        ) == Body(values=values, sections=tuple(sections), check=check)
        assert from_file(to_file(wire)) == wire

    law()


def _read(data: bytes, radices: tuple[int, ...], sections: int) -> tuple[Header, Body]:
    wire = from_file(data)
    header, offset = read_header(wire)
    return header, read_body(wire, offset, radices=radices, sections=sections, check=header.check)


def _rewritten(data: bytes, radices: tuple[int, ...], sections: int) -> bytes | None:
    """What writing gives for what was read; None where reading refuses."""
    try:
        header, body = _read(data, radices, sections)
    except (ContainerError, IntegrityError, LimitError):
        return None
    assert header.width * header.height <= 2**27
    if header.lock is not None:
        return data
    wire = write(
        header, radices=radices, values=body.values, sections=body.sections, check=body.check
    )
    return to_file(wire) if is_file(data) else wire


@given(
    st.binary(max_size=40),
    st.sampled_from([b"", b"\x20", b"\x23", b"\x28", b"\x2c", b"\x30", b"\x38", b"SMCX"]),
    st.lists(st.integers(1, 300), max_size=3),
    st.integers(0, 4),
)
def test_any_bytes_are_refused_or_canonical(
    data: bytes, start: bytes, radices: list[int], sections: int
) -> None:
    assert _rewritten(start + data, tuple(radices), sections) in (None, start + data)


@pytest.mark.parametrize(
    ("wire", "radices", "sections"), [(ONE_STREAM, (64,), 1), (OPAQUE, (64, 16), 3)]
)
def test_every_bit_flip_is_refused_or_canonical(
    wire: bytes, radices: tuple[int, ...], sections: int
) -> None:
    accepted = 0
    for bit in range(8 * len(wire)):
        flipped = bytearray(wire)
        flipped[bit // 8] ^= 1 << bit % 8
        rewritten = _rewritten(bytes(flipped), radices, sections)
        assert rewritten in (None, bytes(flipped))
        accepted += rewritten is not None
        framed = bytearray(to_file(wire))
        framed[4 + bit // 8] ^= 1 << bit % 8
        with pytest.raises(IntegrityError):
            from_file(bytes(framed))
    assert 0 < accepted < 8 * len(wire)


def test_every_truncation_before_the_last_section_is_refused() -> None:
    for wire, radices, sections, last in ((ONE_STREAM, (64,), 1, 7), (OPAQUE, (64, 16), 3, 8)):
        for length in range(len(wire)):
            framed = to_file(wire)[: length + 6]
            with pytest.raises((ContainerError, IntegrityError)):
                _read(framed, radices, sections)
            if length < len(wire) - last:
                with pytest.raises(ContainerError):
                    _read(wire[:length], radices, sections)


def test_no_sections_admit_no_bytes() -> None:
    wire = write(KODAK, radices=(), values=(), sections=())
    assert wire == bytes.fromhex("28 11 abcd 00")
    assert _read(wire, (), 0)[1] == Body(values=(), sections=(), check=None)
    with pytest.raises(ContainerError, match="expected no sections, got 1 bytes"):
        _read(wire + b"\0", (), 0)
    checked = write(
        Header(width=768, height=512, check=True, **CODEC),
        radices=(),
        values=(),
        sections=(),
        check=1,
    )
    assert _read(checked, (), 0)[1].check == 1
    for damaged in (checked[:-1], checked + b"\0"):
        with pytest.raises(ContainerError, match="section"):
            _read(damaged, (), 0)


def test_huge_claims_are_refused_at_once() -> None:
    wire = bytes.fromhex("28 11 abcd 00 ffffffff0f ffffffff0f 00")
    start = time.process_time()
    with pytest.raises(ContainerError, match="expected 8589934590 bytes, got 1"):
        _read(wire, (), 3)
    with pytest.raises(ContainerError, match="length of section 0"):
        _read(wire[:5], (), 2**31)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("check", "flag", "message"),
    [
        (None, True, "expected one as the header says, got None"),
        (3, False, "expected none as the header says, got 3"),
        (256, True, "check byte: expected 0 to 255, got 256"),
        (-1, True, "check byte: expected 0 to 255, got -1"),
    ],
)
def test_check_and_header_must_agree(check: int | None, flag: bool, message: str) -> None:
    header = Header(width=768, height=512, check=flag, **CODEC)
    with pytest.raises(ContainerError, match=message):
        write(header, radices=(), values=(), sections=(b"",), check=check)


def test_check_byte_golden_and_continued() -> None:
    assert check_byte(b"") == 0x00
    assert check_byte(b"123456789") == 0x26  # CRC-32 is cbf43926
    assert check_byte(b"6789", zlib.crc32(b"12345")) == 0x26


def test_file_form_golden() -> None:
    assert to_file(b"123456789") == b"SMCX123456789\xd6\x4e"
    assert from_file(b"SMCX123456789\xd6\x4e") == b"123456789"
    assert to_file(b"") == b"SMCX\x00\x00"
    assert len(to_file(ONE_STREAM)) == len(ONE_STREAM) + 6


@given(st.binary(max_size=64))
def test_without_the_magic_bytes_pass_untouched(data: bytes) -> None:
    assume(not is_file(data))
    assert from_file(data) == data
    assert is_file(to_file(data))


def test_damaged_files() -> None:
    for length in range(4, 6):
        with pytest.raises(ContainerError, match=f"expected at least 6 bytes, got {length}"):
            from_file(to_file(b"")[:length])
    with pytest.raises(IntegrityError, match="expected CRC-16 d64e at its end, got d64f"):
        from_file(b"SMCX123456789\xd6\x4f")
    with pytest.raises(ContainerError, match="got the file form"):
        to_file(to_file(ONE_STREAM))


@pytest.mark.parametrize("filler", [b"\x00", b"\xff", b"S"])
def test_padded_and_joined_files_are_noticed(filler: bytes) -> None:
    for count in range(1, 5000):
        with pytest.raises(IntegrityError):
            from_file(to_file(ONE_STREAM) + filler * count)
    with pytest.raises(IntegrityError):
        from_file(to_file(ONE_STREAM) + to_file(ONE_STREAM))
