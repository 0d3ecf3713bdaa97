"""What ``semcodec compare`` prints at its end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

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
            "summary": [
                _finite(asdict(line)) for line in lines_of(outcome.rows, names, outcome.sets)
            ],
            "sets": list(outcome.sets),
        }
    )


def _finite(line: dict[str, Any]) -> dict[str, Any]:
    """Take infinite means out of a line, which JSON cannot hold, and name them."""
    infinite = [n for n, value in line["metrics"].items() if value in (math.inf, -math.inf)]
    metrics = {**line["metrics"], **dict.fromkeys(infinite)}
    return {**line, "metrics": metrics, "infinite": infinite}


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
        # A metric of sets has values there alone, or the reason why it has none.
        places = [*outcome.sets, *outcome.rows]
        entries = [each["metrics"][name] for each in places if name in each["metrics"]]
        if entries and all(each["value"] is None and not each["infinite"] for each in entries):
            found[name] = entries[0]["error"]
    return found


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _note(missed: int, failed: int) -> str:
    parts = [f"{missed} out of reach"] * bool(missed) + [f"{failed} failed"] * bool(failed)
    return ", ".join(parts)
