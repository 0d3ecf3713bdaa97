"""Reading pictures: every accepted file becomes the same kind of array."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageFile

from semcodec.errors import ImageError
from semcodec.image.convert import described
from semcodec.image.deep import is_deep, is_white_zero, read_deep, refuse_unreadable_depth
from semcodec.image.opening import Readable, check_size, limit_lifted, open_picture, read_source
from semcodec.image.profile import to_srgb

__all__ = ["read_image"]

_ORIENTATION = 0x0112
_TURNS: dict[Any, Callable[[NDArray[Any]], NDArray[Any]]] = {
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, 1),
}
_CONVERSIONS = {
    "1": "L",
    "L": "L",
    "LA": "LA",
    "La": "LA",
    "P": "RGB",
    "PA": "RGBA",
    "RGB": "RGB",
    "RGBA": "RGBA",
    "RGBX": "RGB",
    "RGBa": "RGBA",
    "CMYK": "CMYK",
    "YCbCr": "RGB",
}
_LOW_GRAY = {"L;2": 85, "L;4": 17}


def read_image(
    source: Readable | Pillow.Image | NDArray[Any], *, max_pixels: int = 2**27
) -> NDArray[Any]:
    """Read a picture as sRGB.

    Reads JPEG, PNG, WebP, AVIF, TIFF, PPM, BMP and GIF. The EXIF orientation is applied, an
    embedded ICC profile converted to sRGB, a palette resolved, CMYK converted to RGB; alpha and 16
    bits are kept. Of several frames the first is read. A loss that cannot be avoided (further
    frames, AVIF of more than 8 bits, a broken profile) comes with a ``UserWarning``.

    Args:
        source: a path, the bytes of a file, a binary file object, a Pillow image, or an array
            uint8 or uint16 (height, width) or (height, width, 1 to 4), which is taken as sRGB.
        max_pixels: most pixels of a file; more are refused before any is decoded.

    Returns:
        uint8 or uint16 (height, width, channels): 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and
        alpha. C-contiguous and writeable; only an array that is all this already is not copied.

    Raises:
        ImageError: the file is missing, damaged, truncated, too large or no picture, or its
            samples (floats, 32 bits, Lab) have no exact meaning as sRGB of 8 or 16 bits.
    """
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Pillow.Image):
        check_size(source.size, "Pillow image", max_pixels)
        return _from_picture(source, "Pillow image", None)
    where, data = read_source(source)

    def reopen() -> ImageFile.ImageFile:
        return open_picture(data, where, max_pixels)

    picture = reopen()
    if getattr(picture, "is_animated", False):
        warnings.warn(f"{where}: has several frames, only the first is read", stacklevel=2)
    if picture.format == "AVIF" and _avif_is_deep(data):
        warnings.warn(
            f"{where}: has more than 8 bits a sample, of which Pillow reads 8", stacklevel=2
        )
    limit = Pillow.MAX_IMAGE_PIXELS
    if limit is not None and picture.width * picture.height > limit:
        with limit_lifted():  # the TIFF reader asks Pillow's limit again when it decodes
            return _from_picture(picture, where, reopen)
    return _from_picture(picture, where, reopen)


def _from_array(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype.kind != "u" or array.dtype.itemsize > 2:
        hint = {
            "b": "For a mask: array.astype(np.uint8) * 255.",
            "f": "For values in [0, 1]: (array * 255).round().astype(np.uint8).",
        }.get(array.dtype.kind, "For values in [0, 255]: array.astype(np.uint8).")
        raise ImageError(f"expected an array of uint8 or uint16, got {array.dtype}", hint=hint)
    shaped = array[..., None] if array.ndim == 2 else array
    shaped = np.ascontiguousarray(shaped, dtype=shaped.dtype.newbyteorder("="))
    described(shaped, "array")
    return shaped


def _from_picture(
    picture: Pillow.Image, where: str, reopen: Callable[[], ImageFile.ImageFile] | None
) -> NDArray[Any]:
    try:
        color, alpha = _decode(picture, where, reopen)
    except ImageError:
        raise
    except Exception as error:  # damaged pixels raise nearly anything
        raise ImageError(
            f"{where}: cannot be decoded ({str(error) or type(error).__name__})",
            hint="The file is damaged or truncated: fetch or export it again.",
        ) from error
    profile = picture.info.get("icc_profile")
    color = to_srgb(color, profile if isinstance(profile, bytes) else None, where)
    array = color if alpha is None else np.concatenate([color, alpha], axis=2)
    turn = _TURNS.get(_orientation(picture))
    turned = array if turn is None else turn(array)
    whole: NDArray[Any] = np.require(turned, requirements=["C", "W"])
    described(whole, where)
    return whole


def _decode(
    picture: Pillow.Image, where: str, reopen: Callable[[], ImageFile.ImageFile] | None
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Decode to colour (gray, RGB or CMYK) and alpha, in the picture's own colour space."""
    key = picture.info.get("transparency")
    white_zero = False
    if isinstance(picture, ImageFile.ImageFile) and picture.tile:
        refuse_unreadable_depth(picture, where)
        white_zero = is_white_zero(picture)
        args = picture.tile[0].args
        if isinstance(key, int) and isinstance(args, str):
            # PNG names it in the file's own depth; for 1 bit newer versions of Pillow scale it.
            key = min(key, 1) * 255 if picture.mode == "1" else key * _LOW_GRAY.get(args, 1)
        if is_deep(picture):
            if reopen is None:
                raise ImageError(
                    f"{where}: expected 8 bits or gray, got 16-bit colour, which Pillow reduces",
                    hint="Give read_image the path or the bytes of the file instead.",
                )
            return _split(read_deep(picture, reopen), key)
    picture.load()
    if picture.mode.startswith("I;16"):
        gray = np.asarray(picture).astype(np.uint16)[..., None]
        return _split(~gray if white_zero else gray, key)
    if picture.mode == "I" and picture.format == "PPM":  # Pillow scales it to 65535
        return _split(np.asarray(picture).astype(np.uint16)[..., None], None)
    mode = _CONVERSIONS.get(picture.mode)
    if mode is None:
        raise ImageError(
            f"{where}: expected gray, RGB or CMYK of 8 or 16 bits, got samples of kind "
            f"{picture.mode!r}",
            hint="Convert it to 8 or 16-bit sRGB first; the range of its values is not known here.",
        )
    if mode == "RGB" and picture.mode == "P" and picture.has_transparency_data:
        mode, key = "RGBA", None
    array: NDArray[Any] = np.asarray(picture if picture.mode == mode else picture.convert(mode))
    if mode == "CMYK":
        return array, None
    return _split(array[..., None] if array.ndim == 2 else array, key)


def _split(array: NDArray[Any], key: object) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Split alpha off, or make it from a transparent colour."""
    channels = array.shape[2]
    if channels in (2, 4):
        return array[..., :-1], array[..., -1:]
    values = (key,) if isinstance(key, int) else key
    if not (isinstance(values, tuple) and len(values) == channels):
        return array, None
    hidden = (array == np.array(values)).all(axis=2, keepdims=True)
    return array, np.where(hidden, 0, np.iinfo(array.dtype).max).astype(array.dtype)


def _orientation(picture: Pillow.Image) -> object:
    try:
        return picture.getexif().get(_ORIENTATION, 1)
    except Exception:  # damaged EXIF says nothing about the pixels
        return 1


def _avif_is_deep(data: bytes) -> bool:
    """Read ``high_bitdepth`` in the AV1 configuration box, which Pillow does not tell."""
    at = data.find(b"av1C")
    return at >= 0 and len(data) > at + 6 and bool(data[at + 6] & 0x40)
