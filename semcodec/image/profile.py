"""Embedded colour profiles: everything becomes sRGB."""

from __future__ import annotations

import io
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageCms

from semcodec.errors import ImageError

__all__ = ["to_srgb"]

_SPACES = {1: ("L", "GRAY"), 3: ("RGB", "RGB"), 4: ("CMYK", "CMYK")}


def to_srgb(color: NDArray[Any], profile: bytes | None, where: str) -> NDArray[Any]:
    """Convert colours to sRGB, relative colorimetric with black point compensation.

    A profile that gives sRGB back within one level of 8 bits leaves every value as it is. One that
    is broken, or meant for another kind of picture, is left out with a ``UserWarning``.

    Args:
        color: uint8 or uint16 (height, width, k): k = 1 gray, 3 RGB, or 4 for CMYK (uint8 only).
        profile: the ICC profile, or None where the picture has none and is sRGB already.
        where: name of the picture, for messages.

    Returns:
        The same dtype, 1 channel for gray and else 3.

    Raises:
        ImageError: 16 bits in another colour space than sRGB; Pillow converts 8 bits only.
    """
    if profile:
        try:
            transform, mode = _transform(color.shape[2], profile)
        except (ImageCms.PyCMSError, OSError, TypeError, ValueError) as error:
            warnings.warn(
                f"{where}: its colour profile cannot be used ({error}); read as sRGB", stacklevel=4
            )
        else:
            return _convert(color, transform, mode, where)
    if color.shape[2] == 4:
        return _unpack(_pack(color, "CMYK").convert("RGB"))
    return color


def _transform(channels: int, profile: bytes) -> tuple[ImageCms.ImageCmsTransform, str]:
    mode, expected = _SPACES[channels]
    opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    space = opened.profile.xcolor_space.strip()
    if (mode, space) == ("L", "RGB"):  # a gray picture saved with its editor's RGB profile
        mode, expected = "RGB", "RGB"
    if space != expected:
        raise ValueError(f"expected a profile for {expected}, got one for {space}")
    return (
        ImageCms.buildTransform(
            opened,
            ImageCms.createProfile("sRGB"),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        ),
        mode,
    )


def _convert(
    color: NDArray[Any], transform: ImageCms.ImageCmsTransform, mode: str, where: str
) -> NDArray[Any]:
    channels = color.shape[2]
    if channels < 4 and _keeps(transform, mode, channels):
        return color
    if color.dtype != np.uint8:
        raise ImageError(
            f"{where}: expected sRGB or 8 bits, got 16 bits in another colour space",
            hint="Convert it to sRGB in an image editor, keeping 16 bits, or save it with 8 bits.",
        )
    wide = np.repeat(color, 3, axis=2) if (channels, mode) == (1, "RGB") else color
    made = _unpack(_apply(_pack(wide, mode), transform))
    return made[..., 1:2] if channels == 1 else made


def _keeps(transform: ImageCms.ImageCmsTransform, mode: str, channels: int) -> bool:
    if channels == 1:
        grid = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
        probe = grid if mode == "L" else np.repeat(grid, 3, axis=2)
    else:
        levels = np.linspace(0, 255, 18).round().astype(np.uint8)
        probe = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(18, -1, 3)
    made = _unpack(_apply(_pack(probe, mode), transform)).astype(int)
    return bool(np.abs(made - probe).max() <= 1)


def _apply(picture: Pillow.Image, transform: ImageCms.ImageCmsTransform) -> Pillow.Image:
    made = ImageCms.applyTransform(picture, transform)
    assert made is not None
    return made


def _pack(array: NDArray[Any], mode: str) -> Pillow.Image:
    height, width, _ = array.shape
    return Pillow.frombytes(mode, (width, height), np.ascontiguousarray(array).tobytes())


def _unpack(picture: Pillow.Image) -> NDArray[np.uint8]:
    return np.asarray(picture)
