"""Pictures in, as the functions of this package take them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.context import Context
from semcodec.contracts.kinds import SaliencySource
from semcodec.contracts.values import Image, Map
from semcodec.errors import ImageError, SettingError
from semcodec.image import read_image

__all__ = ["SUFFIXES", "as_energy", "context_of", "energy_of", "read_mask", "taken"]

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
        mask: bool; (height, width) of whole numbers that are all 0 or 1; or a picture that is
            bright where the mask holds, of which whole numbers from 0 to 255 of any type are one.
        size: height and width it must have.
        name: what errors call it.

    Raises:
        ImageError: it is no mask of this size.
    """
    if mask is None:
        return None
    if isinstance(mask, np.ndarray) and _is_flags(mask):
        found = mask != 0
    else:
        picture = taken(_narrow(mask, name))
        found = picture[..., 0] > np.iinfo(picture.dtype).max // 2
    if found.shape != size:
        raise ImageError(
            f"{name}: expected {size[0]}x{size[1]} pixels, the size of the picture, got "
            f"{'x'.join(map(str, found.shape))}",
            hint="Scale the mask to the picture first.",
        )
    return np.ascontiguousarray(found)


def _is_flags(mask: NDArray[Any]) -> bool:
    if mask.dtype.kind == "b":
        return True
    return mask.dtype.kind in "iu" and mask.ndim == 2 and bool(((mask == 0) | (mask == 1)).all())


def _narrow(mask: Any, name: str) -> Any:
    """Give whole numbers of more than 16 bits, or with signs, as 8 bits."""
    if not isinstance(mask, np.ndarray) or mask.dtype.kind == "f":
        return mask
    if mask.dtype in (np.uint8, np.uint16):
        return mask
    whole = mask.dtype.kind in "iu" and mask.size
    if not whole or mask.min() < 0 or mask.max() > 255:
        values = f" from {mask.min()} to {mask.max()}" if whole else ""
        raise ImageError(
            f"{name}: expected an array of bool, or of numbers from 0 to 255, got {mask.dtype}"
            f"{values}",
            hint="Give mask != 0.",
        )
    return mask.astype(np.uint8)


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
    return as_energy(source.saliency(picture, {}, ctx), (picture.shape[0], picture.shape[1]))


def as_energy(given: Any, size: tuple[int, int]) -> NDArray[np.float32]:
    """Take what an energy function gave.

    Args:
        given: real numbers of at least 0.
        size: height and width it must have.

    Returns:
        float32 (height, width), C-contiguous.

    Raises:
        SettingError: it is no energy of this size.
    """
    wanted = f"expected energy of at least 0 for {size[0]}x{size[1]} pixels, the energy function"
    try:
        made = np.asarray(given)
    except (TypeError, ValueError, RuntimeError):  # rows of several lengths, tensors elsewhere
        raise SettingError(f"{wanted} gave {type(given).__name__}, no array") from None
    if made.dtype.kind not in "biuf" or made.shape != size:
        raise SettingError(f"{wanted} gave {made.dtype} of shape {made.shape}")
    with np.errstate(over="ignore", invalid="ignore"):
        energy: NDArray[np.float32] = np.ascontiguousarray(made, np.float32)
        least, most = energy.min(), energy.max()
    if not 0 <= least <= most < np.inf:
        raise SettingError(f"{wanted} gave {least} to {most}")
    return energy
