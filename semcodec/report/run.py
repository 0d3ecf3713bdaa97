"""Reads the folder of a run: its rows, its cells, its spec; nothing in it is trusted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semcodec.errors import SettingError
from semcodec.report.rows import Measure, Row, SetRow, rows_of, sets_of

__all__ = ["Cell", "Run", "read_run"]


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
        sets: what metrics of sets gave, of codecs and rates that have rows.
    """

    folder: Path
    rows: tuple[Row, ...]
    cells: tuple[Cell, ...]
    settings: str = ""
    notes: tuple[str, ...] = ()
    sets: tuple[SetRow, ...] = ()

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
        """Every metric that pictures have a value of, with its unit and direction, by id."""
        return _measured(row.metrics for row in self.rows if row.coded)

    @property
    def set_metrics(self) -> dict[str, Measure]:
        """Every metric that sets of pictures have a value of, likewise."""
        return _measured(each.metrics for each in self.sets)


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
    cells = _cells(_json(folder / "cells.json", notes))
    known = {cell.name for cell in cells}
    others = sorted({row.cell for row in rows} - known)
    there = {(row.cell, row.rate, row.seed) for row in rows}
    sets = sets_of(_json(folder / "sets.json", notes))
    settings = folder / "compare.yaml"
    return Run(
        folder=folder,
        rows=rows,
        cells=(*cells, *(Cell(name) for name in others)),
        settings=settings.read_text("utf-8", "replace") if settings.is_file() else "",
        notes=tuple(notes),
        sets=tuple(each for each in sets if (each.cell, each.rate, each.seed) in there),
    )


def _measured(answers: Iterable[Mapping[str, Measure]]) -> dict[str, Measure]:
    found: dict[str, Measure] = {}
    for metrics in answers:
        for name, measure in metrics.items():
            if measure.value is not None:
                found.setdefault(name, measure)
    return dict(sorted(found.items()))


def _json(file: Path, notes: list[str]) -> Any:
    """What a file beside the rows holds; None where there is none or it is damaged."""
    if not file.is_file():
        return None
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        notes.append(f"{file.name} cannot be read: {error}")
        return None


def _cells(found: Any) -> list[Cell]:
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
