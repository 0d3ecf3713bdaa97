"""The model card of a run: what shipped weights were made of, and how well they do."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

from semcodec.image import write_bytes
from semcodec_torch.training.log import Log
from semcodec_torch.training.loop import LOG
from semcodec_torch.training.packing import Pack
from semcodec_torch.training.settings import Settings, Summary
from semcodec_torch.training.task import Task

__all__ = ["CARD", "PICTURES", "write_card"]

CARD = "model-card.md"
PICTURES = "pictures.txt"
_CURVE = 20


def write_card(
    name: str,
    task: Task,
    pack: Pack,
    folder: Path,
    settings: Settings,
    summary: Summary,
    start: Path | None,
) -> None:
    """Write ``model-card.md`` and ``pictures.txt`` beside the weights of a run.

    The card of the weights that it began with follows its own, so that nothing of a history of
    several runs is lost.

    Args:
        name: the trainer's.
        task: the trainer.
        pack: the pictures.
        folder: of the run, with its log and weights.
        settings: of the training.
        summary: what the run did.
        start: folder of the weights that it began with; None for new ones.
    """
    rows = Log.read(folder / LOG)
    own = {field.name: getattr(task, field.name) for field in fields(task)}  # type: ignore[arg-type]
    held = pack.pictures[: settings.held_out]
    begun = "new weights"
    if start is not None:
        begun = "; ".join(_file(start / each) for each in summary.files)
    text = [
        f"# Weights of `semcodec train {name}`",
        "",
        *(f"- File: {_file(folder / each)}" for each in summary.files),
        f"- Began with: {begun}",
        f"- Steps: {summary.steps}, in {summary.minutes:.1f} minutes"
        + ("" if summary.finished else "; the run was stopped before its limit"),
        f"- Hardware: {summary.devices}, {platform.machine()}; torch {version('torch')}",
        f"- Trainer: {_settings(own)}",
        f"- Training: {_settings(asdict(settings))}",
        "",
        "## Pictures",
        "",
        f"{len(pack) - len(held)} trained on, {len(held)} held out; "
        f"`{PICTURES}` lists them by hash.",
        "",
        *_table(({"licence": k, "pictures": v} for k, v in pack.licences().items())),
        "",
        "## Loss",
        "",
        *_table(_thinned([row for row in rows if row["kind"] == "train"])),
        "",
        "## Held out",
        "",
        *_table(row for row in rows if row["kind"] == "held-out"),
        "",
    ]
    if start is not None and (start / CARD).is_file():
        text += ["---", "", "The card of what it began with:", "", (start / CARD).read_text()]
    write_bytes("\n".join(text).encode(), folder / CARD)
    listed = [
        f"{p.sha256}  {'held-out' if i < len(held) else 'trained'}  {p.licence or '-'}  {p.name}"
        for i, p in enumerate(pack.pictures)
    ]
    write_bytes(("\n".join(listed) + "\n").encode(), folder / PICTURES)


def _file(path: Path) -> str:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return f"`{path.name}`, {len(content) / 1e6:.2f} MB, sha256 `{digest}`"


def _settings(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _thinned(rows: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    every = max(1, -(-len(rows) // _CURVE))
    return [row for i, row in enumerate(rows) if (len(rows) - 1 - i) % every == 0]


def _table(rows: Iterable[dict[str, Any]]) -> list[str]:
    listed = [{k: v for k, v in row.items() if k != "kind"} for row in rows]
    if not listed:
        return ["None."]
    head = list(listed[0])
    lines = [head, ["---"] * len(head), *([_cell(row.get(k, "")) for k in head] for row in listed)]
    return [f"| {' | '.join(map(str, line))} |" for line in lines]


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
