"""How a rate is coded: with the settings given, or with those that a search finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from semcodec.compare.bench import Bench, Picture
from semcodec.compare.job import Task
from semcodec.compare.model import Rate
from semcodec.compare.search import Found, find, setting_value
from semcodec.engine.candidates import Candidates
from semcodec.engine.codec import Codec
from semcodec.errors import TargetError

__all__ = ["Way", "way_of"]


@dataclass(frozen=True, slots=True)
class Way:
    """How a rate is coded.

    Attributes:
        codec: with which codec; where no candidate reaches the target, the one that comes nearest.
        given: settings or a target for its ``encode``.
        found: what a search came to, or None.
    """

    codec: Codec
    given: dict[str, Any]
    found: Found | None = None


def way_of(bench: Bench, task: Task, picture: Picture, options: Mapping[str, Any]) -> Way:
    """Find how a row's rate is coded; the codec is warm then.

    Args:
        bench: codecs and what is known of the picture.
        task: the row.
        picture: its picture.
        options: what every encode of it is given.
    """
    codec = bench.codec(task.cell, task.seed)
    if task.rate.kind == "setting":
        bench.warm_up(task.cell, task.seed, picture, task.rate.settings, options)
        return Way(codec, {"settings": task.rate.settings})
    if task.found is not None:
        settings = setting_value(codec, task.found.index)
        bench.warm_up(task.cell, task.seed, picture, settings, options)
        return Way(codec, {"settings": settings}, task.found)
    height, width = picture.samples.shape[:2]
    most = task.rate.most_bytes(height * width)
    if isinstance(codec, Candidates):
        return _choice(codec, task.rate, most, picture, options)
    found = find(
        codec,
        task.rate,
        most,
        lambda index: bench.size(task.cell, task.seed, picture, index),
    )
    return Way(codec, {"settings": setting_value(codec, found.index)}, found)


def _choice(
    codec: Candidates, rate: Rate, most: float, picture: Picture, options: Mapping[str, Any]
) -> Way:
    """Let a choice of candidates search; where none gets there, take the one that comes nearest."""
    whole = {"target_bytes": max(int(most), 1)}
    try:
        codec.encode(picture.samples, **whole, **options)
    except TargetError:
        ways: list[tuple[int, int, Way]] = []
        for each in codec.candidates:
            given = {k: v for k, v in options["inputs"].items() if each.takes(k)}
            sizes: dict[int, int] = {}

            def size(index: int, each: Codec = each, given: Any = given, sizes: Any = sizes) -> int:
                settings = setting_value(each, index)
                own = {**options, "inputs": given}
                sizes[index] = len(each.encode(picture.samples, settings=settings, **own))
                return int(sizes[index])

            found = find(each, rate, most, size)
            way = Way(each, {"settings": setting_value(each, found.index)}, found)
            ways.append((sizes[found.index], len(ways), way))
        return min(ways)[2]
    return Way(codec, whole)
