"""Finds the setting that meets a target: a size never exceeded, or a quality reached.

A setting that declares ``bytes: increasing`` or ``decreasing`` is bisected, one that declares
``scan`` is tried at every value.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.kinds import Metric
from semcodec.contracts.params import parameters
from semcodec.errors import PluginBroken, SemcodecError, SettingError, TargetError
from semcodec.graph.model import Pipeline, Setting

__all__ = [
    "Target",
    "Trial",
    "aim",
    "measure",
    "metric_of",
    "most_trials",
    "rate_setting",
    "search",
]

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


def aim(
    target_bytes: int | None, target_bpp: float | None, target: tuple[str, float] | None
) -> Target | None:
    """Read the targets that an encode was given; None for none.

    Raises:
        SettingError: more than one, or one that makes no sense.
        ComponentNotFound: no installed distribution provides the metric.
    """
    given = [t for t in (target_bytes, target_bpp, target) if t is not None]
    if not given:
        return None
    if len(given) > 1:
        raise SettingError("expected at most one of target_bytes, target_bpp and target")
    if target is None:
        pair: Any = ("bytes", target_bytes) if target_bytes is not None else ("bpp", target_bpp)
    else:
        pair = target
    if not isinstance(pair, (tuple, list)) or len(pair) != 2 or not isinstance(pair[0], str):
        raise SettingError(f"expected a target such as ('psnr', 35.0), got {pair!r}")
    quantity, value = pair
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise SettingError(f"expected a number as target of {quantity}, got {value!r}")
    if quantity in ("bytes", "bpp"):
        if value <= 0:
            raise SettingError(f"expected a target above 0, got {value}")
        return Target(quantity=quantity, value=float(value))
    return Target(
        quantity=quantity,
        value=float(value),
        higher_is_better=metric_of(quantity).higher_is_better,
    )


def metric_of(name: str) -> Metric:
    """Make a metric with its default parameters.

    Raises:
        ComponentNotFound: no installed distribution provides it.
        SettingError: it has parameters that must be given.
    """
    from semcodec.discovery import catalog

    cls: Any = catalog().component(name, kind="metric")
    required = [p.name for p in parameters(cls) if p.required]
    if required:
        raise SettingError(f"metric {name!r} needs {', '.join(required)}, so it cannot be a target")
    metric: Metric = cls()
    return metric


def measure(name: str, reference: NDArray[Any], decoded: NDArray[Any]) -> float:
    """Compute a metric.

    Raises:
        PluginBroken: it failed.
        SemcodecError: what the metric itself has to say, such as that a picture is too small.
    """
    metric = metric_of(name)
    try:
        return float(metric.compare(reference, decoded, {}))
    except SemcodecError:
        raise
    except Exception as error:
        raise PluginBroken(f"metric {name}: failed: {type(error).__name__}: {error}") from error


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


def most_trials(setting: Setting) -> int:
    """How many encodes a search takes at most."""
    levels = setting.grid.levels
    return levels if setting.bytes == "scan" else levels.bit_length()


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
    trials: list[Trial[T]] = []
    if setting.bytes == "scan":
        trials += map(attempt, range(levels))
    else:
        # Position 0 gives the smallest file, position levels - 1 the largest.
        step = 1 if setting.bytes == "increasing" else -1
        start = 0 if step == 1 else levels - 1
        low, high = 0, levels - 1
        while low <= high:
            middle = (low + high) // 2
            trials.append(attempt(start + step * middle))
            if _meets(trials[-1], target) == target.is_size:
                low = middle + 1
            else:
                high = middle - 1
    good = [trial for trial in trials if _meets(trial, target)]
    if not good:
        raise _failure(trials, setting, target)
    # By size, not by position: real encoders are monotone but for a few bytes here and there.
    return (max if target.is_size else min)(good, key=lambda trial: trial.size)


def _meets(trial: Trial[T], target: Target) -> bool:
    if target.is_size or not target.higher_is_better:
        return trial.measured <= target.value
    return trial.measured >= target.value


def _failure(trials: list[Trial[T]], setting: Setting, target: Target) -> TargetError:
    low = target.is_size or not target.higher_is_better
    reached = (min if low else max)(t.measured for t in trials)
    if target.quantity == "bytes":
        message = f"gives at most {target.value:.0f} bytes: the smallest file has {reached:.0f}"
    elif target.quantity == "bpp":
        message = f"gives at most {target.value:g} bpp: the smallest file has {reached:.4g} bpp"
    else:
        bound = f"at {'most' if low else 'least'} {target.value:g}"
        message = f"reaches {target.quantity} of {bound}: the best is {reached:.6g}"
    return TargetError(
        f"no value of {setting.name!r} {message}",
        reached=reached,
        hint="Choose another target, another pipeline or a smaller picture.",
    )
