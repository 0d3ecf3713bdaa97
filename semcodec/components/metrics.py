"""Error of the samples: MSE and PSNR."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.kinds import Metric
from semcodec.contracts.params import component
from semcodec.errors import ImageError

__all__ = ["Mse", "Psnr"]

_CHUNK = 1 << 20


def _mean_square(reference: NDArray[Any], decoded: NDArray[Any], who: str) -> float:
    if (reference.shape, reference.dtype) != (decoded.shape, decoded.dtype):
        raise ImageError(
            f"{who}: expected a picture of shape {reference.shape} and dtype {reference.dtype} "
            f"like the reference, got {decoded.shape} and {decoded.dtype}",
            hint="Bring both to one size, channels and depth before comparing them.",
        )
    if reference.dtype not in (np.uint8, np.uint16) or not reference.size:
        raise ImageError(
            f"{who}: expected pictures of uint8 or uint16 samples, "
            f"got {reference.dtype} of shape {reference.shape}",
            hint="Convert both with semcodec.read_image.",
        )
    left, right = reference.reshape(-1), decoded.reshape(-1)
    total = 0
    for start in range(0, left.size, _CHUNK):
        error = left[start : start + _CHUNK].astype(np.float64)
        error -= right[start : start + _CHUNK]
        # 2**20 squares of 32 bits sum to an integer below 2**53: exact in any order.
        total += int(error @ error)
    return total / left.size


@component
class Mse(Metric):
    """Mean squared error over all samples of all channels, alpha included; 0 for equal pictures.

    In squared levels of the pictures' own depth; the sum is exact, so equal on every machine.
    """

    unit: ClassVar[str] = "levels²"
    higher_is_better: ClassVar[bool] = False

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or are no pictures.
        """
        return _mean_square(reference, decoded, "mse")


@component
class Psnr(Metric):
    """Peak signal-to-noise ratio, ``10 log10(peak² / MSE)``; infinite for equal pictures.

    The peak is 255 for uint8 and 65535 for uint16. One MSE is taken over all samples of all
    channels, alpha included: neither a mean of channels' figures nor of luma alone.
    """

    unit: ClassVar[str] = "dB"

    def compute(self, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
        """Compare two uint8 or uint16 pictures.

        Raises:
            ImageError: they differ in shape or dtype, or are no pictures.
        """
        error = _mean_square(reference, decoded, "psnr")
        peak = np.iinfo(reference.dtype).max
        return 10 * math.log10(peak**2 / error) if error else math.inf
