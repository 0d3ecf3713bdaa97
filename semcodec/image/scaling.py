"""Pictures at another size, by Pillow's filters."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from semcodec.image.convert import to_pil

__all__ = ["Filter", "scaled"]

Filter: TypeAlias = Literal["bilinear", "bicubic", "lanczos"]


def scaled(
    array: NDArray[Any], height: int, width: int, filter_: Filter = "lanczos"
) -> NDArray[Any]:
    """Give a picture another size; filters widen where it shrinks, so nothing aliases.

    Pillow's filter weights come from floats, so builds may differ by a level.

    Args:
        array: uint8 or uint16 (rows, columns, 1 to 4). Colours of 8 bits are weighed by their
            alpha; 16 bits are filtered plane by plane, for which Pillow has no mode.
        height: rows of the result, at least 1.
        width: columns of the result, at least 1.
        filter_: which filter.

    Returns:
        (height, width, channels) of the same dtype, writable; the array itself where that is its
        size.
    """
    if array.shape[:2] == (height, width):
        return array
    size, kind = (width, height), Pillow.Resampling[filter_.upper()]
    if array.dtype == np.uint8:
        made: NDArray[Any] = np.array(to_pil(array).resize(size, kind))
        return made.reshape(height, width, -1)
    top = np.iinfo(array.dtype).max
    planes = [
        np.asarray(Pillow.fromarray(plane.astype(np.float32)).resize(size, kind))
        for plane in np.moveaxis(array, 2, 0)
    ]
    joined: NDArray[Any] = np.clip(np.rint(np.stack(planes, axis=2)), 0, top)
    return joined.astype(array.dtype)
