"""What ``semcodec compare`` prints at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from semcodec.cli.output import emit, emit_json, paragraph, table

if TYPE_CHECKING:
    from semcodec.compare.model import Plan
    from semcodec.compare.run import Outcome

__all__ = ["emit_comparison", "emit_comparison_json"]


def emit_comparison_json(plan: Plan, outcome: Outcome) -> None:
    """Print the summary as JSON; ``sets`` is what ``sets.json`` holds."""
    from dataclasses import asdict

    from semcodec.compare.summary import lines_of

    names = [metric.name for metric in plan.metrics]
    emit_json(
        {
            "folder": str(outcome.folder),
            "rows": len(outcome.rows),
            "computed": outcome.computed,
            "cells": [
                {"name": cell.name, "status": cell.status, "reason": cell.reason}
                for cell in outcome.cells
            ],
            "summary": [asdict(line) for line in lines_of(outcome.rows, names, outcome.sets)],
            "sets": list(outcome.sets),
        }
    )


def emit_comparison(plan: Plan, outcome: Outcome) -> None:
    """Print a line for every codec and rate, and what failed."""
    from semcodec.compare.summary import lines_of

    names = [metric.name for metric in plan.metrics]
    shown = [
        (
            line.cell,
            line.rate,
            str(line.count),
            _number(line.bpp),
            *(_number(line.metrics[name]) for name in names),
            _number(line.encode_seconds),
            _number(line.decode_seconds),
            _note(line.missed, line.failed),
        )
        for line in lines_of(outcome.rows, names, outcome.sets)
    ]
    units = ("CODEC", "RATE", "IMAGES", "BPP", *map(str.upper, names), "ENC S", "DEC S", "NOTE")
    emit(table(shown, units))
    for name, reason in _unavailable(outcome, names).items():
        emit("", f"no {name}", paragraph(reason, 2))
    failures = {
        (r["cell"], r["error"], r["hint"]): r for r in outcome.rows if r["status"] == "failed"
    }
    for (cell_name, error, hint), row in failures.items():
        emit("", f"failed: {cell_name} on {row['image']}", paragraph(f"{error} {hint}".strip(), 2))
    emit("", f"{len(outcome.rows)} rows, {outcome.computed} of them new, in {outcome.folder}")


def _unavailable(outcome: Outcome, names: list[str]) -> dict[str, str]:
    """Why a metric has no value anywhere."""
    found: dict[str, str] = {}
    for name in names:
        of_sets = [each["metrics"][name] for each in outcome.sets if name in each["metrics"]]
        entries = of_sets or [r["metrics"][name] for r in outcome.rows if name in r["metrics"]]
        if entries and all(entry["value"] is None for entry in entries):
            found[name] = entries[0]["error"]
    return found


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _note(missed: int, failed: int) -> str:
    parts = [f"{missed} out of reach"] * bool(missed) + [f"{failed} failed"] * bool(failed)
    return ", ".join(parts)
