"""The block DCT with an inverse that gives the same integers on every machine."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from semcodec.components.colour import (
    FRACTION,
    double,
    gray_from_samples,
    halve,
    rgb_from_samples,
    ycc_from_rgb,
)
from semcodec.contracts.context import Context, Progress, part
from semcodec.contracts.kinds import Determinism, Guides, Transform
from semcodec.contracts.params import component
from semcodec.contracts.values import Image, Latent, ValueType

__all__ = ["Dct", "inverse_matrix"]

Floats: TypeAlias = NDArray[np.float32]
Grid: TypeAlias = tuple[tuple[int, int], ...]

MATRIX_BITS = 15
COEFFICIENT_BITS = 4
LIMIT = 1 << 13
"""Coefficients are clamped to +-2**13; a picture's own stay below 128 * 16 = 2**11."""

_STRIP = 1 << 18
"""Samples a strip aims at: temporaries that stay in the cache, whatever the picture's size."""


@cache
def cosines(block: int) -> NDArray[np.float64]:
    """Compute the orthonormal DCT-II matrix, float64 (frequency, place).

    N. Ahmed, T. Natarajan, K. R. Rao, "Discrete Cosine Transform", IEEE Trans. Computers C-23(1),
    1974, eq. (1), scaled to unit rows.
    """
    matrix = np.empty((block, block))
    for u in range(block):
        gain = math.sqrt((1 if u == 0 else 2) / block)
        for x in range(block):
            matrix[u, x] = gain * math.cos(math.pi * u * (2 * x + 1) / (2 * block))
    matrix.setflags(write=False)
    return matrix


@cache
def inverse_matrix(block: int) -> NDArray[np.float64]:
    """Give the integers that define the inverse: ``round(2**15 * cosines)``, held as float64.

    No entry lies within 1/200 of a rounding tie, so no error of a cosine in the last places can
    change one.

    Args:
        block: 4, 8 or 16.

    Returns:
        float64 (frequency, place), every entry an integer, read-only.
    """
    matrix: NDArray[np.float64] = np.rint(cosines(block) * (1 << MATRIX_BITS))
    matrix.setflags(write=False)
    return matrix


def analyse(plane: Floats, block: int) -> Floats:
    """Transform a plane, its borders repeated to whole blocks.

    Args:
        plane: float32 (height, width), centred on 0.
        block: side of a block.

    Returns:
        float32 (block rows, block columns, block, block): vertical frequency, then horizontal.
    """
    height, width = plane.shape
    edges = ((0, -height % block), (0, -width % block))
    whole = np.pad(plane, edges, mode="edge")
    matrix = cosines(block).astype(np.float32)
    rows, columns = whole.shape[0] // block, whole.shape[1] // block
    tall = np.matmul(matrix, whole.reshape(rows, block, columns * block))
    turned = np.ascontiguousarray(tall.reshape(rows, block, columns, block).transpose(0, 2, 1, 3))
    result: Floats = (turned.reshape(-1, block) @ matrix.T).reshape(turned.shape)
    return result


def synthesise(blocks: Floats, gain: int = 1) -> NDArray[np.int16]:
    """Invert whole rows of blocks, exactly.

    With C the clamped coefficients in fixed point and M the integer matrix, every sample is one
    sum of C[u, v] M[u, y] M[v, x]. Its terms add up, in magnitude, to at most
    2**17 * (2**17 + 8)**2 < 2**52: a row of an orthonormal matrix of 16 sums to 4 at most (Cauchy
    and Schwarz), times 2**15, and 16 roundings add 8. So every partial sum, in any order and
    fused or not, is an integer that float64 holds exactly, and any BLAS gives the same one.

    Args:
        blocks: float32 (block rows, block columns, block, block). NaN counts as 0, what lies
            beyond +-2**13 as that bound.
        gain: 1 or 2, what the forward transform multiplied them by.

    Returns:
        int16 (block rows * block, block columns * block) in [0, 4080], sixteenths of a level.
    """
    rows, columns, block, _ = blocks.shape
    fixed = blocks.astype(np.float64)
    fixed *= (1 << COEFFICIENT_BITS) / gain
    np.rint(fixed, out=fixed)
    bound = float(LIMIT << COEFFICIENT_BITS)
    np.clip(fixed, -bound, bound, out=fixed)
    np.copyto(fixed, 0.0, where=np.isnan(fixed))
    matrix = inverse_matrix(block)
    wide = (fixed.reshape(-1, block) @ matrix).reshape(rows, columns, block, block)
    turned = np.ascontiguousarray(wide.transpose(0, 2, 1, 3)).reshape(rows, block, -1)
    sums = np.matmul(np.ascontiguousarray(matrix.T), turned)
    # Scaling by a power of two and adding a half are exact here, so floor() is the only rounding.
    sums *= 2.0 ** -(2 * MATRIX_BITS + COEFFICIENT_BITS - FRACTION)
    sums += (128 << FRACTION) + 0.5
    np.floor(sums, out=sums)
    np.clip(sums, 0, 255 << FRACTION, out=sums)
    samples: NDArray[np.int16] = sums.reshape(rows * block, columns * block).astype(np.int16)
    return samples


