"""Grids of values that a file may name by index (``docs/format.md``, Settings)."""

from __future__ import annotations

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

    def nearest(self, value: Any) -> int:
        """Index of the value nearest to ``value``; within a list, of the equal one if any.

        Raises:
            SettingError: the value lies outside the range or is not in the list.
        """
        if value in self.values:
            return self.values.index(value)
        numbers = [v for v in self.values if isinstance(v, (int, float))]
        if len(numbers) != self.levels or isinstance(value, bool) or not _number(value):
            raise SettingError(f"expected one of {', '.join(map(str, self.values))}, got {value!r}")
        if not min(numbers) <= value <= max(numbers):
            raise SettingError(
                f"expected a value from {min(numbers):g} to {max(numbers):g}, got {value:g}"
            )
        if self.log and value > 0:
            return min(range(self.levels), key=lambda i: abs(math.log(numbers[i] / value)))
        return min(range(self.levels), key=lambda i: abs(numbers[i] - value))


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)
