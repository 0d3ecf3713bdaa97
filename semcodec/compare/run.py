"""Runs a comparison into a folder, or what of it is not there yet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from semcodec.compare import worker
from semcodec.compare.cells import Cell, compiled
from semcodec.compare.dataset_rates import search_all
from semcodec.compare.estimate import Estimate
from semcodec.compare.job import Facts, Job, Task
from semcodec.compare.lanes import Call, Lanes
from semcodec.compare.measuring import gauges
from semcodec.compare.model import Plan
from semcodec.compare.pictures import Source
from semcodec.compare.record import failed, key_of
from semcodec.compare.rows import Lines, alone
from semcodec.compare.search import Found
from semcodec.compare.sets import summarise
from semcodec.errors import SemcodecError, SettingError
from semcodec.image import write_bytes
from semcodec.spec.canonical import canonical

__all__ = ["Outcome", "Progress", "run"]

Progress = Callable[[int, int, float, str], None]
"""Told after each row: rows done, rows in all, seconds left, and what was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A finished run.

    Attributes:
        folder: where everything is.
        cells: the codecs, invalid ones included.
        rows: the rows, in the order of cells, pictures, rates and seeds.
        computed: how many of them this run computed.
        sets: what metrics of sets gave, as ``sets.json`` holds it.
    """

    folder: Path
    cells: tuple[Cell, ...]
    rows: tuple[dict[str, Any], ...]
    computed: int
    sets: tuple[dict[str, Any], ...] = ()


def run(
    plan: Plan,
    folder: Path,
    *,
    checked: Callable[[Sequence[Cell]], None] | None = None,
    progress: Progress | None = None,
    retry_failed: bool = False,
) -> Outcome:
    """Run a comparison.

    The processes are spawned, so a script that calls this does so under
    ``if __name__ == "__main__":``, and components registered in a notebook are not there.

    Args:
        plan: what to compare.
        folder: where results go; rows that it holds already are not computed again. Rows that are
            no part of the plan, as of a codec that has changed since, leave it.
        checked: told of the cells, invalid ones included, before any of them runs.
        progress: told of every row.
        retry_failed: compute failed rows again.

    Raises:
        SettingError: no cell can run, there are no pictures, or the folder cannot be written.
        DiskError: a result cannot be written; those so far are kept.
    """
    cells = compiled(plan)
    if all(cell.status == "invalid" for cell in cells):
        reasons = "\n".join(f"  - {cell.name}: {cell.reason}" for cell in cells)
        raise SettingError(f"no codec of the comparison can run:\n{reasons}")
    if checked is not None:
        checked(cells)
    ready = gauges(plan.metrics)
    metrics = {gauge.use.name: gauge.version for gauge in ready}
    source = Source(use=plan.data, masks=plan.masks, inputs=plan.inputs)
    items = source.items(plan.limit)
    _make(folder)
    job = Job(
        cells=tuple(cells),
        source=source,
        metrics=plan.metrics,
        folder=folder,
        device=plan.device,
        detached=plan.detached,
    )
    with alone(folder), Lanes(plan.workers, worker.begin, worker.end, job) as lanes:
        _describe(plan, cells, folder)
        facts = [
            found if isinstance(found, Facts) else Facts(item=item, error=str(found))
            for item, found in zip(
                items,
                lanes.map([Call(item, worker.prepare, (item,)) for item in items]),
                strict=True,
            )
        ]
        named = {
            use.name: f"{use.use} {canonical(dict(use.parameters)).decode()} {metrics[use.name]}"
            for use in plan.metrics
        }
        tasks = {task.key: task for task in _tasks(plan, cells, facts, named)}
        with Lines(
            folder / "rows.jsonl",
            lambda row: row["key"] in tasks and not (retry_failed and row["status"] == "failed"),
        ) as lines:
            computed = _compute(plan, cells, tasks, lanes, lines, folder, progress)
            rows = tuple(lines.rows[key] for key in tasks)
        sets = summarise(rows, [g.use.name for g in ready if g.compares_sets], lanes, folder)
    return Outcome(
        folder=folder, cells=tuple(cells), rows=rows, computed=computed, sets=tuple(sets)
    )


def _compute(
    plan: Plan,
    cells: list[Cell],
    tasks: Mapping[str, Task],
    lanes: Lanes,
    lines: Lines,
    folder: Path,
    progress: Progress | None,
) -> int:
    """Compute the rows that are not there."""
    waiting = [task for key, task in tasks.items() if key not in lines.rows]
    estimate = Estimate([cells[task.cell].name for task in waiting])
    before = len(lines.rows)

    def keep(task: Task, row: dict[str, Any]) -> None:
        lines.append(row)
        left = estimate.after(row["cell"])
        if progress is not None:
            what = f"{row['cell']} {row['image']} {task.rate.label}: {row['status']}"
            progress(len(lines.rows), before + estimate.total, left, what)

    for task in waiting:
        if task.facts.error:
            said = f"the picture cannot be read: {task.facts.error}"
            keep(task, failed(task, cells[task.cell], said, task.facts.hint))
    waiting = [task for task in waiting if not task.facts.error]
    searched: dict[str, Found] = {}
    if any(task.rate.scope == "dataset" for task in waiting):
        with Lines(folder / "sizes.jsonl", lambda row: True) as sizes:
            searched = search_all(
                cells, waiting, tasks.values(), lanes, sizes, timeout=plan.timeout
            )
    calls = [_call(task, searched.get(task.key)) for task in _by_picture(waiting)]

    def done(call: Call, result: Any) -> None:
        [task] = call.argument
        if isinstance(result, SemcodecError):
            result = failed(task, cells[task.cell], str(result.args[0]), result.hint)
        keep(task, result)

    lanes.run(calls, done, timeout=plan.timeout)
    return len(lines.rows) - before


def _call(task: Task, found: Found | None) -> Call:
    return Call(task.facts.item, worker.row, (replace(task, found=found),))


def _tasks(
    plan: Plan, cells: list[Cell], facts: list[Facts], metrics: Mapping[str, str]
) -> Iterator[Task]:
    """List all rows of a plan, in the order in which they are shown."""
    for index, cell in enumerate(cells):
        if cell.status == "invalid":
            continue
        for picture in facts:
            for rate in cell.rates:
                for seed in plan.seeds or (None,):
                    key = key_of(cell, picture, rate, seed, metrics)
                    yield Task(key=key, cell=index, facts=picture, rate=rate, seed=seed)


def _by_picture(tasks: list[Task]) -> list[Task]:
    order = {task.facts.item: number for number, task in reversed(list(enumerate(tasks)))}
    return sorted(tasks, key=lambda task: order[task.facts.item])


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(
            f"cannot make {folder}: {error.strerror}", hint="Name another folder with -o."
        ) from None


def _describe(plan: Plan, cells: list[Cell], folder: Path) -> None:
    """Say in the folder what is run in it."""
    import yaml

    text = yaml.safe_dump(plan.resolved, sort_keys=False, allow_unicode=True, width=100)
    write_bytes(text.encode(), folder / "compare.yaml")
    records = json.dumps([cell.record for cell in cells], indent=1)
    write_bytes(records.encode() + b"\n", folder / "cells.json")
