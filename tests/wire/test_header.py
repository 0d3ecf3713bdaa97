from __future__ import annotations

import hashlib
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semcodec.errors import ContainerError, LimitError
from semcodec.wire import DICTIONARY, STANDARD_SIZES, Header, read_header, write_varint
from semcodec.wire.header import write_header

LOCK = (
    b'{"name":"mine","semcodec":1,"streams":{"image":{"coder":{"use":"range@1"},"from":"image",'
    b'"model":{"use":"dct-context@1"},"stages":[{"block":8,"use":"dct@1"},'
    b'{"step":24.0,"use":"uniform@1"}]}}}'
)
REGISTERED: dict[str, Any] = {"code": 17, "digest": b"\xab\xcd"}
GOLDEN: list[tuple[dict[str, Any], str]] = [
    ({"width": 768, "height": 512, **REGISTERED}, "28 11 abcd 00"),
    ({"width": 2048, "height": 1024, **REGISTERED, "check": True}, "2c 11 abcd 0b"),
    ({"width": 512, "height": 512, "channels": 1, **REGISTERED}, "29 11 abcd 02"),
    ({"width": 512, "height": 512, "channels": 4, **REGISTERED}, "2a 11 abcd 02"),
    ({"width": 512, "height": 512, "channels": 2, **REGISTERED}, "2b 01 11 abcd 02"),
    ({"width": 512, "height": 512, "channels": 1, "depth": 16, **REGISTERED}, "2b 04 11 abcd 02"),
    ({"width": 512, "height": 512, "channels": 4, "depth": 16, **REGISTERED}, "2b 07 11 abcd 02"),
    ({"width": 451, "height": 300, "code": 128, "digest": b"\0\1"}, "20 8001 0001 c303 ac02"),
    ({"width": 1, "height": 1, "digest": b"\1\2\3\4"}, "30 00 01020304 01 01"),
]


@pytest.mark.parametrize(("fields", "coded"), GOLDEN)
def test_golden(fields: dict[str, Any], coded: str) -> None:
    wire = bytes.fromhex(coded)
    assert write_header(Header(**fields)) == wire
    assert read_header(wire) == (Header(**fields), len(wire))


def test_golden_embedded_lock_decodes_for_ever() -> None:
    packed = bytes.fromhex("837b08182aa903ec290b1d92bd510b00")
    wire = b"\x38" + bytes([len(packed)]) + packed + b"\x00"
    assert read_header(wire) == (Header(width=768, height=512, lock=LOCK), len(wire))


def test_dictionary_is_frozen() -> None:
    assert len(DICTIONARY) == 1018
    assert hashlib.sha256(DICTIONARY).hexdigest() == (
        "8cad4bf41371e2c2ec655cda5da595559bee9e01383cb7989cca9f438e862f57"
    )


def test_dictionary_earns_its_place() -> None:
    packed = len(write_header(Header(width=768, height=512, lock=LOCK)))
    assert packed < len(zlib.compress(LOCK, 9)) / 4


def test_standard_sizes_are_append_only() -> None:
    assert STANDARD_SIZES[:12] == (
        (768, 512),
        (512, 768),
        (512, 512),
        (256, 256),
        (1024, 1024),
        (1920, 1080),
        (1080, 1920),
        (3840, 2160),
        (1024, 768),
        (640, 480),
        (480, 640),
        (2048, 1024),
    )
    assert len(set(STANDARD_SIZES)) == len(STANDARD_SIZES) <= 256


def test_a_size_that_becomes_standard_keeps_older_files_decoding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    header = Header(width=800, height=600, **REGISTERED)
    older = write_header(header)
    monkeypatch.setattr("semcodec.wire.header.STANDARD_SIZES", (*STANDARD_SIZES, (800, 600)))
    newer = write_header(header)
    assert (len(older), len(newer)) == (8, 5)
    assert read_header(older)[0] == read_header(newer)[0] == header


def test_round_trip(headers: st.SearchStrategy[Header]) -> None:
    @given(headers, st.binary(max_size=4))
    def law(header: Header, after: bytes) -> None:
        wire = write_header(header)
        assert read_header(wire + after) == (header, len(wire))

    law()