@component
class Dct(Transform):
    """Block DCT; ``inverse(forward(x))`` is x to two levels at 4:4:4, and the same everywhere.

    RGB becomes YCbCr (ITU-T T.871), chroma is averaged over 2 by 2 pixels unless kept whole, and
    every plane is cut into blocks that an orthonormal DCT-II transforms (Ahmed, Natarajan, Rao
    1974): a quantizer step of 1 is one gray level in the root mean square. The inverse is integer
    arithmetic with stated roundings, ``docs/format-transforms.md``.

    The latent is float32 (blocks, block, block), vertical frequency before horizontal; its first
    axis runs over the luma blocks in raster order, then over those of Cb and of Cr.

    Attributes:
        block: side of a block in samples.
        chroma: 420 halves the colour planes both ways, 444 keeps them whole.
        chroma_gain: what the coefficients of the colour planes are multiplied by. With 2 at 420
            an error of one step costs about as much RGB error in every plane.
        deblock: whether the inverse smooths the borders of blocks, by the steps that the
            quantizer behind it tells; with one that tells none nothing is smoothed.
    """

    block: Literal[4, 8, 16] = 8
    chroma: Literal["420", "444"] = "420"
    chroma_gain: Literal[1, 2] = 1
    deblock: bool = False

    determinism: ClassVar[Determinism] = "bitexact"

    def accepts(self, shape: Image) -> str:
        """Take gray and RGB pictures of 8 bits a sample; see :meth:`Transform.accepts`."""
        if shape.depth != 8:
            return (
                f"dct codes 8 bits a sample, the picture has {shape.depth}: "
                "convert it to 8 bits first"
            )
        if shape.channels not in (1, 3):
            return (
                f"dct codes 1 or 3 channels, the picture has {shape.channels}: "
                "flatten its alpha channel over a background first"
            )
        return ""

    def layout(self, shape: Image, guides: Guides, ctx: Context) -> ValueType:
        """Describe the latent: ``grid`` gives the block rows and columns of every plane."""
        grid = self._grid(shape)
        return Latent((sum(r * c for r, c in grid), self.block, self.block), grid)

    def forward(self, value: NDArray[np.uint8], guides: Guides, ctx: Context) -> Floats:
        """Transform uint8 (height, width, 1 or 3) to float32 (blocks, block, block)."""
        image = ctx.shape
        assert isinstance(image, Image)
        grid = self._grid(image)
        out = np.empty((sum(r * c for r, c in grid), self.block, self.block), dtype=np.float32)
        planes = _by_plane(out, grid)
        for top, bottom in _strips(image.height, image.width, 2 * self.block):
            ctx.progress(top / image.height, "transforming")
            for number, rows in enumerate(self._split(value[top:bottom])):
                blocks = analyse(rows, self.block)
                if number:
                    blocks *= np.float32(self.chroma_gain)
                first = top // (self.block * self._ratio(number))
                planes[number][first : first + len(blocks)] = blocks
        return out

    def inverse(self, value: Floats, guides: Guides, ctx: Context) -> NDArray[np.uint8]:
        """Turn float32 (blocks, block, block) into uint8 (height, width, 1 or 3), exactly.

        Every float32 has a defined meaning: NaN counts as 0, and coefficients are clamped to
        +-2**13.
        """
        image = ctx.shape
        assert isinstance(image, Image)
        planes = []
        for number, blocks in enumerate(_by_plane(value, self._grid(image))):
            ratio, gain = self._ratio(number), self.chroma_gain if number else 1
            size = -(-image.height // ratio), -(-image.width // ratio)
            told = part(ctx.progress, number, 2 * image.channels)
            planes.append(_plane(blocks, *size, gain, told))
        if self.deblock and ctx.steps is not None:
            self._smooth(planes, ctx.steps, value.shape, self._grid(image))
        out = np.empty(image.shape, dtype=np.uint8)
        for top, bottom in _strips(image.height, image.width, 2):
            ctx.progress((1 + top / image.height) / 2, "transforming back")
            luma = planes[0][top:bottom]
            if image.channels == 1:
                out[top:bottom] = gray_from_samples(luma)
                continue
            blue, red = (self._enlarged(plane, top, luma.shape) for plane in planes[1:])
            rgb_from_samples(luma, blue, red, out[top:bottom])
        return out

    def _smooth(
        self,
        planes: list[NDArray[np.int16]],
        steps: Floats,
        shape: tuple[int, ...],
        grid: Grid,
    ) -> None:
        from semcodec.coding.deblock import deblock

        # A block's step is that of its first coefficient; float64 holds all of this exactly.
        of_blocks = np.broadcast_to(steps, shape)[:, 0, 0].astype(np.float64)
        fixed = np.floor(np.minimum(of_blocks, 1 << 15) * (1 << FRACTION) + 0.5)
        for number, plane in enumerate(_by_plane(fixed[:, None, None], grid)):
            inside = plane[:, :, 0, 0].astype(np.int32) // (self.chroma_gain if number else 1)
            deblock(planes[number], self.block, inside, 255 << FRACTION)

    def _ratio(self, plane: int) -> int:
        return 2 if plane and self.chroma == "420" else 1

    def _grid(self, image: Image) -> Grid:
        def blocks(side: int, ratio: int) -> int:
            return -(-side // (ratio * self.block))

        ratios = [self._ratio(plane) for plane in range(image.channels)]
        return tuple((blocks(image.height, r), blocks(image.width, r)) for r in ratios)

    def _split(self, rows: NDArray[np.uint8]) -> tuple[Floats, ...]:
        if rows.shape[2] == 1:
            return (rows[..., 0].astype(np.float32) - np.float32(128),)
        y, cb, cr = ycc_from_rgb(rows)
        return (y, cb, cr) if self.chroma == "444" else (y, halve(cb), halve(cr))

    def _enlarged(
        self, plane: NDArray[np.int16], top: int, shape: tuple[int, ...]
    ) -> NDArray[np.int32]:
        rows, columns = shape
        if self.chroma == "420":
            return double(plane, top, rows, columns)
        return plane[top : top + rows].astype(np.int32) << FRACTION


def _by_plane(latent: Floats, grid: Grid) -> list[Floats]:
    """View a latent as one array (block rows, block columns, block, block) a plane."""
    ends = np.cumsum([r * c for r, c in grid])[:-1]
    parts = np.split(latent, ends)
    return [part.reshape(*size, *latent.shape[1:]) for part, size in zip(parts, grid, strict=True)]


def _plane(
    blocks: Floats, height: int, width: int, gain: int, progress: Progress
) -> NDArray[np.int16]:
    """Invert one plane strip by strip, without the rows and columns that only filled its blocks."""
    block = blocks.shape[2]
    out = np.empty((height, width), dtype=np.int16)
    for top, bottom in _strips(height, width, block):
        progress(top / height, "transforming back")
        strip = blocks[top // block : -(-bottom // block)]
        out[top:bottom] = synthesise(strip, gain)[: bottom - top, :width]
    return out


def _strips(height: int, width: int, unit: int) -> Iterator[tuple[int, int]]:
    """Cut rows into strips of a multiple of ``unit``; only the last may be less."""
    step = unit * max(1, _STRIP // (unit * width))
    for top in range(0, height, step):
        yield top, min(top + step, height)
