"""Sample values of every description, sound ones and ones that only damage would make."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.values import Blob, Image, Latent, Map, Symbols, Text, ValueType

__all__ = ["damaged", "damaged_bytes", "generator", "sample", "settled"]

_TEXT = "A tabby cat (Felis catus) looks up; 猫が見上げる."
_WIDE = 1 << 12


def generator(*labels: object) -> np.random.Generator:
    """Make a generator whose numbers depend on the labels alone."""
    text = "/".join(map(str, labels)).encode()
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text).digest()[:8], "little"))


def settled(description: ValueType, value: Any) -> tuple[Any, str]:
    """Give a value in the dtype described, and what is wrong with it, as the engine does."""
    made = description.settle(value)
    return made, description.check(made)


def sample(description: ValueType, rng: np.random.Generator) -> Any:
    """Make a value as described, of the kind that coding meets: smooth with some texture.

    Raises:
        LookupError: there is no telling what such a value is (bytes of an unknown codec).
    """
    for kind, make in _SAMPLES.items():
        if isinstance(description, kind):
            return make(description, rng)
    raise LookupError(f"no sample of {description.name}")


def _image(image: Image, rng: np.random.Generator) -> NDArray[Any]:
    y, x, c = np.meshgrid(*map(np.arange, image.shape), indexing="ij")
    waves = 0.5 + 0.3 * np.sin(x / 5 + c) + 0.2 * np.cos(y / 7 - c)
    waves += rng.normal(0, 0.03, image.shape)
    waves[: image.height // 3, : image.width // 3] = 1.0
    top = 2**image.depth - 1
    made: NDArray[Any] = np.clip(np.rint(waves * top), 0, top).astype(image.dtype)
    return made


def _map(shape: Map, rng: np.random.Generator) -> NDArray[np.float32]:
    y, x = np.mgrid[: shape.height, : shape.width]
    ramp = (y / max(1, shape.height - 1) + x / max(1, shape.width - 1)) / 2
    made = np.clip(1.4 * ramp - 0.2, 0, 1).astype(np.float32)
    steps: NDArray[np.float32] = np.rint(made * 16).astype(np.float32) / np.float32(16)
    return steps


def _latent(latent: Latent, rng: np.random.Generator) -> NDArray[np.float32]:
    made = rng.laplace(0, 20, latent.shape).astype(np.float32)
    made[rng.random(latent.shape) < 0.2] = 0
    if made.size > 4:
        made.reshape(-1)[made.size // 2] = 3000.0
    return made


def _symbols(symbols: Symbols, rng: np.random.Generator) -> NDArray[np.int32]:
    shape = symbols.shape
    if symbols.end is not None:
        shape = (max(0, symbols.size * 2 // 3),)
    if symbols.high - symbols.low <= _WIDE:
        made = rng.integers(symbols.low, symbols.high + 1, shape)
        made = np.where(rng.random(shape) < 0.5, made, (symbols.low + symbols.high) // 2)
    else:
        made = np.clip(np.rint(rng.laplace(0, 2, shape)), symbols.low, symbols.high)
    return _coded(symbols, made.astype(np.int32))


def _coded(symbols: Symbols, made: NDArray[np.int32]) -> NDArray[np.int32]:
    """Take out what a stream cannot hold: the end itself, and what the mask leaves out."""
    if symbols.end is not None:
        made = made[made != symbols.end]
    if symbols.mask is not None:
        made = np.where(symbols.mask, made, np.int32(0))
    return made


_SAMPLES: Mapping[type, Callable[[Any, np.random.Generator], Any]] = {
    Image: _image,
    Map: _map,
    Latent: _latent,
    Symbols: _symbols,
    Text: lambda text, rng: _TEXT[: text.limit],
}


def damaged(
    description: ValueType, value: Any, rng: np.random.Generator
) -> Iterator[tuple[str, Any]]:
    """Make values that a damaged file may decode to: as described, and otherwise anything.

    Args:
        description: what both sides know of the value.
        value: a sound one.
        rng: where the numbers come from.

    Yields:
        What the value is, in a few words, and the value.
    """
    if isinstance(description, Symbols):
        yield from _damaged_symbols(description, rng)
    elif isinstance(description, Latent):
        for name, number in (("NaN", np.nan), ("infinite", np.inf), ("huge", 3e38)):
            made = np.array(value, dtype=np.float32)
            made[rng.random(made.shape) < 0.5] = number
            yield f"a latent with {name} entries", made
        yield "a random latent", rng.normal(0, 1e4, description.shape).astype(np.float32)
    elif isinstance(description, Map):
        yield "a random map", rng.random(description.shape, dtype=np.float32)
    elif isinstance(description, Image):
        top = 2**description.depth
        yield "noise", rng.integers(0, top, description.shape).astype(description.dtype)
    elif isinstance(description, Text):
        for name, text in (("empty text", ""), ("odd text", "\0\x7f\U0010ffff{}%s\n")):
            yield name, text[: description.limit]
        yield "the longest text", "\U0001f408" * description.limit
    elif isinstance(description, Blob):
        yield from damaged_bytes(cast("bytes", value), rng)


def _damaged_symbols(
    symbols: Symbols, rng: np.random.Generator
) -> Iterator[tuple[str, NDArray[np.int32]]]:
    low, high = symbols.low, symbols.high
    full = symbols.shape
    named = {
        "the smallest symbol everywhere": np.full(full, low),
        "the largest symbol everywhere": np.full(full, high),
        "random symbols": rng.integers(low, high + 1, full),
        "a few random symbols": np.where(
            rng.random(full) < 0.1, rng.integers(low, high + 1, full), max(low, min(0, high))
        ),
    }
    for name, made in named.items():
        yield name, _coded(symbols, made.astype(np.int32))
    if symbols.end is not None:
        yield "no symbols", np.zeros(0, dtype=np.int32)


def damaged_bytes(data: bytes, rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    """Cut bytes short, flip bits of them, replace them."""
    yield "no bytes", b""
    for count in sorted({1, len(data) // 3, len(data) // 2, len(data) - 1} - {0, len(data)}):
        if 0 < count < len(data):
            yield f"the first {count} of {len(data)} bytes", data[:count]
    for bit in sorted({int(b) for b in rng.integers(0, max(1, 8 * len(data)), 24)}):
        if data:
            made = bytearray(data)
            made[bit // 8] ^= 1 << bit % 8
            yield f"bit {bit} of {8 * len(data)} flipped", bytes(made)
    yield "random bytes", rng.bytes(max(8, len(data)))
    yield "more bytes than were written", data + rng.bytes(5)
