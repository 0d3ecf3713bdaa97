# if transform
"""A transform: what the quantizer gets, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from semcodec import Context, Image, Latent, Transform, component

__all__ = ["Hadamard"]

SIDE = 8
# From few changes of sign to many, as a DCT's rows go from low frequencies to high ones.
ORDER = np.array([0, 4, 6, 2, 3, 7, 5, 1])


@component
class Hadamard(Transform):
    """Walsh-Hadamard transform of 8x8 blocks, orthonormal, by additions alone.

    Every entry is made by single IEEE operations in a fixed order, so that it is the same on every
    machine. Sides that are no multiple of 8 are filled up with their last row or column.
    """

    consumes = Image
    produces = Latent
    determinism = "bitexact"

    def layout(self, shape: Image, guides: Mapping[str, Any], ctx: Context) -> Latent:
        """Describe the blocks: (blocks, 8, 8), channel after channel, in raster order."""
        rows, columns = -(-shape.height // SIDE), -(-shape.width // SIDE)
        grid = ((rows, columns),) * shape.channels
        return Latent((shape.channels * rows * columns, SIDE, SIDE), grid)

    def forward(self, value: NDArray[Any], guides: Mapping[str, Any], ctx: Context) -> NDArray[Any]:
        """Transform a picture, its samples taken about the middle of their range."""
        height, width, channels = value.shape
        filled = np.pad(value, ((0, -height % SIDE), (0, -width % SIDE), (0, 0)), mode="edge")
        centred = filled.astype(np.float32) - np.float32(_middle(Image.of(value)))
        tiles = centred.reshape(-1, SIDE, filled.shape[1] // SIDE, SIDE, channels)
        blocks = tiles.transpose(4, 0, 2, 1, 3).reshape(-1, SIDE, SIDE)
        return _transformed(blocks)[:, ORDER[:, None], ORDER]

    def inverse(self, value: NDArray[Any], guides: Mapping[str, Any], ctx: Context) -> NDArray[Any]:
        """Transform back, round, and cut what was filled up."""
        shape = ctx.shape
        assert isinstance(shape, Image)
        rows, columns = -(-shape.height // SIDE), -(-shape.width // SIDE)
        back = np.argsort(ORDER)
        blocks = _transformed(value[:, back[:, None], back])
        tiles = blocks.reshape(shape.channels, rows, columns, SIDE, SIDE)
        samples = tiles.transpose(1, 3, 2, 4, 0).reshape(rows * SIDE, columns * SIDE, -1)
        levels = np.rint(samples + np.float32(_middle(shape)))
        picture = np.clip(levels, 0, (1 << shape.depth) - 1)
        return np.asarray(picture[: shape.height, : shape.width], shape.dtype)


def _middle(shape: Image) -> int:
    return 1 << (shape.depth - 1)


def _transformed(blocks: NDArray[Any]) -> NDArray[Any]:
    """Multiply both axes by the Hadamard matrix over the root of 8, which undoes itself."""
    for axis in (1, 2):
        for _ in range(3):
            even = blocks.take(range(0, SIDE, 2), axis)
            odd = blocks.take(range(1, SIDE, 2), axis)
            blocks = np.concatenate([even + odd, even - odd], axis)
    return blocks / np.float32(SIDE)
# end
