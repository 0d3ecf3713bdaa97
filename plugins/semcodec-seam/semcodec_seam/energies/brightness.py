"""From a picture of any kind to gray values and colours of one range."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.image import flatten

__all__ = ["brightness", "colours"]

# ITU-R BT.601-7, section 2.5.1.
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def colours(picture: NDArray[Any]) -> NDArray[np.float32]:
    """Give what is seen, transparent places over white.

    Args:
        picture: uint8 or uint16 (height, width, 1 to 4).

    Returns:
        float32 (height, width, 1 or 3) in [0, 255].
    """
    seen = flatten(picture).astype(np.float32)
    seen *= np.float32(255 / np.iinfo(picture.dtype).max)
    return seen


def brightness(picture: NDArray[Any]) -> NDArray[np.float32]:
    """Give the luma of a picture, likewise: float32 (height, width) in [0, 255]."""
    seen = colours(picture)
    made: NDArray[np.float32] = seen[..., 0] if seen.shape[2] == 1 else seen @ _LUMA
    return made
