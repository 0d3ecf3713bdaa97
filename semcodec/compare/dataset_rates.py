"""One setting for a whole data set: the largest total within the target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from semcodec.compare import worker
from semcodec.compare.cells import Cell
from semcodec.compare.job import Task
from semcodec.compare.lanes import Call, Lanes
from semcodec.compare.model import Rate
from semcodec.compare.rows import Lines
from semcodec.compare.search import Found, find

__all__ = ["search_all"]


def search_all(
    cells: Sequence[Cell],
    waiting: Iterable[Task],
    tasks: Iterable[Task],
    lanes: Lanes,
    sizes: Lines,
    *,
    timeout: float | None = None,
) -> dict[str, Found]:
    """Search for every rate over the data set that a waiting row needs.

    Pictures that cannot be read, or that the codec cannot code, take no part in the total.

    Args:
        cells: the codecs.
        waiting: rows to compute.
        tasks: all rows of the plan, those that are there too: the total is that of all.
        lanes: where to code.
        timeout: most seconds of one encode.
        sizes: keeps the size of every file that was tried, so that no search is done twice.

    Returns:
        What each search came to, by the key of every row that needs it.
    """
    groups: dict[tuple[int, Any, int | None], list[Task]] = {}
    for task in tasks:
        if task.rate.scope == "dataset" and not task.facts.error:
            groups.setdefault((task.cell, task.rate, task.seed), []).append(task)
    needed = {task.key for task in waiting}
    found: dict[str, Found] = {}
    for (cell, _, seed), members in groups.items():
        if any(task.key in needed for task in members):
            result = _search(cells[cell], cell, seed, members, lanes, sizes, timeout)
            found.update({task.key: result for task in members})
    return found


def _search(
    cell: Cell,
    index: int,
    seed: int | None,
    members: Sequence[Task],
    lanes: Lanes,
    sizes: Lines,
    timeout: float | None,
) -> Found:
    rate = members[0].rate
    codec = cell.load(seed)
    by_item = {task.facts.item: task for task in members}
    unable: set[str] = set()

    def key(task: Task, position: int) -> str:
        facts = task.facts
        return f"{cell.full_digest} {facts.pixels} {facts.beside} {seed} {position}"

    def keep(call: Call, result: Any) -> None:
        _, _, item, position = call.argument
        size = result if isinstance(result, int) else -1
        sizes.append({"key": key(by_item[item], position), "bytes": size})

    def total(position: int) -> int:
        able = [task for task in members if task.key not in unable]
        calls = [
            Call(task.facts.item, worker.size, (index, seed, task.facts.item, position))
            for task in able
            if key(task, position) not in sizes.rows
        ]
        lanes.run(calls, keep, timeout=timeout)
        known = {task.key: sizes.rows[key(task, position)]["bytes"] for task in able}
        unable.update(name for name, size in known.items() if size < 0)
        return sum(size for size in known.values() if size >= 0)

    while True:
        before = len(unable)
        able = [task for task in members if task.key not in unable]
        if not able:
            return Found(index=0, trials=1, missed="the codec can code none of the pictures")
        pixels = sum(task.facts.width * task.facts.height for task in able)
        found = find(codec, rate, rate.most_bytes(pixels) * _count(rate, able), total)
        if len(unable) == before:
            return found


def _count(rate: Rate, able: Sequence[Task]) -> int:
    """A target in bytes is a mean over the pictures, one in bits a pixel counts their pixels."""
    return len(able) if rate.kind == "target_bytes" else 1
