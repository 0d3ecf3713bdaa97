"""Panels with captions in a grid, drawn by Pillow alone."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

__all__ = ["WIDEST", "Panel", "compose", "gray", "heat", "shown"]

WIDEST = 480
"""Pixels a panel is wide at most."""

_NARROWEST = 240
_GAP = 16
_TITLE, _CAPTION = 18, 14
_INK, _FAINT, _PAPER = (20, 20, 24), (90, 90, 98), (255, 255, 255)

# Five colours of rising luminance: dark violet, blue, green, and yellow at the top.
_RAMP = np.array([[48, 18, 80], [45, 70, 140], [32, 140, 140], [110, 200, 90], [250, 230, 60]])


@dataclass(frozen=True, slots=True)
class Panel:
    """A picture with its words.

    Attributes:
        title: a word or two.
        caption: a sentence; wrapped to the panel. Lines end at ``\\n``.
        picture: uint8 RGB (height, width, 3), or None for a panel of words.
    """

    title: str
    caption: str
    picture: NDArray[np.uint8] | None


def shown(picture: NDArray[Any]) -> NDArray[np.uint8]:
    """Turn any picture into uint8 RGB, alpha laid over mid gray."""
    from semcodec.image import flatten, to_depth8

    eight = to_depth8(picture) if picture.dtype == np.uint16 else picture
    if eight.shape[2] in (2, 4):
        eight = flatten(eight, (128, 128, 128))
    made: NDArray[np.uint8] = np.broadcast_to(eight, (*eight.shape[:2], 3)).astype(np.uint8)
    return made


def gray(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Draw values in [0, 1] of shape (height, width) as gray, 1 white."""
    levels = np.rint(255 * np.clip(values, 0, 1)).astype(np.uint8)
    return np.repeat(levels[..., None], 3, axis=2)


def heat(
    values: NDArray[Any], *, low: float | None = None, high: float | None = None, log: bool = False
) -> NDArray[np.uint8]:
    """Draw values of shape (height, width) in colours of rising luminance.

    Args:
        values: finite; positive with ``log``.
        low: what is darkest; the least value unless given.
        high: what is lightest; the greatest value unless given.
        log: whether equal ratios, rather than equal differences, get equal contrast.
    """
    chosen = np.array(
        [values.min() if low is None else low, values.max() if high is None else high]
    )
    scaled, (bottom, top) = (np.log(values), np.log(chosen)) if log else (values, chosen)
    span = top - bottom
    share = np.clip((scaled - bottom) / span, 0, 1) if span > 0 else np.zeros(values.shape)
    places = np.linspace(0, 1, len(_RAMP))
    channels = [np.interp(share, places, _RAMP[:, channel]) for channel in range(3)]
    made: NDArray[np.uint8] = np.rint(np.stack(channels, axis=-1)).astype(np.uint8)
    return made


def compose(panels: Sequence[Panel], columns: int = 0) -> Image.Image:
    """Lay panels of one picture size out in a grid.

    Args:
        panels: at least one.
        columns: how many stand side by side; 0 for what suits their number, two to four.

    Returns:
        An RGB picture; every panel is at most ``WIDEST`` wide.
    """
    pictures = [panel.picture for panel in panels if panel.picture is not None]
    height, width = pictures[0].shape[:2] if pictures else (_NARROWEST, _NARROWEST)
    wide = min(WIDEST, width)
    tall = max(1, round(height * wide / width))
    cell = max(wide, _NARROWEST)
    columns = columns or {2: 2, 4: 2, 7: 4, 8: 4}.get(len(panels), 3)
    title, font = ImageFont.load_default(size=_TITLE), ImageFont.load_default(size=_CAPTION)
    captions = [_wrapped(panel.caption, font, cell) for panel in panels]
    leading = _CAPTION + 4
    words = _TITLE + 8 + leading * max(len(lines) for lines in captions)
    rows = -(-len(panels) // columns)
    size = columns * (cell + _GAP) + _GAP, rows * (tall + words + 2 * _GAP) + _GAP
    page = Image.new("RGB", size, _PAPER)
    draw = ImageDraw.Draw(page)
    for index, (panel, lines) in enumerate(zip(panels, captions, strict=True)):
        row, column = divmod(index, columns)
        x, y = _GAP + column * (cell + _GAP), _GAP + row * (tall + words + 2 * _GAP)
        draw.text((x, y), panel.title, fill=_INK, font=title)
        top = y + _TITLE + 8
        if panel.picture is not None:
            page.paste(_fitted(panel.picture, (wide, tall)), (x, top))
            top += tall + 6
        for number, line in enumerate(lines):
            draw.text((x, top + number * leading), line, fill=_FAINT, font=font)
    return page


def _fitted(picture: NDArray[np.uint8], size: tuple[int, int]) -> Image.Image:
    whole = Image.fromarray(picture)
    return whole if whole.size == size else whole.resize(size, Image.Resampling.BOX)


def _wrapped(text: str, font: Any, width: int) -> list[str]:
    """Break lines where the font reaches the width."""
    letters = max(8, int(width / (font.getlength("n" * 50) / 50)))
    return [part for line in text.split("\n") for part in textwrap.wrap(line, letters) or [""]]
