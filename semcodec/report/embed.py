"""Chooses the pictures of a page and puts them inside, within a budget of bytes."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from PIL import Image

from semcodec.demo.figure import shown
from semcodec.errors import SemcodecError
from semcodec.html import data_url
from semcodec.report.rows import Row
from semcodec.report.run import Run

__all__ = ["BUDGET", "Gallery", "Shown", "embed"]

BUDGET = 18_000_000
"""Bytes of pictures before base64, which makes 4 of 3: the page stays under 25 MB."""

_QUALITY = 92
_WIDEST = 1600
_OVERLAY_SIDE = 256


@dataclass(frozen=True, slots=True)
class Shown:
    """A decoded picture on the page.

    Attributes:
        row: what it is of.
        url: the picture.
        map: the map that guided the codec, as a small gray picture; empty where the row has none.
        map_kind: ``sent`` where the file carries it, ``computed`` where the encoder alone had it.
    """

    row: Row
    url: str
    map: str = ""
    map_kind: str = ""


@dataclass(slots=True)
class Gallery:
    """The pictures on the page.

    Attributes:
        images: original and decoded pictures, by name of the picture.
        masks: what metrics graded a picture with, as a small gray picture, by its name.
        form: how they are stored, in words.
        left_out: pictures of the run that are not on the page.
        failed: pictures that could not be read, with the reason.
        bytes: what they weigh, before base64.
    """

    images: dict[str, tuple[str, list[Shown]]] = field(default_factory=dict)
    masks: dict[str, str] = field(default_factory=dict)
    form: str = ""
    left_out: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    bytes: int = 0


def embed(run: Run, *, budget: int = BUDGET) -> Gallery:
    """Embed what fits: all pictures without loss, or else as many as fit at WebP 92.

    Pictures are taken from all over the list, first, last, middle and so on, each with every codec
    and rate that was decoded, so that no codec is shown where another is not.

    Args:
        run: the run, with ``originals`` and ``decoded`` in its folder.
        budget: most bytes of pictures.
    """
    rows = {
        name: [
            row for row in run.rows if row.image == name and row.coded and row.data.get("decoded")
        ]
        for name in run.images
    }
    order = _spread([name for name in run.images if rows[name]])
    # Pillow lets other threads run while it compresses.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        made = _whole(run, rows, order, budget, pool)
        if made is None:
            made = _pack(run, rows, order, budget, pool, lossless=False)
            made.form = (
                f"stored as WebP of quality {_QUALITY}, for looking only: "
                "figures were computed from the decoded pictures themselves"
            )
        masks = pool.map(lambda name: _overlay(run.folder, f"masks/{name}.png"), made.images)
        made.masks = {name: mask for name, mask in zip(made.images, masks, strict=True) if mask}
        for _, found in made.images.values():
            found[:] = pool.map(lambda one: _with_map(run.folder, one), found)
    return made


def _whole(
    run: Run, rows: dict[str, list[Row]], order: Sequence[str], budget: int, pool: Executor
) -> Gallery | None:
    """Store all pictures without loss; None where they do not fit."""
    # One picture tells whether trying all of them is worth the time.
    first = _pack(run, rows, order[:1], budget, pool, lossless=True)
    if first.left_out or first.bytes * len(order) > 2 * budget:
        return None
    made = _pack(run, rows, order, budget, pool, lossless=True)
    made.form = "stored without loss"
    return None if made.left_out else made


def _with_map(folder: Path, one: Shown) -> Shown:
    found = one.row.data.get("map")
    if not isinstance(found, dict):
        return one
    url = _overlay(folder, found.get("file"))
    kind = "sent" if found.get("kind") == "sent" else "computed"
    return replace(one, map=url, map_kind=kind if url else "")


def _pack(
    run: Run,
    rows: dict[str, list[Row]],
    order: Sequence[str],
    budget: int,
    pool: Executor,
    *,
    lossless: bool,
) -> Gallery:
    made = Gallery()
    for place, name in enumerate(order):
        files = [f"originals/{name}.png", *(str(row.data["decoded"]) for row in rows[name])]
        tried = list(pool.map(lambda file: _tried(run.folder, file, lossless), files))
        if isinstance(tried[0], str):
            made.failed.append(f"{name}: {tried[0]}")
            continue
        size = sum(len(data) for data in tried if isinstance(data, bytes))
        if made.bytes + size > budget:
            made.left_out = sorted(order[place:])
            break
        made.bytes += size
        found = []
        for row, data in zip(rows[name], tried[1:], strict=True):
            if isinstance(data, bytes):
                found.append(Shown(row, data_url(data, "image/webp")))
            else:
                made.failed.append(f"{name}, {row.cell}, {row.rate}: {data}")
        made.images[name] = data_url(tried[0], "image/webp"), found
    made.images = dict(sorted(made.images.items()))
    return made


def _tried(folder: Path, name: str, lossless: bool) -> bytes | str:
    """A picture as it is stored; why not, where it cannot be read."""
    try:
        return _stored(folder, name, lossless)
    except (SemcodecError, OSError, ValueError) as error:
        return (str(error).splitlines() or [type(error).__name__])[0]


def _spread(names: Sequence[str]) -> list[str]:
    """Order names so that every beginning of the list covers all of it: van der Corput's order."""
    width = max(1, (len(names) - 1).bit_length())
    return [
        names[place]
        for place in sorted(range(len(names)), key=lambda index: int(f"{index:0{width}b}"[::-1], 2))
    ]


def _inside(folder: Path, name: str) -> Path:
    """A file of the run's folder; rows may name anything, and a page is passed on."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ValueError("is outside of the run's folder")
    return path


def _stored(folder: Path, name: str, lossless: bool) -> bytes:
    from semcodec.image import read_image

    picture = Image.fromarray(shown(read_image(_inside(folder, name))))
    if max(picture.size) > _WIDEST and not lossless:
        picture.thumbnail((_WIDEST, _WIDEST))
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", lossless=lossless, quality=30 if lossless else _QUALITY, method=2)
    return buffer.getvalue()


def _overlay(folder: Path, name: object) -> str:
    """A map or mask as a small gray picture; empty where there is none or it cannot be read."""
    from semcodec.image import read_image

    if not isinstance(name, str) or not name:
        return ""
    try:
        picture = Image.fromarray(shown(read_image(_inside(folder, name)))[..., 0])
    except (SemcodecError, OSError, ValueError):
        return ""
    picture.thumbnail((_OVERLAY_SIDE, _OVERLAY_SIDE), Image.Resampling.BOX)
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=90, method=2)
    return data_url(buffer.getvalue(), "image/webp")
