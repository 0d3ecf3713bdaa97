"""What a file costs beside its payload, measured on files that the engine writes."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import semcodec
from semcodec.components.coders import Range
from semcodec.contracts.coding import Tables
from semcodec.engine import identity
from semcodec.registry import Codec, Register

pytestmark = pytest.mark.benchmark

SIZES = {"standard": (512, 768), "any": (509, 763)}


def framing(codec: semcodec.Codec, shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> int:
    """Bytes of a wire file that are no section, with the codec in the register."""
    entry = Codec(
        code=90,
        name="benchmark",
        provider="semcodec",
        digest=codec.digest,
        sections=codec.sections,
        wire=(),
        status="draft",
    )
    register = Register(providers=(), codecs=(entry,))
    monkeypatch.setattr(identity, "load_register", lambda: register)
    trace = semcodec.Trace()
    picture: NDArray[np.uint8] = np.full((*shape, 3), 77, dtype=np.uint8)
    codec.encode(picture, form="wire", trace=trace)
    monkeypatch.undo()
    return trace.sections["header"]


@pytest.mark.parametrize(("size", "limit"), [("standard", 7), ("any", 10)])
def test_one_stream_and_one_setting(size: str, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    codec = semcodec.load("flat-dct")
    found = framing(codec, SIZES[size], monkeypatch)
    print(f"\nframing, one stream, one setting, {size} size: {found} bytes (at most {limit})")
    assert found <= limit


@pytest.mark.parametrize(("size", "limit"), [("standard", 9), ("any", 12)])
def test_three_streams_in_one_session(
    size: str, limit: int, monkeypatch: pytest.MonkeyPatch, rehearsals: Path
) -> None:
    codec = semcodec.load("carved-guided")
    assert len(codec.sections) == 1
    assert codec.sections[0].count("+") == 2
    found = framing(codec, SIZES[size], monkeypatch)
    print(f"\nframing, three streams, one session, {size} size: {found} bytes (at most {limit})")
    assert found <= limit


def test_the_range_coder_against_the_ideal() -> None:
    """A payload of 114 bytes in three streams of one session."""
    generator = np.random.default_rng(5)
    counts = np.array([[900, 60, 30, 8, 1, 1]])
    tables = Tables.from_frequencies(counts, [0])
    steps = np.diff(tables.cdf[0])[:-1] / 65536
    worst = 0.0
    for _ in range(50):
        session, ideal = Range().encoder(), 0.0
        while ideal < 114 * 8:
            symbols = generator.choice(5, size=3, p=steps / steps.sum()).astype(np.int32)
            ideal -= float(np.log2(steps[symbols]).sum())
            for symbol in symbols:  # one call a stream, resumed again and again
                row = np.array([symbol], dtype=np.int32)
                session.code(row, np.zeros(1, dtype=np.int32), tables)
        worst = max(worst, len(session.finish()) - math.ceil(ideal / 8))
    print(f"\nrange coder over ideal on 114 bytes, three streams: at most {worst:.0f} bytes (2)")
    assert worst <= 2
