"""Writing pictures: what a format cannot hold is refused, never dropped."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from semcodec.contracts.values import Image
from semcodec.errors import ImageError
from semcodec.image.atomic import write_bytes
from semcodec.image.convert import described, to_pil
from semcodec.image.png import encode_png

__all__ = ["SUFFIXES", "write_image"]


@dataclass(frozen=True, slots=True)
class _Format:
    """What a format can hold, and how Pillow is asked for it."""

    alpha: bool = True
    deep: tuple[int, ...] = ()
    side: int = 2**31 - 1
    options: Mapping[str, Any] = field(default_factory=dict)


_FORMATS: dict[str, _Format] = {
    "png": _Format(deep=(1, 2, 3, 4), options={"compress_level": 6}),
    "tiff": _Format(deep=(1,), options={"compression": "tiff_adobe_deflate"}),
    "jpeg": _Format(
        alpha=False, side=65500, options={"quality": 95, "subsampling": "4:4:4", "optimize": False}
    ),
    "webp": _Format(side=16383, options={"lossless": True, "exact": True, "method": 4}),
    "avif": _Format(side=32768, options={"quality": 95, "subsampling": "4:4:4", "speed": 6}),
}
SUFFIXES: dict[str, str] = {
    ".avif": "avif",
    ".jpeg": "jpeg",
    ".jpg": "jpeg",
    ".png": "png",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".webp": "webp",
}
"""The format that each known suffix, in small letters, stands for."""


def write_image(
    array: NDArray[Any],
    path: str | os.PathLike[str],
    *,
    format: str | None = None,  # noqa: A002
) -> None:
    """Write a picture; an existing file is replaced whole or left alone.

    PNG, TIFF and WebP keep every value, WebP giving gray back as RGB. JPEG (quality 95) and AVIF
    (quality 95) do not; both are written without chroma subsampling.

    Args:
        array: uint8 or uint16 (height, width, 1 to 4), sRGB.
        path: where to; its suffix names the format.
        format: ``"png"``, ``"tiff"``, ``"jpeg"``, ``"webp"`` or ``"avif"``, whatever the suffix
            says.

    Raises:
        ImageError: no picture, an unknown suffix or format, or a picture that the format cannot
            hold: alpha in JPEG, 16 bits elsewhere than in PNG and (gray) TIFF, a side too long.
        SettingError: the file cannot be written.
    """
    shape = described(array)
    name = format.lower() if format is not None else SUFFIXES.get(Path(path).suffix.lower(), "")
    if name not in _FORMATS:
        known = f"one of {', '.join(_FORMATS)}" if format is not None else "a known suffix"
        got = format if format is not None else Path(path).suffix or "none"
        raise ImageError(
            f"{path}: expected {known}, got {got}", hint=f"Known suffixes: {', '.join(SUFFIXES)}."
        )
    _refuse(shape, name, str(path))
    write_bytes(_encode(array, name, str(path)), path)


def _refuse(shape: Image, name: str, where: str) -> None:
    target = _FORMATS[name]
    if shape.channels in (2, 4) and not target.alpha:
        raise ImageError(
            f"{where}: {name} cannot hold alpha, the picture has {shape.channels} channels",
            hint="Write a PNG, or lay it over a colour: semcodec.image.flatten(array).",
        )
    if shape.depth == 16 and shape.channels not in target.deep:
        raise ImageError(
            f"{where}: {name} is written with 8 bits for {shape.channels} channels, "
            "the picture has 16",
            hint="Write a PNG, or reduce it: semcodec.image.to_depth8(array).",
        )
    if max(shape.width, shape.height) > target.side:
        raise ImageError(
            f"{where}: {name} holds sides up to {target.side}, "
            f"the picture is {shape.width}x{shape.height}",
            hint="Write a PNG.",
        )


def _encode(array: NDArray[Any], name: str, where: str) -> bytes:
    if name == "png" and array.dtype != "uint8":
        return encode_png(array)
    buffer = io.BytesIO()
    try:
        to_pil(array).save(buffer, name.upper(), **_FORMATS[name].options)
    except (OSError, ValueError, KeyError) as error:  # KeyError: Pillow built without the format
        raise ImageError(f"{where}: cannot be encoded as {name} ({error})") from error
    return buffer.getvalue()
