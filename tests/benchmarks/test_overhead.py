"""What the engine adds to its components, measured against the same calls made by hand."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import semcodec
from semcodec.components.coders import Range
from semcodec.components.dct import Dct
from semcodec.components.models import DctContext
from semcodec.components.quantizers import Uniform
from semcodec.contracts.context import Context

ROUNDS = 41
MOST = 1e-3
"""Seconds that the engine may add to a picture, each way."""


@pytest.fixture(scope="module")
def picture() -> NDArray[np.uint8]:
    path = Path(__file__).parents[2] / "docs" / "pictures" / "chelsea.png"
    return np.ascontiguousarray(semcodec.read_image(path)[:256, :256])


def encode_by_hand(picture: NDArray[np.uint8], step: float) -> bytes:
    image = semcodec.Image.of(picture)
    transform, quantizer, model, coder = Dct(), Uniform(step=step), DctContext(), Range()
    empty = Context(image=image, shape=image, coded=image)
    latent = transform.layout(image, {}, empty)
    symbols = quantizer.layout(latent, {}, empty)
    x = transform.forward(picture, {}, Context(image=image, shape=image, coded=latent))
    q = quantizer.quantize(x, {}, Context(image=image, shape=latent, coded=symbols))
    session = coder.encoder()
    for item in model.passes(symbols, {}, empty):
        session.adapt(q, symbols, item)
    return session.finish()


def decode_by_hand(data: bytes, image: semcodec.Image, step: float) -> NDArray[np.uint8]:
    transform, quantizer, model, coder = Dct(), Uniform(step=step), DctContext(), Range()
    empty = Context(image=image, shape=image, coded=image)
    latent = transform.layout(image, {}, empty)
    symbols = quantizer.layout(latent, {}, empty)
    session = coder.decoder(data)
    for item in model.passes(symbols, {}, empty):
        q = session.adapt(symbols, item)
    session.finish()
    x = quantizer.dequantize(q, {}, Context(image=image, shape=latent, coded=symbols))
    return transform.inverse(x, {}, Context(image=image, shape=image, coded=latent))


def difference(engine: Callable[[], object], hand: Callable[[], object]) -> tuple[float, float]:
    """Lower quartiles of the times of both, taken in turns: other processes only ever add."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for times, work in zip(taken, (engine, hand), strict=True):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
    first, second = (statistics.quantiles(times, n=4)[0] for times in taken)
    return first, second


@pytest.mark.benchmark
def test_the_engine_adds_at_most_a_millisecond_a_picture(
    picture: NDArray[np.uint8], capsys: pytest.CaptureFixture[str]
) -> None:
    codec = semcodec.load("flat-dct")
    data = codec.encode(picture, form="wire")
    step = codec.settings(data)["step"]
    section = encode_by_hand(picture, step)
    assert data.endswith(section)  # the same work, or the comparison means nothing
    image = semcodec.Image.of(picture)
    assert (decode_by_hand(section, image, step) == semcodec.decode(data)).all()
    for name, engine, hand in (
        ("encode", lambda: codec.encode(picture), lambda: encode_by_hand(picture, step)),
        (
            "decode",
            lambda: semcodec.decode(data),
            lambda: decode_by_hand(section, image, step),
        ),
    ):
        ours, bare = difference(engine, hand)
        with capsys.disabled():
            print(f"\n{name}: {1e3 * ours:.2f} ms, by hand {1e3 * bare:.2f} ms")
        assert ours - bare <= MOST


@pytest.mark.benchmark
def test_loading_a_pipeline_takes_at_most_20_encodes_of_a_tile(
    picture: NDArray[np.uint8], capsys: pytest.CaptureFixture[str]
) -> None:
    codec = semcodec.load("flat-dct")
    tile = np.ascontiguousarray(picture[:64, :64])
    loading, coding = difference(lambda: semcodec.load("flat-dct"), lambda: codec.encode(tile))
    with capsys.disabled():
        print(f"\nload: {1e3 * loading:.2f} ms, encode of 64x64: {1e3 * coding:.2f} ms")
    assert loading <= 20 * coding
