"""What size a picture shall get."""

from __future__ import annotations

import math

from semcodec.errors import SettingError
from semcodec_seam.arguments import number, whole

__all__ = ["check_size", "target_size"]

_LARGEST = 10
_HUGE = 1e6

Size = tuple[int, int]


def target_size(
    size: Size,
    *,
    scale: float | None = None,
    target_pixels: int | None = None,
    max_dimension: int | None = None,
    preserve_aspect: bool = True,
) -> Size:
    """Choose a size; of several wishes the first in this order counts.

    Args:
        size: height and width of the picture.
        scale: factor of both sides.
        target_pixels: most pixels; a smaller picture stays as it is.
        max_dimension: most pixels on the longer side; likewise.
        preserve_aspect: whether both sides shrink by one factor. If not, the longer side gives way
            first, down to the shorter one, then both: as few pixels, fewer seams. Of
            ``max_dimension`` each side then minds its own.

    Returns:
        Height and width, whole and at least 1; what was asked for is never exceeded.

    Raises:
        SettingError: a wish that is no size.
    """
    height, width = size
    if scale is not None:
        scale = number("scale", scale)
    if target_pixels is not None:
        target_pixels = whole("target_pixels", target_pixels)
    if max_dimension is not None:
        max_dimension = whole("max_dimension", max_dimension)
    wishes = (("scale", scale), ("target_pixels", target_pixels), ("max_dimension", max_dimension))
    for name, value in wishes:
        if value is not None and not 0 < value < math.inf:
            raise SettingError(f"expected {name} above 0, got {value}")
    if scale is not None:
        if scale > _HUGE:
            raise SettingError(f"expected a scale of at most ten times the picture, got {scale}")
        if preserve_aspect:
            return max(1, int(height * scale)), max(1, int(width * scale))
        return _shorn(size, height * width * scale * scale)
    if target_pixels is not None:
        pixels = height * width
        if pixels <= target_pixels:
            return size
        if not preserve_aspect:
            return _shorn(size, target_pixels)
        factor = math.sqrt(target_pixels / pixels)
        made = max(1, int(height * factor)), max(1, int(width * factor))
        # A side that cannot be less than 1 leaves the other more to give.
        return min(made[0], target_pixels), min(made[1], max(1, target_pixels // made[0]))
    if max_dimension is not None:
        if not preserve_aspect:
            return min(height, max_dimension), min(width, max_dimension)
        factor = min(max_dimension, max(size)) / max(size)
        return max(1, int(height * factor + 1e-9)), max(1, int(width * factor + 1e-9))
    return size


def check_size(size: Size, target: Size) -> None:
    """See that a picture can be given a size.

    Raises:
        SettingError: a side below 1, or more than ten times as long.
    """
    for name, side, wanted in zip(("height", "width"), size, target, strict=True):
        if not 1 <= wanted <= _LARGEST * side:
            raise SettingError(
                f"expected a {name} of 1 to {_LARGEST * side} pixels, ten times the picture's, got "
                f"{wanted}",
                hint="Scale the picture by an interpolation first.",
            )


def _shorn(size: Size, pixels: float) -> Size:
    """Shorten, or lengthen, the longer side first."""
    short, long = sorted(size)
    if pixels >= short * short:
        long = max(1, int(pixels / short))
    else:
        short = long = max(1, int(math.sqrt(pixels)))
    return (short, long) if size[0] <= size[1] else (long, short)
