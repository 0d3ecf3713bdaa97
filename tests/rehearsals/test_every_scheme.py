"""Every kind of scheme runs on the contracts, as a third party would write it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import semcodec

Picture = NDArray[np.uint8]

SCHEMES = (
    "any-width",
    "carved-dct",
    "carved-guided",
    "carved-jpeg",
    "decoder-masks",
    "guided-dct",
    "hyperprior",
    "objects",
    "opaque-jpeg",
    "residual-layer",
    "skipped-dct",
    "two-streams-and-a-seed",
)


def inputs_for(name: str, labels: NDArray[np.int32]) -> dict[str, Any]:
    return {"objects": {"labels": labels}, "decoder-masks": {"caption": "a sharp cat"}}.get(
        name, {}
    )


def coded(name: str, picture: Picture, labels: NDArray[np.int32]) -> bytes:
    return semcodec.load(name).encode(picture, inputs=inputs_for(name, labels))


@pytest.mark.parametrize("name", SCHEMES)
def test_the_file_alone_gives_the_picture(
    name: str, picture: Picture, labels: NDArray[np.int32]
) -> None:
    data = coded(name, picture, labels)
    decoded = semcodec.decode(data)
    assert decoded.shape == picture.shape
    assert decoded.dtype == np.uint8
    assert np.corrcoef(decoded.ravel(), picture.ravel())[0, 1] > 0.5
    assert coded(name, picture, labels) == data


def test_fresh_processes_decode_the_same_pixels(
    picture: Picture, labels: NDArray[np.int32], fresh: Callable[..., list[Picture]]
) -> None:
    files = [coded(name, picture, labels) for name in SCHEMES]
    expected = [semcodec.decode(data) for data in files]
    for environment in ({"PYTHONHASHSEED": "0"}, {"PYTHONHASHSEED": "1", "OMP_NUM_THREADS": "1"}):
        for name, one, other in zip(SCHEMES, expected, fresh(*files, **environment), strict=True):
            assert np.array_equal(one, other), name


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (33, 1), (17, 31)])
@pytest.mark.parametrize("name", SCHEMES)
def test_odd_sizes(name: str, shape: tuple[int, int], picture: Picture) -> None:
    small = np.ascontiguousarray(picture[: shape[0], : shape[1]])
    data = coded(name, small, np.zeros(shape, dtype=np.int32))
    assert semcodec.decode(data).shape == small.shape


@pytest.mark.parametrize("name", SCHEMES)
def test_a_damaged_file_gives_a_picture_or_a_decode_error(
    name: str, picture: Picture, labels: NDArray[np.int32]
) -> None:
    small = np.ascontiguousarray(picture[:40, :48])
    wire = semcodec.load(name).encode(
        small, inputs=inputs_for(name, labels[:40, :48]), form="wire", detached=True
    )
    codec = semcodec.load(name)
    generator = np.random.default_rng(7)
    for _ in range(40):
        damaged = bytearray(wire)
        for position in generator.integers(5, len(wire), size=generator.integers(1, 4)):
            damaged[position] ^= 1 << generator.integers(8)
        cut = int(generator.integers(5, len(wire) + 1))
        for data in (bytes(damaged), wire[:cut]):
            try:
                codec.decode(data, max_pixels=1 << 16)
            except semcodec.errors.DecodeError:
                continue
