"""Pictures in, as the functions of this package take them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import SaliencySource
from semcodec.contracts.values import Image, Map
from semcodec.errors import ImageError
from semcodec.image import read_image

__all__ = ["SUFFIXES", "context_of", "energy_of", "read_mask", "taken"]

SUFFIXES = (
    ".avif",
    ".bmp",
    ".gif",
    ".jpeg",
    ".jpg",
    ".png",
    ".ppm",
    ".tif",
    ".tiff",
    ".webp",
)
"""Of the files of a folder that are taken for pictures."""


def taken(image: Any) -> NDArray[Any]:
    """Read a picture: a path, bytes, a Pillow image or an array.

    Args:
        image: what :func:`semcodec.read_image` takes, or floats in [0, 1], which become 8 bits.

    Returns:
        uint8 or uint16 (height, width, 1 to 4).

    Raises:
        ImageError: it is no picture.
    """
    if isinstance(image, np.ndarray) and image.dtype.kind == "f":
        if image.size and not (image.min() >= 0 and image.max() <= 1):
            raise ImageError(
                f"expected floats in [0, 1], got {image.min()} to {image.max()}",
                hint="Convert values from 0 to 255 by .astype('uint8').",
            )
        image = np.rint(image * 255).astype(np.uint8)
    return read_image(image)


def read_mask(mask: Any, size: tuple[int, int], name: str) -> NDArray[np.bool_] | None:
    """Read a mask of a picture: a path, a Pillow image, or an array; None stays None.

    Args:
        mask: bool, or a picture that is bright where the mask holds.
        size: height and width it must have.
        name: what errors call it.

    Raises:
        ImageError: it is no mask of this size.
    """
    if mask is None:
        return None
    if isinstance(mask, np.ndarray) and mask.dtype.kind == "b":
        found = mask
    else:
        picture = taken(mask)
        found = picture[..., 0] > np.iinfo(picture.dtype).max // 2
    if found.shape != size:
        raise ImageError(
            f"{name}: expected {size[0]}x{size[1]} pixels, the size of the picture, got "
            f"{'x'.join(map(str, found.shape))}",
            hint="Scale the mask to the picture first.",
        )
    return np.ascontiguousarray(found)


def context_of(shape: tuple[int, ...], depth: int, device: str = "cpu") -> Context:
    """Give the context of a picture of a shape (height, width, channels) and bits a sample."""
    height, width, channels = shape
    return Context(
        image=Image(height, width, channels, depth),
        shape=Map(height, width),
        coded=Map(height, width),
        device=device,
    )


def energy_of(
    source: SaliencySource, picture: NDArray[Any], device: str = "cpu"
) -> NDArray[np.float32]:
    """Give the energy of a picture, float32 (height, width) in [0, 1]."""
    ctx = context_of(picture.shape, 8 * picture.dtype.itemsize, device)
    made: NDArray[np.float32] = np.ascontiguousarray(source.saliency(picture, {}, ctx), np.float32)
    return made
