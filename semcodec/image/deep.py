"""Sixteen bits a sample, which Pillow can hold for gray only.

Pillow reads 16-bit colour by keeping the high byte of every sample. Its decoders are told by a
"raw mode" which byte that is; asked for the opposite byte order they keep the low byte. Two reads
of the same file therefore give both bytes, exactly, through all of Pillow's filters, interlacing,
strips, tiles and predictors. A 16-bit PNG with gray and alpha has four bytes a pixel, so one read
as 8-bit RGBA already gives all four.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFile

from semcodec.errors import ImageError

__all__ = ["is_deep", "is_white_zero", "read_deep", "refuse_unreadable_depth"]

_BITS, _PHOTOMETRIC, _PLANAR = 258, 262, 284
_SWAPPED = "B" if sys.byteorder == "little" else "L"
_HINT = "Convert it to a 16-bit PNG, which is read without loss, or to 8 bits."


def is_deep(picture: ImageFile.ImageFile) -> bool:
    """Say whether loading the picture as it stands would drop the low bytes of its samples."""
    return ";16" in _raw_mode(picture) and not picture.mode.startswith("I")


def refuse_unreadable_depth(picture: ImageFile.ImageFile, where: str) -> None:
    """Refuse the depths that Pillow would reduce or misread and :func:`read_deep` cannot mend.

    Raises:
        ImageError: TIFF with 16 bits in separate planes or a gray depth of 9 to 15 bits, PPM with
            more than 8 bits, or 16-bit samples other than gray, RGB and RGBA.
    """
    got = ""
    if picture.format == "TIFF":
        tags: Any = picture.tag_v2  # type: ignore[attr-defined]
        bits = max(tags.get(_BITS, (1,)))
        if bits > 8 and tags.get(_PLANAR, 1) != 1:
            got = f"{bits} bits in separate planes"
        elif picture.mode.startswith("I;16") and bits != 16:
            got = f"{bits} bits"
    elif picture.format == "PPM" and picture.mode == "RGB":
        args = picture.tile[0].args
        if isinstance(args, tuple) and isinstance(args[-1], int) and args[-1] > 255:
            got = f"colour with a largest value of {args[-1]}"
    if is_deep(picture) and _raw_mode(picture).partition(";")[0] not in ("RGB", "RGBA", "LA"):
        got = f"16-bit samples of kind {_raw_mode(picture).partition(';')[0]}"
    if got:
        raise ImageError(
            f"{where}: expected 8 bits, or 16-bit gray, RGB or RGBA, got {got} in "
            f"{picture.format}, which Pillow would reduce or misread",
            hint=_HINT,
        )


def is_white_zero(picture: ImageFile.ImageFile) -> bool:
    """Say whether it is a 16-bit TIFF whose 0 is white; Pillow inverts only 8-bit ones."""
    return (
        picture.format == "TIFF"
        and picture.mode.startswith("I;16")
        and picture.tag_v2.get(_PHOTOMETRIC) == 0  # type: ignore[attr-defined]
    )


def read_deep(
    picture: ImageFile.ImageFile, reopen: Callable[[], ImageFile.ImageFile]
) -> NDArray[np.uint16]:
    """Read both bytes of every sample.

    Args:
        picture: opened, not loaded, and ``is_deep``; loaded afterwards.
        reopen: opens the same file anew, header only.

    Returns:
        uint16 (height, width, 2 to 4), in the picture's own colour space.
    """
    kind, _, order = _raw_mode(picture).partition(";16")
    if kind == "LA":
        four = _read_as(picture, "RGBA")
        return _join(four[..., 0::2], four[..., 1::2])
    opposite = {"B": "L", "L": "B", "N": _SWAPPED}[order]
    high = _read_as(picture, f"{kind};16{order}")
    return _join(high, _read_as(reopen(), f"{kind};16{opposite}"))


def _join(high: NDArray[np.uint8], low: NDArray[np.uint8]) -> NDArray[np.uint16]:
    joined = high.astype(np.uint16)
    joined *= 256
    joined += low
    return joined


def _raw_mode(picture: ImageFile.ImageFile) -> str:
    args = picture.tile[0].args if picture.tile else None
    first = args[0] if isinstance(args, tuple) and args else args
    return first if isinstance(first, str) else ""


def _read_as(picture: ImageFile.ImageFile, raw_mode: str) -> NDArray[np.uint8]:
    picture.tile = [
        tile._replace(args=(raw_mode, *tile.args[1:]) if isinstance(tile.args, tuple) else raw_mode)
        for tile in picture.tile
    ]
    return np.asarray(picture)
