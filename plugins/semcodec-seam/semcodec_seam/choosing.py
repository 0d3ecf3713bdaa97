"""Which size a picture gets in so many bytes.

A plain resize stands for the picture of that size, so that one of more bytes costs no carving: it
tells well enough how many bytes a size takes, and what it keeps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import NDArray

from semcodec.errors import TargetError
from semcodec.image.scaling import scaled
from semcodec_seam.grading import QualityMetric, grade
from semcodec_seam.saving import encoded, within

__all__ = ["SCALES", "chosen"]

SCALES = tuple(step / 20 for step in range(20, 0, -1))
"""Factors of both sides that are tried."""

_GOOD = 75
"""Quality of a file below which a smaller picture is taken instead."""
_COARSE, _FINER = 4, (2, 1)

Size = tuple[int, int]


def chosen(
    picture: NDArray[Any],
    targets: Sequence[Size],
    target_bytes: int,
    metric: QualityMetric | None,
    form: str = "jpeg",
) -> tuple[Size, dict[str, Any]]:
    """Choose a size.

    Args:
        picture: uint8 or uint16 (height, width, 1 to 4).
        targets: heights and widths, the largest first.
        target_bytes: most bytes of a file of it.
        metric: the size whose file is best by it is taken, each with the best quality that the
            bytes allow. Every fourth size is graded, then the neighbours of the best, at a
            distance of two and of one. None takes the first whose file of quality 75 is small
            enough.
        form: the file's format, one of :data:`~semcodec_seam.saving.FORMATS`.

    Returns:
        The size, the last where none is small enough; and what is known about it: by a metric
        ``quality_metric`` and ``quality``.
    """
    if metric is None:
        for target in targets:
            if len(encoded(scaled(picture, *target), form, _GOOD)) <= target_bytes:
                return target, {}
        return targets[-1], {}
    known: dict[int, float] = {}

    def score(index: int) -> float:
        if index not in known:
            known[index] = _graded(picture, targets[index], target_bytes, metric, form)
        return known[index]

    best = _best(len(targets), score)
    if known[best] == -math.inf:
        return targets[-1], {}
    return targets[best], {"quality_metric": metric, "quality": known[best]}


def _best(count: int, score: Callable[[int], float]) -> int:
    """Find the best of indexes by their scores, which rise and fall once but for noise."""
    tried = {*range(0, count, _COARSE), count - 1}
    best = 0
    for step in (*_FINER, 0):
        # Of equal ones the first, the largest.
        best = max(sorted(tried), key=score)
        tried.update(index for index in (best - step, best + step) if 0 <= index < count)
    return best


def _graded(
    picture: NDArray[Any], target: Size, target_bytes: int, metric: QualityMetric, form: str
) -> float:
    try:
        file, _ = within(scaled(picture, *target), form, target_bytes)
    except TargetError:
        return -math.inf
    return grade(metric, picture, file)
