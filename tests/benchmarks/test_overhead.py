"""What the engine adds to its components, measured against the same calls made by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
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
    """Least times of both, taken in turns: what else runs on the machine only ever adds."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for times, work in zip(taken, (engine, hand), strict=True):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
    first, second = map(min, taken)
    return first, second


def measure() -> dict[str, tuple[float, float]]:
    """Time all pairs; run in a process of its own, see ``measured``."""
    path = Path(__file__).parents[2] / "docs" / "pictures" / "chelsea.png"
    picture = np.ascontiguousarray(semcodec.read_image(path)[:256, :256])
    tile = np.ascontiguousarray(picture[:64, :64])
    codec = semcodec.load("plain-dct")
    data = codec.encode(picture, form="wire")
    step = codec.settings(data)["step"]
    section = encode_by_hand(picture, step)
    image = semcodec.Image.of(picture)
    # The same work, or the comparison means nothing.
    assert data.endswith(section)
    assert (decode_by_hand(section, image, step) == semcodec.decode(data)).all()
    return {
        "encode": difference(lambda: codec.encode(picture), lambda: encode_by_hand(picture, step)),
        "decode": difference(
            lambda: semcodec.decode(data), lambda: decode_by_hand(section, image, step)
        ),
        "load": difference(lambda: semcodec.load("plain-dct"), lambda: codec.encode(tile)),
    }


@pytest.fixture(scope="module")
def measured() -> dict[str, tuple[float, float]]:
    """Times with one thread of linear algebra: with two, a busy machine doubles some of them."""
    one = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}
    result = subprocess.run(
        [sys.executable, __file__], env={**os.environ, **one}, capture_output=True, check=True
    )
    found: dict[str, tuple[float, float]] = json.loads(result.stdout)
    return found


@pytest.mark.benchmark
@pytest.mark.parametrize("name", ["encode", "decode"])
def test_the_engine_adds_at_most_a_millisecond_a_picture(
    name: str, measured: dict[str, tuple[float, float]]
) -> None:
    ours, bare = measured[name]
    print(f"\n{name} of 256x256: {1e3 * ours:.2f} ms, by hand {1e3 * bare:.2f} ms")
    assert ours - bare <= MOST


@pytest.mark.benchmark
def test_loading_a_pipeline_takes_at_most_20_encodes_of_a_tile(
    measured: dict[str, tuple[float, float]],
) -> None:
    loading, coding = measured["load"]
    print(f"\nload: {1e3 * loading:.2f} ms, encode of 64x64: {1e3 * coding:.2f} ms")
    assert loading <= 20 * coding


if __name__ == "__main__":
    print(json.dumps(measure()))
