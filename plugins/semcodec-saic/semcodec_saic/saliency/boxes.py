"""The user's boxes: read from the input, and the source that takes them as they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec import Context, Region, SaliencySource, component
from semcodec.contracts.kinds import Guides
from semcodec.errors import SettingError
from semcodec_saic.saliency.regions import box_region, fitted

__all__ = ["Boxes", "given_boxes"]

_MOST = 1000
_FORM = "left,top,right,bottom in pixels, or these and a score in [0, 1]; boxes apart by spaces"


def given_boxes(who: str, ctx: Context) -> NDArray[np.float64]:
    """Read the input ``boxes``.

    Args:
        who: asks, for messages.
        ctx: its inputs may hold ``boxes``: an array (n, 4 or 5), nested lists, or text of n groups
            of 4 or 5 numbers. Columns are left, top, right, bottom in pixels, and a score.

    Returns:
        float64 (n, 5); no rows where there is no such input.

    Raises:
        SettingError: it is no list of boxes of this picture.
    """
    given = ctx.inputs.get("boxes")
    if given is None:
        return np.empty((0, 5))
    try:
        rows = _rows(given)
    except (ValueError, TypeError, OverflowError):
        raise _refused(who, f"{str(given)!r:.60}") from None
    if rows.ndim == 1 and rows.size:
        rows = rows[None]
    if rows.size == 0:
        return np.empty((0, 5))
    if rows.ndim != 2 or rows.shape[1] not in (4, 5) or len(rows) > _MOST:
        raise _refused(who, f"an array of shape {rows.shape}")
    if rows.shape[1] == 4:
        rows = np.column_stack([rows, np.ones(len(rows))])
    for row in rows:
        left, top, right, bottom, score = row
        inside = left < ctx.image.width and top < ctx.image.height and right > 0 and bottom > 0
        if not (np.isfinite(row).all() and left < right and top < bottom and inside):
            raise _refused(who, f"{row[:4].tolist()}")
        if not 0 <= score <= 1:
            raise _refused(who, f"a score of {score:g}")
    return rows.copy()


def _rows(given: Any) -> NDArray[np.float64]:
    if isinstance(given, str):
        joined = re.sub(r"\s*,\s*", ",", given)
        groups = [group.split(",") for group in re.split(r"[\s;]+", joined) if group]
        given = [[float(number) for number in group] for group in groups]
    return np.asarray(given, dtype=np.float64)


def _refused(who: str, got: str) -> SettingError:
    return SettingError(
        f"{who}: expected in the input 'boxes' at most {_MOST} boxes of the picture, got {got}",
        hint=f"Give {_FORM}.",
    )


@component
class Boxes(SaliencySource):
    """What lies in the user's boxes matters: the input ``boxes``, each by its score.

    The input is an array (n, 4) or (n, 5), or text: left, top, right, bottom in pixels of the
    picture, right and bottom exclusive, and a score in [0, 1], 1 if left out.

    Attributes:
        otherwise: the source that is asked where no box is given; without one that is an error.
    """

    otherwise: SaliencySource | None = None

    def saliency(self, image: NDArray[Any], guides: Guides, ctx: Context) -> NDArray[np.float32]:
        """Give ``M = max(score * box)``, float32 (height, width) in [0, 1].

        Raises:
            SettingError: there is no box, or something else than boxes.
        """
        rows = given_boxes("saic.boxes", ctx)
        if len(rows) == 0 and self.otherwise is not None:
            return self.otherwise.saliency(image, guides, ctx)
        if len(rows) == 0:
            raise SettingError(
                "saic.boxes: expected the input 'boxes', none was given", hint=f"Give {_FORM}."
            )
        values = np.zeros((ctx.image.height, ctx.image.width), dtype=np.float32)
        for row in rows:
            box = fitted(row[:4], *values.shape)
            if box is not None:
                inside = values[box[1] : box[3], box[0] : box[2]]
                np.maximum(inside, np.float32(row[4]), out=inside)
        return values

    def regions(self, image: NDArray[Any], guides: Guides, ctx: Context) -> Sequence[Region]:
        """List the boxes, highest score first.

        Raises:
            SettingError: the input is something else than boxes.
        """
        rows = given_boxes("saic.boxes", ctx)
        size = (ctx.image.height, ctx.image.width)
        fits = [(fitted(row[:4], *size), float(row[4])) for row in rows]
        found = [box_region(box, *size, score=score) for box, score in fits if box is not None]
        return sorted(found, key=lambda each: -each.score)
