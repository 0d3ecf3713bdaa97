"""Finds the setting that meets a target: a size never exceeded, or a quality reached.

A setting that declares ``bytes: increasing`` or ``decreasing`` is bisected, one that declares
``scan`` is tried at every value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from semcodec.errors import SettingError, TargetError
from semcodec.graph.model import Pipeline, Setting

__all__ = ["Target", "Trial", "rate_setting", "search"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a search should reach.

    Attributes:
        quantity: ``bytes``, ``bpp`` or the id of a metric.
        value: the limit on the size, or the quality to reach.
        higher_is_better: of a metric; ignored for sizes.
    """

    quantity: str
    value: float
    higher_is_better: bool = True

    @property
    def is_size(self) -> bool:
        """Whether it bounds the file instead of asking for quality."""
        return self.quantity in ("bytes", "bpp")


@dataclass(frozen=True, slots=True)
class Trial(Generic[T]):
    """One encode of a search.

    Attributes:
        result: the encoder's result.
        size: length of the file in bytes.
        measured: the targeted quantity.
    """

    result: T
    size: int
    measured: float


def rate_setting(pipeline: Pipeline) -> Setting:
    """Give the setting that moves the size of files.

    Raises:
        SettingError: the pipeline declares none.
    """
    for setting in (*pipeline.wire, *pipeline.encode):
        if setting.bytes is not None:
            return setting
    names = ", ".join(s.name for s in (*pipeline.wire, *pipeline.encode)) or "none"
    raise SettingError(
        "the pipeline has no setting that is known to move the file's size",
        hint=f"Declare 'bytes: increasing', 'decreasing' or 'scan' on one (settings: {names}).",
    )


def search(setting: Setting, target: Target, attempt: Callable[[int], Trial[T]]) -> Trial[T]:
    """Find the best value of a setting.

    For a size: the largest file within the limit. For a quality: the smallest file that reaches it.

    Args:
        setting: what to move.
        target: what to reach.
        attempt: encodes with the setting at an index and measures.

    Raises:
        TargetError: no value does.
    """
    levels = setting.grid.levels
    if setting.bytes == "scan":
        trials = [attempt(i) for i in range(levels)]
        good = [t for t in trials if _meets(t, target)]
        if not good:
            return _fail(trials, setting, target)
        return (max if target.is_size else min)(good, key=lambda t: t.size)
    # Position 0 gives the smallest file, position levels-1 the largest.
    step = 1 if setting.bytes == "increasing" else -1
    start = 0 if step == 1 else levels - 1
    trials = []
    found: Trial[T] | None = None
    low, high = 0, levels - 1
    while low <= high:
        middle = (low + high) // 2
        trial = attempt(start + step * middle)
        trials.append(trial)
        met = _meets(trial, target)
        if met:
            found = trial
        if met == target.is_size:
            low = middle + 1
        else:
            high = middle - 1
    return found if found is not None else _fail(trials, setting, target)


def _meets(trial: Trial[T], target: Target) -> bool:
    if target.is_size or not target.higher_is_better:
        return trial.measured <= target.value
    return trial.measured >= target.value


def _fail(trials: list[Trial[T]], setting: Setting, target: Target) -> Trial[T]:
    low = target.is_size or not target.higher_is_better
    reached = (min if low else max)(t.measured for t in trials)
    raise TargetError(
        f"expected {target.quantity} of at {'most' if low else 'least'} {target.value:g}, "
        f"the {'smallest' if low else 'largest'} that {setting.name!r} reaches is {reached:g}",
        reached=reached,
        hint="Choose another pipeline, a smaller picture or another target.",
    )
