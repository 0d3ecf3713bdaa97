"""Slopes in whole numbers: the same on every machine, for seams that a decoder looks for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.image import flatten
from semcodec_seam.carving.planes import PLAIN, slope_planes

__all__ = ["whole_slopes"]

# ITU-R BT.601-7, section 2.5.1.
_LUMA = np.array([299, 587, 114], np.int64)


def whole_slopes(picture: NDArray[Any]) -> NDArray[np.float32]:
    """Give Sobel's slopes of the luma, in sixteenths of a gray level of 255.

    Args:
        picture: uint8 or uint16 (height, width, 1 to 4).

    Returns:
        float32 (height, width), whole numbers in [0, 23170].

    Raises:
        SettingError: more than 32768 rows.
    """
    seen = flatten(picture).astype(np.int64)
    luma = seen[..., 0] * 1000 if seen.shape[2] == 1 else seen @ _LUMA
    most = 1000 * int(np.iinfo(picture.dtype).max)
    sixteenths = (luma * 4080 + most // 2) // most
    gray = (sixteenths / np.float64(16)).astype(np.float32)
    start = np.zeros(len(gray), np.uint64)
    made: NDArray[np.float32] = slope_planes(gray, PLAIN, start).field.astype(np.float32)
    return made
