"""What a report lays over pictures: the map that guided a codec, and the mask that graded it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semcodec.contracts.values import Map
from semcodec.engine.inputs import take_input
from semcodec.errors import SemcodecError
from semcodec.image.png import quick_png

__all__ = ["drawn", "map_of", "mask_of"]

_SIDE = 256


def map_of(values: Mapping[str, Any], height: int, width: int) -> tuple[str, NDArray[Any] | None]:
    """Choose the map to show of an encode.

    Args:
        values: of its trace, by ref.
        height: of the picture.
        width: likewise.

    Returns:
        ``"sent"`` and the map that the file carries, as the decoder has it; else ``"computed"`` and
        what the saliency source gave, which the encoder alone has; else an empty word and None.
    """
    maps = {ref: value for ref, value in values.items() if _is_map(value, height, width)}
    # What stands after an @ only the encoder has: inputs, and what the saliency source gave.
    sent = sorted(ref for ref in maps if "@" not in ref)
    computed = sorted(ref for ref in maps if ref.endswith("@saliency"))
    if sent:
        return "sent", maps[sent[0]]
    return ("computed", maps[computed[0]]) if computed else ("", None)


def mask_of(graded: Mapping[str, Any], height: int, width: int) -> NDArray[np.float32] | None:
    """Give the mask that metrics graded a picture with, float32 (height, width) in [0, 1].

    None where there is none, or it cannot be one: metrics that use it say why.
    """
    if "mask" not in graded:
        return None
    try:
        mask: NDArray[np.float32] = take_input("mask", graded["mask"], Map(height, width))
    except SemcodecError:
        return None
    return mask


def drawn(values: NDArray[Any]) -> bytes:
    """Make a gray PNG of at most 256 pixels a side of values in [0, 1], 1 white.

    It is for looking at: rows are many, and a map of full size would cost more than coding some.
    """
    factor = -(-max(values.shape) // _SIDE)
    small = np.asarray(Image.fromarray(np.asarray(values, np.float32)).reduce(factor))
    return quick_png(np.rint(255 * np.clip(small, 0, 1)).astype(np.uint8)[..., None])


def _is_map(value: Any, height: int, width: int) -> bool:
    return (
        isinstance(value, np.ndarray)
        and value.dtype == np.float32
        and value.shape == (height, width)
        and 0 <= float(value.min(initial=0)) <= float(value.max(initial=0)) <= 1
    )
