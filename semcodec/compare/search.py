"""Finds the settings for a rate: per picture, or one for a whole data set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from semcodec.compare.model import Rate
from semcodec.engine.codec import Codec
from semcodec.engine.target import Target, Trial, rate_setting, search
from semcodec.errors import TargetError
from semcodec.graph.model import Setting

__all__ = ["Found", "find", "setting_value"]

_SLACK = 64
"""Real encoders are monotone but for a few bytes; more than one in so many is no longer that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search came to.

    Attributes:
        index: of the rate setting's grid.
        trials: encodes that the search asked for, those already known included.
        missed: why the target was not reached; empty where it was.
        hint: what to do about it.
        note: what is odd about the codec; empty for nothing.
    """

    index: int
    trials: int
    missed: str = ""
    hint: str = ""
    note: str = ""


@dataclass(slots=True)
class _Sizes:
    size: Callable[[int], int]
    asked: dict[int, int] = field(default_factory=dict)

    def attempt(self, index: int) -> Trial[int]:
        if index not in self.asked:
            self.asked[index] = self.size(index)
        return Trial(index, self.asked[index], float(self.asked[index]))


def find(codec: Codec, rate: Rate, most_bytes: float, size: Callable[[int], int]) -> Found:
    """Find the largest files within a bound.

    A setting that is declared monotone is bisected; where the sizes met on the way contradict the
    declaration, all its values are tried.

    Args:
        codec: whose setting is moved.
        rate: the target, for messages.
        most_bytes: the bound; never exceeded.
        size: bytes of one file, or of all, at an index of the setting's grid.
    """
    setting = rate_setting(codec.pipeline)
    sizes = _Sizes(size)
    # The search compares bytes with bytes, so that no rounding of bits a pixel can exceed.
    target = Target(quantity="bytes", value=most_bytes)
    note = ""
    try:
        try:
            trial = search(setting, target, sizes.attempt)
        except TargetError:
            if _monotone(setting, sizes.asked):
                raise
            trial = None
        if trial is None or not _monotone(setting, sizes.asked):
            note = f"setting {setting.name!r} is declared {setting.bytes}, and is not: all tried"
            trial = search(replace(setting, bytes="scan"), target, sizes.attempt)
    except TargetError as error:
        nearest = min(sizes.asked, key=lambda index: sizes.asked[index])
        said = f"no value of {setting.name!r} reaches {rate.label}; the nearest is given"
        return Found(
            index=nearest, trials=len(sizes.asked), missed=said, hint=error.hint, note=note
        )
    return Found(index=trial.result, trials=len(sizes.asked), note=note)


def setting_value(codec: Codec, index: int) -> Mapping[str, Any]:
    """The rate setting at an index, as ``encode`` takes settings."""
    setting = rate_setting(codec.pipeline)
    return {setting.name: setting.grid.values[index]}


def _monotone(setting: Setting, sizes: Mapping[int, int]) -> bool:
    ordered = [sizes[i] for i in sorted(sizes, reverse=setting.bytes == "decreasing")]
    pairs = pairwise(ordered)
    return setting.bytes == "scan" or all(a <= b + max(b // _SLACK, 16) for a, b in pairs)
