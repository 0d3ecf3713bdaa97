"""What failed, what was missed, and which metrics gave nothing: one line for each reason."""

from __future__ import annotations

from collections import defaultdict

from semcodec.report.run import Run
from semcodec.report.tables import table

__all__ = ["failures"]

_NAMED = 8


def failures(run: Run) -> str:
    """Write the table; a sentence where nothing failed."""
    body = [
        (cell.name, "invalid", "all", "all", cell.reason or "no reason was given")
        for cell in run.cells
        if cell.status == "invalid"
    ]
    found: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for row in run.rows:
        if row.status != "ok":
            what = "target missed" if row.status == "missed" else row.status
            found[row.cell, what, row.rate, _sentences(row.error, row.hint)].append(row.image)
    of_sets = {name for each in run.sets for name in each.metrics}
    for row in run.rows:
        for name, measure in row.metrics.items():
            if row.coded and measure.value is None and name not in of_sets:
                found[row.cell, f"no {name}", row.rate, measure.error].append(row.image)
    for each in run.sets:
        for name, measure in each.metrics.items():
            if measure.value is None:
                key = each.cell, f"no {name}", each.rate, measure.error
                found[key].append(f"the set of {each.pictures}")
    body += [
        (cell, what, rate, _listed(pictures), why)
        for (cell, what, rate, why), pictures in found.items()
    ]
    if not body:
        return "<p>Nothing failed and every target was met.</p>"
    head = ("codec", "what", "rate", "pictures", "why")
    return table("failures", "Failures and missed targets", head, body, words=5)


def _sentences(error: str, hint: str) -> str:
    """Put what happened and what to do into one text, a full stop between them."""
    stop = "" if not error or error.endswith((".", "!", "?")) else "."
    return f"{error}{stop} {hint}".strip() if hint else error


def _listed(pictures: list[str]) -> str:
    names = sorted(set(pictures))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
