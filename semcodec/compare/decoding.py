"""The decoding process of a worker: it gets files and specs, and nothing else of the encoder."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from numpy.typing import NDArray

from semcodec.compare.cells import Cell
from semcodec.compare.memory import peak_bytes, reset_peak
from semcodec.compare.process import follow_parent
from semcodec.engine.codec import Codec
from semcodec.engine.trace import Trace

__all__ = ["Decoded", "begin", "decode"]

_cells: list[Cell] = []
_device: list[str] = []
_warm: set[tuple[int, int | None]] = set()


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded picture.

    Attributes:
        picture: uint8 or uint16 (height, width, channels).
        seconds: wall clock of the decode.
        peak: peak memory of the process in bytes.
        costs: parameters and multiply-accumulate operations, by node.
    """

    picture: NDArray[Any]
    seconds: float
    peak: int
    costs: dict[str, tuple[int, int]]


def begin(cells: Sequence[Cell], device: str) -> None:
    """Start the process."""
    follow_parent()
    _cells[:] = cells
    _device[:] = [device]


@cache
def _codec(cell: int, seed: int | None) -> Codec:
    return _cells[cell].load(seed)


def decode(cell: int, seed: int | None, data: bytes) -> Decoded:
    """Decode a file, once more before the clock starts where it is the first of a cell."""
    codec = _codec(cell, seed)
    [device] = _device
    if (cell, seed) not in _warm:
        codec.decode(data, device=device)
        _warm.add((cell, seed))
    reset_peak()
    trace = Trace()
    start = time.perf_counter()
    picture = codec.decode(data, device=device, trace=trace)
    seconds = time.perf_counter() - start
    return Decoded(picture, seconds, peak_bytes(), trace.costs)
