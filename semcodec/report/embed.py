"""Chooses the pictures of a page and puts them inside, within a budget of bytes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semcodec.errors import SemcodecError
from semcodec.html import data_url
from semcodec.report.rows import Row
from semcodec.report.run import Run

__all__ = ["BUDGET", "Gallery", "Shown", "embed"]

BUDGET = 18_000_000
"""Bytes of pictures before base64, which makes 4 of 3: the page stays under 25 MB."""

_QUALITY = 92
_WIDEST = 1600
_GUIDE_SIDE = 192
_GUIDE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Shown:
    """A decoded picture on the page.

    Attributes:
        row: what it is of.
        url: the picture.
        guide: the map that the file carries, as a small gray picture; empty where it carries none.
    """

    row: Row
    url: str
    guide: str = ""


@dataclass(slots=True)
class Gallery:
    """The pictures on the page.

    Attributes:
        images: original and decoded pictures, by name of the picture.
        form: how they are stored, in words.
        left_out: pictures of the run that are not on the page.
        failed: pictures that could not be read, with the reason.
        bytes: what they weigh, before base64.
    """

    images: dict[str, tuple[str, list[Shown]]] = field(default_factory=dict)
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
    # One picture tells whether trying all of them without loss is worth the time.
    first = _pack(run, rows, order[:1], budget, lossless=True)
    if not first.left_out and first.bytes * len(order) <= 2 * budget:
        whole = _pack(run, rows, order, budget, lossless=True)
        if not whole.left_out:
            whole.form = "stored without loss"
            _add_guides(run, whole)
            return whole
    made = _pack(run, rows, order, budget, lossless=False)
    _add_guides(run, made)
    made.form = (
        f"stored as WebP of quality {_QUALITY}, for looking only: "
        "figures were computed from the decoded pictures themselves"
    )
    return made


def _pack(
    run: Run, rows: dict[str, list[Row]], order: Sequence[str], budget: int, *, lossless: bool
) -> Gallery:
    made = Gallery()
    for place, name in enumerate(order):
        try:
            original = _stored(run.folder, f"originals/{name}.png", lossless)
        except (SemcodecError, OSError, ValueError) as error:
            made.failed.append(f"{name}: {_first_line(error)}")
            continue
        found: list[tuple[Row, bytes]] = []
        size = len(original)
        for row in rows[name]:
            try:
                found.append((row, _stored(run.folder, str(row.data["decoded"]), lossless)))
            except (SemcodecError, OSError, ValueError) as error:
                made.failed.append(f"{name}, {row.cell}, {row.rate}: {_first_line(error)}")
                continue
            size += len(found[-1][1])
            if made.bytes + size > budget:
                break
        if made.bytes + size > budget:
            made.left_out = sorted(order[place:])
            break
        made.bytes += size
        shown = [Shown(row, data_url(data, "image/webp")) for row, data in found]
        made.images[name] = data_url(original, "image/webp"), shown
    made.images = dict(sorted(made.images.items()))
    return made


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
    from semcodec.demo.figure import shown
    from semcodec.image import read_image

    picture = Image.fromarray(shown(read_image(_inside(folder, name))))
    if max(picture.size) > _WIDEST and not lossless:
        picture.thumbnail((_WIDEST, _WIDEST))
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", lossless=lossless, quality=30 if lossless else _QUALITY, method=2)
    return buffer.getvalue()


def _guided(run: Run) -> set[str]:
    """Cells whose files have more than one stream: only they can carry a map.

    Streams that share a coder's session are one section, their names joined by a plus.
    """
    return {row.cell for row in run.rows if "+" in "+".join(sorted(set(row.sections) - {"header"}))}


def _add_guides(run: Run, gallery: Gallery) -> None:
    """Decode again what may carry a map, as long as decoding took little in the run itself."""
    guided = _guided(run)
    spent = 0.0
    for shown in (shown for _, shown in gallery.images.values()):
        for place, one in enumerate(shown):
            seconds = one.row.data.get("decode_seconds")
            cost = float(seconds) if isinstance(seconds, int | float) and seconds > 0 else 0.0
            if one.row.cell in guided and spent + cost <= _GUIDE_SECONDS:
                spent += cost
                shown[place] = replace(one, guide=_guide(run.folder, one.row))


def _guide(folder: Path, row: Row) -> str:
    """Decode a file again and give the map in it; empty where there is none or it cannot be."""
    import semcodec
    from semcodec.engine.trace import Trace

    trace = Trace(keep=True)
    try:
        semcodec.decode(_inside(folder, str(row.data.get("file", ""))).read_bytes(), trace=trace)
    except (SemcodecError, OSError, ValueError):
        return ""
    return next(map(_small, _maps(trace.values.values())), "")


def _maps(values: Iterable[Any]) -> Iterable[NDArray[Any]]:
    return (v for v in values if isinstance(v, np.ndarray) and v.ndim == 2 and v.dtype.kind == "f")


def _small(values: NDArray[Any]) -> str:
    from semcodec.demo.figure import gray

    picture = Image.fromarray(gray(values)[..., 0])
    picture.thumbnail((_GUIDE_SIDE, _GUIDE_SIDE), Image.Resampling.BOX)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return data_url(buffer.getvalue(), "image/png")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
