"""From a picture of any size and depth to a small one in floats, and from a small map back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["JUST_NOTICEABLE", "enlarge", "lab", "shrink", "unit"]

Floats = NDArray[np.float32]

JUST_NOTICEABLE = 2.3
"""A colour difference in Lab that is just seen: M. Mahy, L. Van Eycken, A. Oosterlinck, "Evaluation
of uniform color spaces developed after the adoption of CIELAB and CIELUV", Color Research and
Application 19(2), 1994."""

_BAND = 2**20

# IEC 61966-2-1 (sRGB) to XYZ, divided by its white point, so that white is (1, 1, 1).
_TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]],
    dtype=np.float32,
)
_TO_XYZ /= _TO_XYZ.sum(axis=1, keepdims=True)


def shrink(image: NDArray[Any], side: int) -> Floats:
    """Average a picture over cells so that its longer side has at most ``side`` of them.

    What is transparent is seen over white (:func:`semcodec.image.flatten`). Cells are of whole
    pixels. A picture that is small enough keeps its size. The memory beside the picture does not
    grow with its longer side.

    Args:
        image: uint8 or uint16 (height, width, 1 to 4).
        side: most cells along a side.

    Returns:
        float32 (rows, columns, 3) in [0, 1]; the three are equal for gray.
    """
    from semcodec.image import flatten

    if image.shape[1] > image.shape[0]:
        return np.ascontiguousarray(shrink(image.swapaxes(0, 1), side).swapaxes(0, 1))
    height, width = image.shape[:2]
    rows = min(height, side)
    columns = max(1, (2 * width * rows + height) // (2 * height))
    top, left = _edges(height, rows), _edges(width, columns)
    counts = np.outer(np.diff(top), np.diff(left))[..., None]
    band = max(1, _BAND // (width * -(-height // rows)))
    parts = []
    for first in range(0, rows, band):
        edges = top[first : first + band + 1]
        seen = flatten(image[edges[0] : edges[-1]])
        tall = np.add.reduceat(seen, edges[:-1] - edges[0], axis=0, dtype=np.float32)
        parts.append(np.add.reduceat(tall, left[:-1], axis=1))
    mean = np.concatenate(parts) / (counts * np.iinfo(image.dtype).max)
    return np.broadcast_to(mean, (rows, columns, 3)).astype(np.float32)


def _edges(length: int, cells: int) -> NDArray[np.int64]:
    return (2 * np.arange(cells + 1) * length + cells) // (2 * cells)


def enlarge(small: Floats, height: int, width: int) -> Floats:
    """Interpolate a map to the picture's size, bilinearly.

    Args:
        small: float32 (rows, columns) in [0, 1].
        height: rows of the result.
        width: columns of the result.

    Returns:
        float32 (height, width) in [0, 1].
    """
    from PIL import Image as Pillow

    if small.shape == (height, width):
        return small
    resized = Pillow.fromarray(small).resize((width, height), Pillow.Resampling.BILINEAR)
    large = np.array(resized)
    return np.clip(large, 0, 1, out=large)


def unit(values: NDArray[Any], least: float) -> Floats:
    """Scale a map to [0, 1] by its largest value, or by ``least`` where that is larger.

    Args:
        values: at least 0, any float (rows, columns).
        least: what stands out by less than this does not become 1: a flat picture stays 0.

    Returns:
        float32 of the same shape.
    """
    scaled = values / max(float(values.max()), least)
    return np.clip(scaled, 0, 1).astype(np.float32)


def lab(rgb: Floats) -> Floats:
    """Convert sRGB to CIE L*a*b* (CIE 15:2004), white point D65.

    Args:
        rgb: float32 (rows, columns, 3) in [0, 1].

    Returns:
        float32 of the same shape; L* in [0, 100], a* and b* about 0, in about [-110, 110].
    """
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = linear.astype(np.float32) @ _TO_XYZ.T
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * ((29 / 6) ** 2 / 3) + 4 / 29)
    x, y, z = np.moveaxis(f, 2, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=2).astype(np.float32)
