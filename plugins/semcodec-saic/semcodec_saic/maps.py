"""Synthetic saliency maps for training: what a detector, a user or nobody might give.

Boxes, blobs, gradients, thresholded spectral saliency, nothing and everything. Such maps suffice
for region-of-interest coding (Perugachi-Diaz et al., arXiv 2203.01978). NumPy only: the workers
that make samples import no torch for it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["KINDS", "pooled", "quantized", "synthetic_map"]

KINDS = ("boxes", "blobs", "gradient", "spectral", "nothing", "everything")
"""The kinds of map, drawn with the chances of the next line."""

_CHANCES = (0.3, 0.25, 0.1, 0.25, 0.05, 0.05)
_Floats = NDArray[np.floating[Any]]


def synthetic_map(
    crop: NDArray[np.uint8], rng: np.random.Generator, kind: str = ""
) -> NDArray[np.float32]:
    """Draw a map.

    Args:
        crop: uint8 (size, size, 3), which spectral saliency is found in.
        rng: where the randomness comes from.
        kind: one of :data:`KINDS`; empty draws one.

    Returns:
        float32 (size, size) in [0, 1].
    """
    size = crop.shape[0]
    kind = kind or str(rng.choice(KINDS, p=_CHANCES))
    if kind == "nothing":
        return np.zeros((size, size), np.float32)
    if kind == "everything":
        return np.ones((size, size), np.float32)
    if kind == "spectral":
        return _spectral(crop, float(rng.uniform(0.6, 0.95)))
    y, x = np.meshgrid(*[(np.arange(size) + 0.5) / size] * 2, indexing="ij")
    if kind == "gradient":
        angle = rng.uniform(0, 2 * np.pi)
        ramp = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle)
        return _single(np.clip(0.5 + ramp * rng.uniform(0.7, 3), 0, 1))
    made: _Floats = np.zeros((size, size))
    for _ in range(int(rng.integers(1, 5))):
        centre, reach = rng.uniform(0, 1, 2), rng.uniform(0.04, 0.4, 2)
        score = 1.0 if rng.integers(2) else rng.uniform(0.3, 1)
        across, down = np.abs(x - centre[0]) / reach[0], np.abs(y - centre[1]) / reach[1]
        if kind == "boxes":
            shape = ((across < 1) & (down < 1)).astype(np.float64)
        else:
            shape = np.exp(-2 * (across**2 + down**2))
        made = np.maximum(made, score * shape)
    return _single(made)


def pooled(saliency: _Floats, cell: int) -> NDArray[np.float32]:
    """Take the maximum in every cell, so that nothing small is lost.

    Args:
        saliency: (height, width), sides multiples of ``cell``.
        cell: pixels on a side.

    Returns:
        float32 (height / cell, width / cell).
    """
    height, width = saliency.shape
    cells = saliency.reshape(height // cell, cell, width // cell, cell)
    return _single(cells.max(axis=(1, 3)))


def quantized(saliency: _Floats, levels: int) -> NDArray[np.float32]:
    """Round to equal levels from 0 to 1, as a map that is sent.

    Args:
        saliency: any shape, in [0, 1].
        levels: at least 2.
    """
    top = levels - 1
    return _single(np.floor(saliency * top + 0.5) / top)


def _single(values: Any) -> NDArray[np.float32]:
    return np.asarray(values, dtype=np.float32)


def _spectral(crop: NDArray[np.uint8], quantile: float) -> NDArray[np.float32]:
    """Spectral residual (Hou and Zhang, CVPR 2007), thresholded at a quantile of its values."""
    size = crop.shape[0]
    pick = (np.arange(64) * size) // 64
    gray = crop[np.ix_(pick, pick)].mean(axis=2)
    spectrum = np.fft.fft2(gray)
    log = np.log(np.abs(spectrum) + 1e-8)
    residual = np.exp(log - _box(log, 1) + 1j * np.angle(spectrum))
    energy = _box(_box(np.abs(np.fft.ifft2(residual)) ** 2, 3), 3)
    marked = energy > np.quantile(energy, quantile)
    back = (np.arange(size) * 64) // size
    return marked[np.ix_(back, back)].astype(np.float32)


def _box(values: _Floats, reach: int) -> _Floats:
    """Average over a square, round the edge."""
    for axis in (0, 1):
        shifts = range(-reach, reach + 1)
        values = sum(np.roll(values, s, axis) for s in shifts) / len(shifts)  # type: ignore[assignment]
    return values
