"""Coders without a model: what they write, and that a small file cannot make them make much."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import zstandard

from semcodec.coding.primitives import DCT, PLANE
from semcodec.components.coders import Raw, Zstd
from semcodec.contracts.coding import AdaptivePass
from semcodec.contracts.values import Symbols
from semcodec.errors import ContainerError

BOUND = 2**30
BOTH = pytest.mark.parametrize("coder", [Raw(), Zstd()], ids=["raw", "zstd"])


def frame(data: bytes, **settings) -> bytes:
    """Compress as another encoder might."""
    settings = {"format": zstandard.FORMAT_ZSTD1_MAGICLESS, **settings}
    chosen = zstandard.ZstdCompressionParameters.from_level(1, **settings)
    return zstandard.ZstdCompressor(compression_params=chosen).compress(data)


def inflated(data: bytes) -> bytes:
    reader = zstandard.ZstdDecompressor(format=zstandard.FORMAT_ZSTD1_MAGICLESS).decompressobj()
    return reader.decompress(data)


def read_two(data: bytes, tables) -> np.ndarray:
    decoder = Zstd().decoder(data)
    found = decoder.code(np.zeros(2, dtype=np.int32), tables)
    decoder.finish()
    return found


GOLDEN_TABLES = [
    ([0, 0, 0], "00", "00"),
    ([0, 1, -1, -128, 127], "01000201fffe", "01000201fffe"),
    ([5, 128], "020a000001", "02020a000001"),
    ([1, 40000], "03020000803801", "0302028000380001"),
    ([BOUND, -BOUND], "0400000080ffffff7f", "040200ff00ff00ff807f"),
]


@pytest.mark.parametrize(("symbols", "raw", "planes"), GOLDEN_TABLES)
def test_golden_tables(symbols, raw, planes, skewed):
    """Frozen: a change here is another format."""
    rows = np.zeros(len(symbols), dtype=np.int32)
    written = []
    for coder in (Raw(), Zstd()):
        session = coder.encoder()
        session.code(np.array(symbols, dtype=np.int32), rows, skewed)
        written.append(session.finish())
    assert written[0].hex() == raw
    assert inflated(written[1]).hex() == planes
    for coder, data in ((Raw(), bytes.fromhex(raw)), (Zstd(), frame(bytes.fromhex(planes)))):
        decoder = coder.decoder(data)
        assert decoder.code(rows, skewed).tolist() == symbols
        decoder.finish()


def test_golden_adaptive(adaptive_cases):
    """Frozen: a change here is another format."""
    session = Raw().encoder()
    for name in ("text", "full", "early", "none"):
        adaptive, symbols, values = adaptive_cases[name]
        session.adapt(values, symbols, adaptive)
    text = b"the quick brown fox jumps over the lazy dog, twice."
    wide = b"\1" + bytes(2 * byte for byte in text)
    assert session.finish() == text + b"\0" + wide + b"\2\x1f\3"
    session = Raw().encoder()
    mask = np.array([[True, False], [False, True]])
    symbols = Symbols((2, 2), low=-3, high=9, mask=mask)
    session.adapt(np.array([[9, 0], [0, -3]], np.int32), symbols, AdaptivePass(primitive=PLANE))
    assert session.finish() == b"\x0c\x00"


def test_a_golden_frame_decodes_for_ever():
    symbols = Symbols((2, 4, 4), ((1, 2),))
    decoder = Zstd().decoder(
        bytes.fromhex("0000b5000050022008050077000700050400333b01640c647c002d")
    )
    values = decoder.adapt(symbols, AdaptivePass(primitive=DCT))
    decoder.finish()
    assert values.reshape(-1).tolist() == [900, -3, *[0] * 14, -700, *[0] * 15]


@BOTH
def test_symbols_outside_the_alphabet_are_refused(coder, skewed):
    wrap = frame if isinstance(coder, Zstd) else bytes
    two = np.zeros(2, dtype=np.int32)
    few = Symbols((2, 1), low=0, high=3)
    with pytest.raises(ContainerError, match="from 0 to 3, got 1 to 4"):
        coder.decoder(wrap(b"\1\4")).adapt(few, AdaptivePass(primitive=PLANE))
    wide = b"\4\2" if isinstance(coder, Zstd) else b"\4"
    with pytest.raises(ContainerError, match="expected symbols from"):
        coder.decoder(wrap(wide + b"\xff" * 8)).code(two, skewed)
    with pytest.raises(ContainerError, match="width of 0 to 4 bytes, got 5"):
        coder.decoder(wrap(b"\5")).code(two, skewed)
    with pytest.raises(ContainerError, match="got none"):
        coder.decoder(b"").code(two, skewed)
    with pytest.raises(ContainerError, match="expected 2 symbols, got 1"):
        coder.decoder(wrap(b"\1\1")).code(two, skewed)


def test_planes_have_the_number_of_their_symbols(skewed):
    two = np.zeros(2, dtype=np.int32)
    for head, match in (
        (b"\2\3", "at most 2 symbols, got 3"),
        (b"\2\1", "expected 2 symbols, got 1"),
        (b"\2\0", "expected 2 symbols, got 0"),
        (b"\2\x82\0", "shortest form"),
    ):
        with pytest.raises(ContainerError, match=match):
            Zstd().decoder(frame(head + b"\1" * 8)).code(two, skewed)
    ended = frame(b"\2\2\2\2\2\2")
    with pytest.raises(ContainerError, match="expected 9 symbols, got 1"):
        Zstd().decoder(ended).code(np.zeros(9, dtype=np.int32), skewed, end=257)
    with pytest.raises(ContainerError, match="expected 2 symbols, got 1"):
        Zstd().decoder(frame(b"\2\2\2\2\0\0")).code(two, skewed, end=1)


def test_a_small_frame_makes_no_more_than_was_asked_for(skewed):
    bomb = frame(bytes(1 << 28))
    assert len(bomb) < 1 << 14
    tracemalloc.start()
    decoder = Zstd().decoder(bomb)
    assert decoder.code(np.zeros(9, dtype=np.int32), skewed).tolist() == [0] * 9
    with pytest.raises(ContainerError, match="cut short"):
        decoder.finish()
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()


@pytest.mark.parametrize(
    "data",
    [
        frame(bytes(3 << 23), window_log=25),
        frame(b"abc", format=zstandard.FORMAT_ZSTD1),
        frame(b"\1\2\4")[:-1],
        frame(b"\1\2\4") + b"\0",
        frame(b"\1\2\4") + frame(b"\1\2\4"),
        b"\0",
        b"\xff" * 90,
    ],
    ids=["window", "magic", "cut", "more", "two", "byte", "ones"],
)
def test_other_frames_are_refused(data, skewed):
    good = frame(b"\1\2\4", write_content_size=1, write_checksum=1)
    assert read_two(good, skewed).tolist() == [1, 2]
    with pytest.raises(ContainerError):
        read_two(data, skewed)
