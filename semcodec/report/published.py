"""Published tables: curves of others that a user puts beside a run."""

from __future__ import annotations

import csv
import io
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semcodec.errors import SettingError

__all__ = ["Published", "choose", "metric_key", "read_published"]

_RATES = ("bpp", "rate_bpp", "rate")
_NAMES = ("codec", "method", "name", "model")
_SETS = ("dataset", "data", "test_set")
_SOURCES = ("source", "paper", "publication")


@dataclass(frozen=True, slots=True)
class Published:
    """A curve as somebody published it, no number changed.

    Attributes:
        name: the codec's, as the file has it.
        source: the file's name, with the publication and the data set where a table tells them.
        metrics: points (bits a pixel, value) by :func:`metric_key`, sorted.
    """

    name: str
    source: str
    metrics: Mapping[str, Sequence[tuple[float, float]]]


def metric_key(name: str) -> str:
    """Bring names of one metric to one form: ``metrics.ms-ssim`` and ``ms_ssim_rgb`` to ``msssim``.

    A unit and the mean over RGB are what CompressAI and others append; luma (``psnr-y``) stays
    another metric.
    """
    key = name.rpartition(".")[2].lower().replace("_", "-")
    for tail in ("-rgb", "-db"):
        key = key.removesuffix(tail)
    return key.replace("-", "")


def read_published(path: Path, *, dataset: str = "") -> list[Published]:
    """Read a table of points.

    Three forms are read: CompressAI's result JSON (``{"name": ..., "results": {"bpp": [...]}}``
    with a list for each metric), a JSON of such ``results`` by codec, and a table with a header
    (CSV or tab-separated) with a column ``bpp``, one ``codec`` and one for each metric. A column
    ``source`` keeps curves of one name apart: two publications' BPG are two curves.

    Args:
        path: the file.
        dataset: which data set, where a table has a column of that name.

    Raises:
        SettingError: it cannot be read, has no points, or holds several data sets and none is
            chosen.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{path}: cannot be read as a published table: {error}") from None
    found = _json(path, text) if path.suffix.lower() == ".json" else _table(path, text, dataset)
    kept = [one for one in found if one.metrics]
    if not kept:
        raise SettingError(
            f"{path}: expected points of bpp and a metric, found none",
            hint="docs/report.md shows the forms that are read.",
        )
    return kept


def choose(published: Sequence[Published], names: Sequence[str]) -> list[Published]:
    """Keep the curves of some codecs; all where none is named.

    Raises:
        SettingError: there is no curve of such a name.
    """
    there = {one.name for one in published}
    for name in names:
        if name not in there:
            raise SettingError(
                f"the published tables have no curve {name!r}",
                hint=f"They have {', '.join(sorted(there)[:20])}{' ...' * (len(there) > 20)}.",
            )
    return [one for one in published if not names or one.name in names]


def _json(path: Path, text: str) -> list[Published]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingError(f"{path}: expected JSON: {error}") from None
    if not isinstance(data, dict):
        raise SettingError(f"{path}: expected a JSON object, got {type(data).__name__}")
    if isinstance(data.get("results"), dict) or "bpp" in data:
        results = data.get("results", data)
        return [_published(str(data.get("name") or path.stem), path.name, results)]
    return [
        _published(str(name), path.name, found.get("results", found))
        for name, found in data.items()
        if isinstance(found, dict)
    ]


def _published(name: str, source: str, results: Any) -> Published:
    columns = results if isinstance(results, dict) else {}
    rates = columns.get("bpp")
    metrics = {
        metric_key(str(metric)): points
        for metric, values in columns.items()
        if metric not in _RATES
        and isinstance(values, list)
        and isinstance(rates, list)
        and len(values) == len(rates)
        and (points := _points(zip(rates, values, strict=True)))
    }
    return Published(name, source, metrics)


def _table(path: Path, text: str, dataset: str) -> list[Published]:
    tabs = text.partition("\n")[0].count("\t") > text.partition("\n")[0].count(",")
    reader = csv.DictReader(io.StringIO(text), delimiter="\t" if tabs else ",")
    try:
        lines = list(reader)
    except csv.Error as error:
        raise SettingError(f"{path}: expected a table: {error}") from None
    columns = list(reader.fieldnames or [])
    rate = next((name for name in _RATES if name in columns), None)
    if rate is None:
        raise SettingError(
            f"{path}: expected a column {' or '.join(_RATES)}, got {', '.join(columns[:12])}"
        )
    who = next((name for name in _NAMES if name in columns), "")
    which = next((name for name in _SETS if name in columns), "")
    sets = sorted({line[which] or "" for line in lines}) if which else []
    if which and not dataset and len(sets) > 1:
        raise SettingError(
            f"{path}: holds {len(sets)} data sets, whose curves cannot stand in one plot",
            hint=f"Choose one of {', '.join(sets)}.",
        )
    where = next((name for name in _SOURCES if name in columns), "")
    points: dict[tuple[str, str], dict[str, list[tuple[Any, Any]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for line in lines:
        if which and dataset and line[which] != dataset:
            continue
        name = (line[who] if who else "") or path.stem
        source = (line[where] if where else "") or ""
        for column in columns:
            if column not in (rate, who, which, where):
                points[name, source][metric_key(column)].append((line[rate], line[column]))
    made = []
    for (name, source), found in points.items():
        told = (path.name, source, dataset if which else "")
        metrics = {key: _points(pairs) for key, pairs in found.items()}
        kept = {key: pairs for key, pairs in metrics.items() if pairs}
        made.append(Published(name, ", ".join(filter(None, told)), kept))
    return made


def _points(pairs: Iterable[tuple[Any, Any]]) -> list[tuple[float, float]]:
    kept = []
    for rate, value in pairs:
        try:
            point = float(rate), float(value)
        except (TypeError, ValueError):
            continue
        if all(map(math.isfinite, point)) and point[0] > 0:
            kept.append(point)
    return sorted(kept)
