"""Writes the report of a run's folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from semcodec.report.bd import Method
from semcodec.report.objective import Objective
from semcodec.report.published import Published

__all__ = ["write_report"]


def write_report(
    folder: str | Path,
    output: str | Path | None = None,
    *,
    anchor: str = "",
    method: Method = "pchip",
    objective: Objective | None = None,
    published: Sequence[Published] = (),
    seed: int = 0,
) -> Path:
    """Write one HTML page of what ``semcodec compare`` left in a folder.

    Args:
        folder: of the run.
        output: the page; ``index.html`` in the folder if None.
        anchor: the codec that others are compared with; the first of the run if empty.
        method: interpolation of BD figures: ``pchip``, ``akima`` or ``cubic``.
        objective: the composite of rate, semantics and quality; none if None.
        published: curves of others to draw beside.
        seed: of the bootstrap.

    Returns:
        The page's path.

    Raises:
        SettingError: the folder holds no run, there is no such anchor, the objective does not fit
            the metrics, or the page cannot be written.
    """
    from semcodec.image import write_bytes
    from semcodec.report.analysis import analyse
    from semcodec.report.embed import embed
    from semcodec.report.page import render
    from semcodec.report.run import read_run

    run = read_run(Path(folder))
    analysis = analyse(run, anchor=anchor, method=method, objective=objective, seed=seed)
    page = Path(folder) / "index.html" if output is None else Path(output)
    text = render(run, analysis, embed(run), published)
    write_bytes(text.encode("utf-8", "replace"), page)
    return page
