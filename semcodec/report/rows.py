"""Rows of a run, from lines of JSON in which nothing is trusted."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Measure", "Row", "SetRow", "finite", "rows_of", "sets_of"]

_STATES = ("ok", "missed", "failed")


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric's answer for one row.

    Attributes:
        value: finite, or None where there is none.
        version: the metric's.
        unit: unit of the value, such as ``"dB"``.
        higher_is_better: direction of improvement.
        error: why there is no value.
    """

    value: float | None
    version: str = ""
    unit: str = ""
    higher_is_better: bool = True
    error: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One codec on one picture at one rate with one seed.

    Attributes:
        cell: name of the codec.
        image: name of the picture.
        rate: what was asked for, in words: ``"0.5 bpp"`` or ``"step=16"``.
        seed: the seed.
        status: ``ok``, ``missed`` (the nearest that was reached) or ``failed``.
        error: why it failed or what was missed.
        hint: what to do about it.
        bpp: bits of the whole file a pixel; 0 where it failed.
        size: bytes of the whole file.
        sections: bytes of each part of the file.
        metrics: answers by id.
        data: the row as it stands in the file.
    """

    cell: str
    image: str
    rate: str
    seed: int
    status: str
    error: str
    hint: str
    bpp: float
    size: int
    sections: Mapping[str, int]
    metrics: Mapping[str, Measure]
    data: Mapping[str, Any] = field(repr=False)

    @property
    def coded(self) -> bool:
        """Whether there is a file whose figures count."""
        return self.status != "failed" and self.bpp > 0

    def value(self, metric: str) -> float | None:
        """Give a metric's finite value, or None."""
        found = self.metrics.get(metric)
        return found.value if found is not None and self.coded else None


@dataclass(frozen=True, slots=True)
class SetRow:
    """What metrics of sets say of one codec at one rate with one seed.

    Attributes:
        cell: name of the codec.
        rate: what was asked for, in the words of :class:`Row`.
        seed: the seed.
        pictures: how many pictures were compared with their originals.
        metrics: answers by id.
    """

    cell: str
    rate: str
    seed: int
    pictures: int
    metrics: Mapping[str, Measure]


def rows_of(loaded: Iterable[Any]) -> tuple[tuple[Row, ...], int]:
    """Make rows of what JSON lines hold.

    Of two lines for one codec, picture, rate and seed, one counts, and the order of the lines does
    not decide which: first what was coded, then what its JSON sorts first.

    Returns:
        The rows, ordered; and how many lines were none or were said twice.
    """
    kept: dict[tuple[str, str, str, int], Row] = {}
    left_out = 0
    made = [_row(line) for line in loaded]
    good = [row for row in made if row is not None]
    left_out = len(made) - len(good)
    for row in sorted(good, key=lambda row: (not row.coded, json.dumps(row.data, sort_keys=True))):
        if kept.setdefault((row.cell, row.image, row.rate, row.seed), row) is not row:
            left_out += 1
    return tuple(kept[place] for place in sorted(kept)), left_out


def sets_of(loaded: Any) -> tuple[SetRow, ...]:
    """Make rows of what ``sets.json`` holds; what is none is left out."""
    found = {}
    for line in loaded if isinstance(loaded, list) else []:
        if not isinstance(line, dict) or not isinstance(line.get("cell"), str):
            continue
        seed = line.get("seed")
        made = SetRow(
            cell=line["cell"],
            rate=_rate(line.get("rate")),
            seed=seed if isinstance(seed, int) else 0,
            pictures=int(finite(line.get("pictures")) or 0),
            metrics=_measures(line.get("metrics")),
        )
        found[made.cell, made.rate, made.seed] = made
    return tuple(found[place] for place in sorted(found))


def _row(line: Any) -> Row | None:
    if not isinstance(line, dict) or not all(
        isinstance(line.get(name), str) and line[name] for name in ("cell", "image")
    ):
        return None
    status = line.get("status")
    bpp = finite(line.get("bpp"))
    size = finite(line.get("bytes"))
    failed = status == "failed" or status not in _STATES or not bpp or bpp < 0 or not size
    sections = line.get("sections")
    seed = line.get("seed")
    return Row(
        cell=line["cell"],
        image=line["image"],
        rate=_rate(line.get("rate")),
        seed=seed if isinstance(seed, int) else 0,
        status="failed" if failed else str(status),
        error=str(line.get("error") or ("no figures" if failed else "")),
        hint=str(line.get("hint") or ""),
        bpp=0.0 if failed else float(bpp or 0),
        size=0 if failed else int(size or 0),
        sections={
            str(name): int(value)
            for name, value in (sections if isinstance(sections, dict) else {}).items()
            if finite(value) is not None and value >= 0
        },
        metrics=_measures(line.get("metrics")),
        data=line,
    )


def _measures(metrics: Any) -> dict[str, Measure]:
    known = metrics if isinstance(metrics, dict) else {}
    return {str(name): _measure(found) for name, found in known.items()}


def _measure(found: Any) -> Measure:
    if not isinstance(found, dict):
        return Measure(finite(found), error="" if finite(found) is not None else "no value")
    value = finite(found.get("value"))
    error = str(found.get("error") or "")
    return Measure(
        value=value,
        version=str(found.get("version", "")),
        unit=str(found.get("unit", "")),
        higher_is_better=found.get("higher_is_better") is not False,
        error=error or ("" if value is not None else _why_none(found)),
    )


def _why_none(found: Mapping[str, Any]) -> str:
    if found.get("infinite") is True:
        return "infinite, as nothing differs: left out of curves and means"
    return f"no finite value: {found.get('value')}"


def _rate(asked: Any) -> str:
    if not isinstance(asked, dict):
        return "default"
    for name, unit in (("target_bpp", "bpp"), ("target_bytes", "bytes")):
        value = finite(asked.get(name))
        if value is not None:
            whole = ", over the set" if asked.get("scope") == "dataset" else ""
            return f"{value:g} {unit}{whole}"
    setting = asked.get("setting", asked)
    if not isinstance(setting, dict) or not setting:
        return "default"
    return ", ".join(
        f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in sorted(setting.items())
    )


def finite(value: Any) -> float | None:
    """Give a number of JSON as a float; None for what is none or has no finite value."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
