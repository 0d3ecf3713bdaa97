"""Pictures scaled alike all over, by interpolation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.image import to_pil

__all__ = ["interpolated"]


def interpolated(picture: NDArray[Any], target: tuple[int, int]) -> NDArray[Any]:
    """Scale by Lanczos' kernel, plane by plane where Pillow has no mode for all.

    Args:
        picture: uint8 or uint16 (height, width, 1 to 4).
        target: height and width.
    """
    from PIL import Image as Pillow

    if picture.shape[:2] == target:
        return picture
    size = target[1], target[0]
    if picture.dtype == np.uint8:
        made: NDArray[Any] = np.asarray(to_pil(picture).resize(size, Pillow.Resampling.LANCZOS))
        return made.reshape(*target, -1)
    planes = [
        np.asarray(
            Pillow.fromarray(plane.astype(np.float32)).resize(size, Pillow.Resampling.LANCZOS)
        )
        for plane in np.moveaxis(picture, 2, 0)
    ]
    top = np.iinfo(picture.dtype).max
    joined: NDArray[Any] = np.clip(np.rint(np.stack(planes, axis=2)), 0, top)
    return joined.astype(picture.dtype)
