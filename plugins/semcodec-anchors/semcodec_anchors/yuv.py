"""RGB to YCbCr planes and back, in exact integers: what a raw video stream holds is defined by it.

ITU-R BT.601 weights, full range (ITU-T H.273, matrix_coefficients 6, VideoFullRangeFlag 1), 8 or
10 bits, 4:4:4 or 4:2:0 with chroma samples in the middle of their 2 by 2 luma samples. The way
there is the encoder's own business; the way back is sums of integers that fit 32 bits, each rounded
once, so every machine gives the same levels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Layout", "Planes"]

Planes: TypeAlias = list[NDArray[Any]]

_BITS = 16
# BT.601: Kr = 0.299, Kb = 0.114; H.273 equations 38 to 40.
_FORWARD = (
    (0.299, 0.587, 0.114),
    (-0.299 / 1.772, -0.587 / 1.772, 0.886 / 1.772),
    (0.701 / 1.402, -0.587 / 1.402, -0.114 / 1.402),
)
_CR_TO_R, _CB_TO_G, _CR_TO_G, _CB_TO_B = 1.402, -0.202008 / 0.587, -0.419198 / 0.587, 1.772
# Doubling both sides of a chroma plane leaves 4 fractional bits, so luma gets as many.
_FRACTION = 4


@dataclass(frozen=True, slots=True)
class Layout:
    """How a picture lies in planes.

    Attributes:
        depth: bits a sample, 8 or 10; samples of 10 bits are 16-bit little endian.
        halved: whether chroma has half the rows and columns (4:2:0).
        mono: whether there is no chroma plane (4:0:0).
    """

    depth: int
    halved: bool = False
    mono: bool = False

    @property
    def dtype(self) -> str:
        """Dtype of the planes."""
        return "u1" if self.depth == 8 else "<u2"

    @property
    def top(self) -> int:
        """Largest sample."""
        return (1 << self.depth) - 1

    def shapes(self, rows: int, columns: int) -> list[tuple[int, int]]:
        """Shapes of the planes; both sides must be even where chroma is halved."""
        if self.mono:
            return [(rows, columns)]
        chroma = (rows // 2, columns // 2) if self.halved else (rows, columns)
        return [(rows, columns), chroma, chroma]

    def size(self, rows: int, columns: int) -> int:
        """Bytes of all planes."""
        return sum(r * c for r, c in self.shapes(rows, columns)) * np.dtype(self.dtype).itemsize

    def planes(self, picture: NDArray[np.uint8]) -> Planes:
        """Turn a picture into planes.

        Args:
            picture: uint8 (rows, columns, 1 or 3); sides even where chroma is halved. Gray becomes
                luma, with neutral chroma where the layout has any.

        Returns:
            Y, or Y, Cb and Cr, of :attr:`dtype`, shaped as :meth:`shapes` says.
        """
        rows, columns, channels = picture.shape
        shapes = self.shapes(rows, columns)
        if channels == 1:
            gray = (picture[..., 0].astype(np.int32) * self.top * 2 + 255) // 510
            neutral = [np.full(shape, 1 << (self.depth - 1), self.dtype) for shape in shapes[1:]]
            return [gray.astype(self.dtype), *neutral]
        rgb = picture.astype(np.int64)
        found: Planes = []
        for index, row in enumerate(_FORWARD[: len(shapes)]):
            weights = np.rint(np.array(row) * self.top / 255 * 2**_BITS).astype(np.int64)
            plane, shift = rgb @ weights, _BITS
            if index and self.halved:
                plane = plane.reshape(rows // 2, 2, columns // 2, 2).sum(axis=(1, 3))
                shift += 2
            plane = (plane + (1 << (shift - 1))) >> shift
            if index:
                plane += 1 << (self.depth - 1)
            found.append(np.clip(plane, 0, self.top).astype(self.dtype))
        return found

    def picture(self, planes: Planes, channels: int) -> NDArray[np.uint8]:
        """Turn planes into a picture.

        Args:
            planes: as :meth:`planes` gives them.
            channels: 1 takes the luma plane alone; 3 needs all.

        Returns:
            uint8 (rows, columns, channels): exact sums, rounded once, halves up, clamped.
        """
        luma = planes[0].astype(np.int32)
        if channels == 1:
            gray: NDArray[np.uint8] = ((luma * 510 + self.top) // (2 * self.top)).astype(np.uint8)
            return gray[..., None]
        scale = 255 / self.top * 2 ** (_BITS - 2)
        shift = _BITS - 2 + _FRACTION
        luma = luma * (round(scale) << _FRACTION) + (1 << (shift - 1))
        zero = 1 << (self.depth - 1 + _FRACTION)
        blue, red = (self._full(plane) - zero for plane in planes[1:])
        out = np.empty((*planes[0].shape, 3), np.uint8)
        to = {name: round(value * scale) for name, value in _BACK.items()}
        _store(luma + to["rr"] * red, shift, out[..., 0])
        _store(luma + to["gb"] * blue + to["gr"] * red, shift, out[..., 1])
        _store(luma + to["bb"] * blue, shift, out[..., 2])
        return out

    def _full(self, plane: NDArray[Any]) -> NDArray[np.int32]:
        """Give a chroma plane at full size, with 4 fractional bits."""
        wide = plane.astype(np.int32)
        if not self.halved:
            return wide << _FRACTION
        for axis in (0, 1):
            wide = _doubled(wide, axis)
        return wide


_BACK = {"rr": _CR_TO_R, "gb": _CB_TO_G, "gr": _CR_TO_G, "bb": _CB_TO_B}


def _doubled(plane: NDArray[np.int32], axis: int) -> NDArray[np.int32]:
    """Interpolate along an axis by the triangle filter (3, 1) / 4, the division left out."""
    plane = np.moveaxis(plane, axis, 0)
    padded = np.concatenate([plane[:1], plane, plane[-1:]])
    out = np.empty((2 * len(plane), plane.shape[1]), np.int32)
    out[0::2] = 3 * plane + padded[:-2]
    out[1::2] = 3 * plane + padded[2:]
    return np.moveaxis(out, 0, axis)


def _store(total: NDArray[np.int32], shift: int, out: NDArray[Any]) -> None:
    total >>= shift
    np.clip(total, 0, 255, out=out, casting="unsafe")
