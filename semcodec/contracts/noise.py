"""Noise that is a function of a seed alone, whatever the device, the process or the release.

Bits come from Philox 4x64-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC
2011) with the seed and the stream as its key and a counter from one; every 64-bit word gives four
16-bit numbers, low bits first. A number n stands for n/65536 in the uniform law, and for the
normal law for an entry of a table in steps of 1/4096.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

__all__ = ["normal", "normal_table", "uniform"]


def _words(seed: int, count: int, stream: int) -> NDArray[np.uint16]:
    generator = np.random.Philox(key=(seed % 2**64) | ((stream % 2**32) << 64))
    raw = generator.random_raw(max(1, -(-count // 4)))
    return np.asarray(raw, dtype="<u8").view("<u2")[:count]


@lru_cache(maxsize=1)
def normal_table() -> NDArray[np.int16]:
    """Inverse normal law at (n + 1/2)/65536, rounded to steps of 1/4096; int16 (65536,)."""
    law = NormalDist()
    half = [round(law.inv_cdf((n + 0.5) / 65536) * 4096) for n in range(32768, 65536)]
    upper = np.array(half, dtype=np.int16)
    table = np.concatenate([-upper[::-1], upper])
    table.setflags(write=False)
    return table


def normal(seed: int, shape: tuple[int, ...], stream: int = 0) -> NDArray[np.float32]:
    """Standard normal noise as float32 of the given shape; multiples of 1/4096 in [-4.4, 4.4]."""
    words = _words(seed, math.prod(shape), stream)
    values: NDArray[np.float32] = normal_table()[words].astype(np.float32) / np.float32(4096)
    return values.reshape(shape)


def uniform(seed: int, shape: tuple[int, ...], stream: int = 0) -> NDArray[np.float32]:
    """Noise uniform in [0, 1) as float32 of the given shape; multiples of 1/65536."""
    words = _words(seed, math.prod(shape), stream)
    values: NDArray[np.float32] = words.astype(np.float32) / np.float32(65536)
    return values.reshape(shape)
