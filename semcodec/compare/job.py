"""What workers are given: the run as a whole, a picture's facts, a row to compute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from semcodec.compare.cells import Cell
from semcodec.compare.model import MetricUse, Rate
from semcodec.compare.pictures import Item, Source
from semcodec.compare.search import Found

__all__ = ["Facts", "Job", "Task"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What all tasks of a run share.

    Attributes:
        cells: the codecs.
        source: the pictures.
        metrics: what is measured.
        folder: where results go.
        device: where networks run.
        detached: whether private codecs' files leave their lock out.
    """

    cells: Sequence[Cell]
    source: Source
    metrics: Sequence[MetricUse]
    folder: Path
    device: str
    detached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a picture before it is coded.

    Attributes:
        item: its names.
        pixels: SHA-256 of its samples; empty when it cannot be read.
        beside: SHA-256 of what belongs to it; empty for nothing.
        width: columns.
        height: rows.
        channels: samples a pixel.
        error: why it cannot be read; empty when it can.
        hint: what to do about it.
    """

    item: Item
    pixels: str = ""
    beside: str = ""
    width: int = 0
    height: int = 0
    channels: int = 0
    error: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One row to compute.

    Attributes:
        key: its identity.
        cell: index of the cell.
        facts: of the picture.
        rate: where the cell is run.
        seed: seed to set in the spec, or None.
        found: result of a search over the data set, or None.
    """

    key: str
    cell: int
    facts: Facts
    rate: Rate
    seed: int | None
    found: Found | None = None
