"""Means of a run's rows, per codec and rate."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

__all__ = ["Line", "lines_of", "rate_label"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a codec did at a rate, over all pictures and seeds.

    Attributes:
        cell: the codec.
        rate: the rate.
        count: rows that were coded, those that missed their target included.
        missed: rows that missed their target.
        failed: rows that were not coded.
        bpp: mean bits a pixel; None where nothing was coded, here and below.
        metrics: mean of each metric over the rows that have it, or of a metric of sets over the
            seeds; infinite where one of them is, None where none has.
        encode_seconds: mean wall clock of an encode.
        decode_seconds: mean wall clock of a decode.
    """

    cell: str
    rate: str
    count: int
    missed: int
    failed: int
    bpp: float | None
    metrics: Mapping[str, float | None]
    encode_seconds: float | None
    decode_seconds: float | None


def lines_of(
    rows: Iterable[Mapping[str, Any]],
    metrics: Sequence[str],
    sets: Iterable[Mapping[str, Any]] = (),
) -> list[Line]:
    """Summarise rows, in the order in which codecs and rates first occur.

    Args:
        rows: as :class:`~semcodec.compare.run.Outcome` holds them.
        metrics: names of the metrics to show.
        sets: what metrics of sets gave, likewise; a mean over seeds is shown.
    """
    whole: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for found in sets:
        whole.setdefault((found["cell"], rate_label(found["rate"])), []).append(found)
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["cell"], rate_label(row["rate"])), []).append(row)
    return [
        _line(cell, rate, members, metrics, whole.get((cell, rate), ()))
        for (cell, rate), members in groups.items()
    ]


def rate_label(rate: Mapping[str, Any]) -> str:
    """Name a row's rate in a few characters."""
    if "setting" in rate:
        pairs = (f"{name}={_shown(value)}" for name, value in rate["setting"].items())
        return ",".join(pairs) or "default"
    scope = " data set" if rate.get("scope") == "dataset" else ""
    if "target_bpp" in rate:
        return f"{rate['target_bpp']:g} bpp{scope}"
    return f"{rate['target_bytes']:g} B{scope}"


def _line(
    cell: str,
    rate: str,
    rows: Sequence[Mapping[str, Any]],
    metrics: Sequence[str],
    sets: Sequence[Mapping[str, Any]],
) -> Line:
    coded = [row for row in rows if row["status"] != "failed"]
    return Line(
        cell=cell,
        rate=rate,
        count=len(coded),
        missed=sum(row["status"] == "missed" for row in rows),
        failed=len(rows) - len(coded),
        bpp=_mean(row["bpp"] for row in coded),
        metrics={
            name: _mean(
                _value(each["metrics"][name]) for each in (*coded, *sets) if name in each["metrics"]
            )
            for name in metrics
        },
        encode_seconds=_mean(row["encode_seconds"] for row in coded),
        decode_seconds=_mean(row["decode_seconds"] for row in coded),
    )


def _value(entry: Mapping[str, Any]) -> float | None:
    """Give an entry's value; that of equal pictures may be infinite, and so is a mean with it."""
    if entry.get("infinite"):
        return math.inf if entry["higher_is_better"] else -math.inf
    return entry["value"]  # type: ignore[no-any-return]


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
