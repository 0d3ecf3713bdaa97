"""Reads the folder of a run: its rows, its cells, its spec; nothing in it is trusted."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from semcodec.errors import SettingError

__all__ = ["Cell", "Measure", "Row", "Run", "read_run", "rows_of"]

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
class Cell:
    """A codec of the run.

    Attributes:
        name: its label.
        status: ``ready`` or ``invalid``.
        reason: why it is invalid.
        digest: decode digest, hexadecimal.
        full_digest: digest of everything.
        spec: expanded.
    """

    name: str
    status: str = "ready"
    reason: str = ""
    digest: str = ""
    full_digest: str = ""
    spec: Any = None


@dataclass(frozen=True, slots=True)
class Run:
    """What a folder holds.

    Attributes:
        folder: where.
        rows: ordered by cell, picture, rate and seed, whatever their order in the file.
        cells: in the order of the run; those that only rows name come last.
        settings: text of ``compare.yaml``; empty where there is none.
        notes: what was left out of the file and why.
    """

    folder: Path
    rows: tuple[Row, ...]
    cells: tuple[Cell, ...]
    settings: str = ""
    notes: tuple[str, ...] = ()

    @property
    def codecs(self) -> tuple[str, ...]:
        """Names of the cells that have rows, in the order of the run."""
        named = {row.cell for row in self.rows}
        return tuple(cell.name for cell in self.cells if cell.name in named)

    @property
    def images(self) -> tuple[str, ...]:
        """Names of the pictures, sorted."""
        return tuple(sorted({row.image for row in self.rows}))

    @property
    def metrics(self) -> dict[str, Measure]:
        """Every metric that has a value somewhere, with its unit and direction, by id."""
        found: dict[str, Measure] = {}
        for row in self.rows:
            for name, measure in row.metrics.items():
                if row.value(name) is not None:
                    found.setdefault(name, measure)
        return dict(sorted(found.items()))


def read_run(folder: Path) -> Run:
    """Read what ``semcodec compare`` left in a folder.

    A line that is no row (cut short by a kill, or damaged) is left out and noted.

    Raises:
        SettingError: there is no ``rows.jsonl`` in it, or no row in that.
    """
    file = folder / "rows.jsonl"
    try:
        text = file.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise SettingError(
            f"{folder}: expected the folder of a run, with rows.jsonl in it: "
            f"{error.strerror or error}",
            hint="Run semcodec compare ... -o DIR first.",
        ) from None
    loaded: list[Any] = []
    damaged = 0
    for line in filter(str.strip, text.split("\n")):
        try:
            loaded.append(json.loads(line))
        except (ValueError, RecursionError):
            damaged += 1
    rows, refused = rows_of(loaded)
    damaged += refused
    if not rows:
        raise SettingError(
            f"{file}: expected at least one row, got {damaged} lines that are none",
            hint="Run semcodec compare again; it goes on where it stopped.",
        )
    notes = [f"{damaged} of the lines of rows.jsonl are no rows and were left out."] * bool(damaged)
    cells = _cells(folder / "cells.json", notes)
    known = {cell.name for cell in cells}
    others = sorted({row.cell for row in rows} - known)
    settings = folder / "compare.yaml"
    return Run(
        folder=folder,
        rows=rows,
        cells=(*cells, *(Cell(name) for name in others)),
        settings=settings.read_text("utf-8", "replace") if settings.is_file() else "",
        notes=tuple(notes),
    )


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


def _row(line: Any) -> Row | None:
    if not isinstance(line, dict) or not all(
        isinstance(line.get(name), str) and line[name] for name in ("cell", "image")
    ):
        return None
    status = line.get("status")
    bpp = _finite(line.get("bpp"))
    size = _finite(line.get("bytes"))
    failed = status == "failed" or status not in _STATES or not bpp or bpp < 0 or not size
    sections = line.get("sections")
    metrics = line.get("metrics")
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
            if _finite(value) is not None and value >= 0
        },
        metrics={
            str(name): _measure(found)
            for name, found in (metrics if isinstance(metrics, dict) else {}).items()
        },
        data=line,
    )


def _measure(found: Any) -> Measure:
    if not isinstance(found, dict):
        return Measure(_finite(found), error="" if _finite(found) is not None else "no value")
    value = _finite(found.get("value"))
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
        value = _finite(asked.get(name))
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


def _finite(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _cells(file: Path, notes: list[str]) -> list[Cell]:
    if not file.is_file():
        return []
    try:
        found = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        notes.append(f"cells.json cannot be read: {error}")
        return []
    return [
        Cell(
            name=str(cell["name"]),
            status=str(cell.get("status", "ready")),
            reason=str(cell.get("reason") or ""),
            digest=str(cell.get("digest") or ""),
            full_digest=str(cell.get("full_digest") or ""),
            spec=cell.get("spec"),
        )
        for cell in (found if isinstance(found, list) else [])
        if isinstance(cell, dict) and "name" in cell
    ]
