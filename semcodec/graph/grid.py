"""Grids of values that a file may name by index (``docs/format.md``, Settings)."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from semcodec.errors import SettingError

__all__ = ["Grid"]


@dataclass(frozen=True)
class Grid:
    """Either a range in equal steps or a list.

    Attributes:
        low: first value of a range.
        high: last value of a range.
        levels: number of values.
        log: whether the steps are equal ratios.
        listed: the values of a list; empty for a range.
        whole: whether the parameter takes whole numbers, to which range values are rounded.
    """

    low: float = 0.0
    high: float = 1.0
    levels: int = 2
    log: bool = False
    listed: tuple[Any, ...] = ()
    whole: bool = False

    @classmethod
    def of(cls, entry: Mapping[str, Any], *, whole: bool) -> Grid:
        """Read a ``wire`` or ``encode`` entry whose structure has been checked."""
        if "values" in entry:
            return cls(listed=tuple(entry["values"]), levels=len(entry["values"]))
        return cls(
            low=entry["min"],
            high=entry["max"],
            levels=entry["levels"],
            log=entry.get("scale", "linear") == "log",
            whole=whole,
        )

    @cached_property
    def values(self) -> tuple[Any, ...]:
        """All values. Six significant digits make them the same under every math library."""
        if self.listed:
            return self.listed
        return tuple(self.value(i) for i in range(self.levels))

    def value(self, index: int) -> Any:
        """One value, without working out all others."""
        if self.listed:
            return self.listed[index]
        share = index / (self.levels - 1)
        if self.log:
            exact = self.low * (self.high / self.low) ** share
        else:
            exact = self.low + share * (self.high - self.low)
        rounded = float(f"{exact:.6g}")
        return round(rounded) if self.whole else rounded

    @cached_property
    def rounded(self) -> bool:
        """Whether rounding to whole numbers moved a value, so that the formula alone misleads."""
        return self.whole and self.values != dataclasses.replace(self, whole=False).values

    def nearest(self, value: Any) -> int:
        """Index of the value nearest to ``value``; within a list, of the equal one if any.

        Raises:
            SettingError: the value lies outside the range or is not in the list.
        """
        for index, known in enumerate(self.listed):
            if _same(known, value):
                return index
        if not _number(value) or not all(map(_number, self.listed)):
            raise SettingError(f"expected {self}, got {value!r}")
        low, high = min(self.values), max(self.values)
        if not low <= value <= high:
            raise SettingError(f"expected a value from {low:g} to {high:g}, got {value:g}")
        if self.log and value > 0:
            return min(range(self.levels), key=lambda i: abs(math.log(self.values[i] / value)))
        return min(range(self.levels), key=lambda i: abs(self.values[i] - value))

    def __str__(self) -> str:
        if not self.listed:
            return f"a number from {self.low:g} to {self.high:g}"
        shown = [repr(value) for value in self.listed[:16]]
        return f"one of {', '.join(shown)}{', ...' if self.levels > 16 else ''}"


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _same(known: Any, value: Any) -> bool:
    """Equality as JSON has it: true is not 1, and a tuple is a list."""
    if isinstance(known, bool) or isinstance(value, bool):
        return known is value
    if isinstance(known, (list, tuple)) and isinstance(value, (list, tuple)):
        return len(known) == len(value) and all(map(_same, known, value))
    return bool(known == value)
