"""Seams leaving a picture, as an animation."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from semcodec.errors import ImageError, SettingError
from semcodec.image.atomic import write_bytes
from semcodec_seam.arguments import one_of, whole
from semcodec_seam.carving.order import Order, kept
from semcodec_seam.visual import Direction, shown

__all__ = ["frames", "write_animation"]

_FORMATS = {".gif": "gif", ".webp": "webp"}
_PAUSE = 12
_WHITE = 255


def frames(
    picture: NDArray[Any], order: Order, direction: Direction = "vertical", count: int = 32
) -> list[NDArray[np.uint8]]:
    """Draw a picture losing its seams: each frame has the seams that leave next in red.

    Args:
        picture: (height, width, channels).
        order: (height, width), when each pixel leaves, as
            :meth:`~semcodec_seam.carver.SeamCarver.seams` gives it.
        direction: which way the seams run.
        count: how many frames at most, beside the first, the picture itself.

    Returns:
        uint8 (height, width, 3) each; what is left stands at the left, or at the top, on white.

    Raises:
        SettingError: a count below 1, or no direction.
    """
    one_of("a direction", direction, get_args(Direction))
    if whole("count", count) < 1:
        raise SettingError(f"expected at least 1 frame, got {count}")
    seen = shown(picture)
    if direction == "horizontal":
        made = frames(seen.swapaxes(0, 1), order.T, "vertical", count)
        return [np.ascontiguousarray(frame.swapaxes(0, 1)) for frame in made]
    last = int(order.max(initial=0))
    stops = np.unique(np.linspace(0, last, count + 1).astype(int))
    drawn = [seen]
    for stop, following in zip(stops, [*stops[1:], last], strict=True):
        marked = seen.copy()
        marked[(order > stop) & (order <= following)] = (255, 0, 0)
        stays = kept(order, int(stop))
        left = marked[stays].reshape(len(seen), -1, 3)
        frame = np.full_like(seen, _WHITE)
        frame[:, : left.shape[1]] = left
        drawn.append(frame)
    return drawn


def write_animation(
    drawn: Sequence[NDArray[np.uint8]], path: str | Path, milliseconds: int = 80
) -> None:
    """Write frames as GIF or WebP that plays for ever and rests at both ends.

    Raises:
        ImageError: another suffix, or frames that the format cannot hold.
        SettingError: the file cannot be written.
    """
    form = _FORMATS.get(Path(path).suffix.lower())
    if form is None:
        raise ImageError(
            f"{path}: expected an animation as {' or '.join(_FORMATS)}, got "
            f"{Path(path).suffix or 'no suffix'}"
        )
    images = [PIL.Image.fromarray(frame) for frame in drawn]
    times = [milliseconds] * len(images)
    times[0] = times[-1] = _PAUSE * milliseconds
    buffer = io.BytesIO()
    try:
        images[0].save(
            buffer, form, save_all=True, append_images=images[1:], duration=times, loop=0
        )
    except Exception as error:  # each format's writer has kinds of its own
        size = f"{images[0].width}x{images[0].height}"
        raise ImageError(
            f"{path}: an animation of {size} cannot be written as {form}: {error}",
            hint="WebP holds sides up to 16383 pixels, GIF up to 65535.",
        ) from error
    write_bytes(buffer.getvalue(), path)