@pytest.mark.parametrize(
    ("coded", "message"),
    [
        ("", "first byte at byte 0: expected 1 bytes, got 0"),
        ("08", "expected format version 1, got version 0"),
        ("48 11 abcd 00", "expected format version 1, got version 2"),
        ("e8 11 abcd 00", "expected format version 1, got version 7"),
        ("28 00 abcd 00", "header code: expected 1 to 4294967295, got 0"),
        ("28 9100 abcd 00", "code at byte 1: expected the shortest form of 17"),
        ("28 11 ab", "digest at byte 2: expected 2 bytes, got 1"),
        ("28 11 abcd", "standard size at byte 4: expected 1 bytes, got 0"),
        ("28 11 abcd 0c", "standard size at byte 4: expected an index up to 11, got 12"),
        ("20 11 abcd 8006 8004", "expected the index of the standard size 768x512"),
        ("20 11 abcd 00 01", "header width: expected 1 to 4294967295, got 0"),
        ("20 11 abcd 01 00", "header height: expected 1 to 4294967295, got 0"),
        ("2b 02 11 abcd 00", "picture form at byte 1: .* got 2"),
        ("2b 00 11 abcd 00", "picture form at byte 1: .* got 0"),
        ("2b 03 11 abcd 00", "picture form at byte 1: .* got 3"),
        ("2b 09 11 abcd 00", "picture form at byte 1: .* got 9"),
        ("2b 84 11 abcd 00", "picture form at byte 1: .* got 132"),
        ("38 05 ff", "embedded lock at byte 2: expected 5 bytes, got 1"),
        ("38 02 ffff 00", "expected a deflate stream of 2 bytes, got other data"),
        ("38 02 0300 00", "one whole deflate stream of 2 bytes that is not empty"),
    ],
)
def test_refused(coded: str, message: str) -> None:
    with pytest.raises(ContainerError, match=message):
        read_header(bytes.fromhex(coded))


def test_a_file_given_for_a_wire_is_told_apart() -> None:
    with pytest.raises(ContainerError, match="from_file"):
        read_header(b"SMCX\x28\x11\xab\xcd\x00")


def test_pixels_are_limited_before_anything_else_is_read() -> None:
    wire = bytes.fromhex("20 11 abcd ffffffff0f ffffffff0f")
    with pytest.raises(LimitError, match="at most 134217728 pixels, got 4294967295x4294967295"):
        read_header(wire)
    assert read_header(wire, max_pixels=2**64)[0].width == 2**32 - 1


@pytest.mark.parametrize(("limit", "fits"), [(768 * 512, True), (768 * 512 - 1, False)])
def test_the_limit_itself_is_allowed(limit: int, fits: bool) -> None:
    wire = bytes.fromhex("28 11 abcd 00")
    if fits:
        assert read_header(wire, max_pixels=limit)[0].height == 512
    else:
        with pytest.raises(LimitError, match="--max-pixels"):
            read_header(wire, max_pixels=limit)


def _embedded(packed: bytes, *, claim: bytes | None = None) -> bytes:
    return b"\x38" + (claim or write_varint(len(packed))) + packed + b"\x00"


def _deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def test_lock_of_the_largest_size_and_one_more() -> None:
    header, _ = read_header(_embedded(_deflate(b"a" * 65536)))
    assert header.lock == b"a" * 65536
    with pytest.raises(LimitError, match="at most 65536 bytes expanded"):
        read_header(_embedded(_deflate(b"a" * 65537)))
    incompressible = hashlib.shake_256(b"lock").digest(65536)
    whole = Header(width=768, height=512, lock=incompressible)
    assert read_header(write_header(whole))[0] == whole


def test_lock_bomb_is_not_expanded() -> None:
    bomb = _deflate(bytes(10_000_000))
    with pytest.raises(LimitError, match="at most 65536 bytes expanded"):
        read_header(_embedded(bomb))


def test_lock_with_bytes_after_its_stream_is_refused() -> None:
    packed = _deflate(b"lock" * 40)
    with pytest.raises(ContainerError, match="and 1 bytes too many"):
        read_header(_embedded(packed + b"\x00"))
    with pytest.raises(ContainerError, match="one whole deflate stream"):
        read_header(_embedded(packed[:-1]))


def test_lock_claim_beyond_any_lock_is_refused() -> None:
    with pytest.raises(LimitError, match="at most 131072 bytes, got 4294967295"):
        read_header(_embedded(b"", claim=b"\xff\xff\xff\xff\x0f"))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"version": 2}, "header version: expected 1, got 2"),
        ({"width": 0}, "header width"),
        ({"height": 2**32}, "header height"),
        ({"channels": 5}, "header picture: .* got 5 of 8"),
        ({"depth": 12}, "header picture: .* got 3 of 12"),
        ({"code": 0}, "header code"),
        ({"code": 2**32}, "header code"),
        ({"digest": b"\0" * 4}, "header digest: expected 2 bytes, got 4"),
        ({"lock": b"{}"}, "header lock: expected none for a registered codec"),
        ({"code": None}, "header digest: expected 4 bytes, got 2"),
        ({"code": None, "lock": b"{}"}, "header digest: expected 0 bytes, got 2"),
        ({"code": None, "lock": b"", "digest": b""}, "header lock: expected at least 1 byte"),
    ],
)
def test_impossible_headers_cannot_be_made(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ContainerError, match=message):
        Header(**{"width": 768, "height": 512, **REGISTERED, **fields})


def test_a_lock_too_large_cannot_be_put_in_a_header() -> None:
    with pytest.raises(LimitError, match="--detached"):
        Header(width=1, height=1, lock=bytes(65537))
