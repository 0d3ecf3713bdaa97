"""Between arrays, Pillow pictures, depths and backgrounds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from semcodec.contracts.values import Image
from semcodec.errors import ImageError

__all__ = ["described", "flatten", "to_depth8", "to_pil"]

_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def described(array: NDArray[Any], where: str = "picture") -> Image:
    """Describe a picture array, as :meth:`semcodec.contracts.values.Image.of` does.

    Raises:
        ImageError: it is no uint8 or uint16 array (height, width, 1 to 4 channels).
    """
    try:
        return Image.of(array)
    except ValueError as error:
        raise ImageError(
            f"{where}: {error}", hint="semcodec.image.read_image takes more kinds of arrays."
        ) from None


def to_pil(array: NDArray[Any]) -> Pillow.Image:
    """Turn a picture into a Pillow image of mode L, LA, RGB, RGBA or, for 16-bit gray, I;16.

    Args:
        array: uint8 (height, width, 1 to 4), or uint16 (height, width, 1).

    Raises:
        ImageError: it is no picture, or has 16 bits and more than one channel, for which Pillow
            has no mode.
    """
    shape = described(array)
    size = (shape.width, shape.height)
    if shape.depth == 8:
        return Pillow.frombytes(_MODES[shape.channels], size, np.ascontiguousarray(array).tobytes())
    if shape.channels > 1:
        raise ImageError(
            f"expected 8 bits or one channel, got 16 bits and {shape.channels} channels: "
            "Pillow has no mode for it",
            hint="Reduce it first: semcodec.image.to_depth8(array).",
        )
    return Pillow.frombytes("I;16", size, array.astype("<u2").tobytes())


def to_depth8(array: NDArray[Any]) -> NDArray[np.uint8]:
    """Reduce 16 bits to 8: v / 257 to nearest, which ``(v * 255 + 32895) >> 16`` is exactly.

    Args:
        array: uint8 or uint16 (height, width, channels). uint8 comes back as it is.

    Raises:
        ImageError: it is no picture.
    """
    if described(array).depth == 8:
        return array
    return ((array.astype(np.uint32) * 255 + 32895) >> 16).astype(np.uint8)


def flatten(
    array: NDArray[Any], background: tuple[int, int, int] = (255, 255, 255)
) -> NDArray[Any]:
    """Lay a picture over a colour and drop its alpha.

    Blends the sRGB values as they are, ``(c * a + b * (max - a)) / max`` rounded half up, as
    browsers do.

    Args:
        array: uint8 or uint16 (height, width, channels).
        background: red, green and blue, 0 to 255 for either depth.

    Returns:
        The same dtype with 1 or 3 channels: a gray picture stays gray over a gray background and
        becomes RGB over a coloured one. Without alpha, the array as it is.

    Raises:
        ImageError: it is no picture, or the background no colour.
    """
    shape = described(array)
    if len(background) != 3 or not all(0 <= int(v) <= 255 for v in background):
        raise ImageError(f"expected a background of three values 0 to 255, got {background}")
    if shape.channels in (1, 3):
        return array
    top = np.uint32(255 if shape.depth == 8 else 65535)
    under = np.array(background, dtype=np.uint32) * (top // np.uint32(255))
    if shape.channels == 2 and len(set(background)) == 1:
        under = under[:1]
    color, alpha = array[..., :-1].astype(np.uint32), array[..., -1:].astype(np.uint32)
    # No overflow: 65535 * 65535 + 32767 is below 2**32.
    blend: NDArray[Any] = (color * alpha + under * (top - alpha) + top // np.uint32(2)) // top
    return blend.astype(array.dtype)
