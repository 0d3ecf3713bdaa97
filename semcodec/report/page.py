"""One HTML page of a run that needs nothing beside itself."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from importlib import resources
from typing import Any

from semcodec.html import document
from semcodec.report import tables
from semcodec.report.analysis import Analysis
from semcodec.report.bars import bars
from semcodec.report.cost import cost_table
from semcodec.report.data import page_data
from semcodec.report.embed import Gallery
from semcodec.report.failures import failures
from semcodec.report.published import Published
from semcodec.report.run import Run
from semcodec.report.versus import glance, headline, versus

__all__ = ["render"]

_SCRIPTS = ("common.js", "scale.js", "curves.js", "tables.js", "viewer.js", "gallery.js")


def render(
    run: Run, analysis: Analysis, gallery: Gallery, published: Sequence[Published] = ()
) -> str:
    """Write the page.

    Args:
        run: what ran.
        analysis: what it says.
        gallery: its pictures.
        published: curves of others, drawn as reference lines that are marked so.

    Returns:
        HTML with its figures, pictures, style and script inside: no other resource is loaded.
    """
    title = f"semcodec compare: {', '.join(run.codecs)}"
    body = "\n".join(
        (
            f"<header><h1>{html.escape(_headline(run))}</h1>",
            f"<p>{html.escape(f'{_summary(run)} {headline(run, analysis)}'.strip())}</p>",
            "<nav aria-label=Sections><a href=#curves>Curves</a> <a href=#figures>Figures</a> "
            "<a href=#pictures>Pictures</a> <a href=#bytes>Bytes</a> "
            "<a href=#trouble>Failures</a> <a href=#what>What ran</a></nav></header>\n<main>",
            "<section aria-labelledby=curves><h2 id=curves>Curves</h2>",
            _asset("curves.html"),
            "</section>\n<section aria-labelledby=figures><h2 id=figures>Figures</h2>",
            _versus(run, analysis),
            tables.objective(analysis) if analysis.outcomes else "",
            tables.results(run),
            cost_table(run),
            "</section>\n<section aria-labelledby=pictures><h2 id=pictures>Pictures</h2>",
            _pictures(gallery),
            "</section>\n<section aria-labelledby=bytes><h2 id=bytes>Bytes of each section</h2>",
            "<p class=small>Mean over the pictures; the longest bar of each rate is full.</p>",
            bars(run),
            "</section>\n<section aria-labelledby=trouble><h2 id=trouble>Failures</h2>",
            *(f"<p>{html.escape(note)}</p>" for note in (*run.notes, *gallery.failed)),
            failures(run),
            "</section>\n<section aria-labelledby=what><h2 id=what>What ran</h2>",
            tables.provenance(run),
            _published(published),
            "<details><summary>compare.yaml</summary>"
            f"<pre tabindex=0>{html.escape(run.settings or 'none')}</pre></details>",
            "</section></main>",
            "<script type=application/json id=data>",
            _json(page_data(run, analysis, gallery, published)),
            "</script>",
        )
    )
    script = "'use strict';\n" + "\n".join(map(_asset, _SCRIPTS))
    return document(title, body, style=_asset("style.css"), script=script)


def _asset(name: str) -> str:
    return resources.files("semcodec.report").joinpath("assets", name).read_text("utf-8")


def _json(data: Any) -> str:
    """Write JSON that cannot end the script element it stands in."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _headline(run: Run) -> str:
    codecs, pictures = len(run.codecs), len(run.images)
    return f"{codecs} codec{'s' * (codecs != 1)} on {pictures} picture{'s' * (pictures != 1)}"


def _summary(run: Run) -> str:
    states = [row.status for row in run.rows]
    text = f"{len(states)} files of {', '.join(run.codecs)}."
    for state, words in (("missed", "missed their target"), ("failed", "failed")):
        if states.count(state):
            text += f" {states.count(state)} {words}."
    return text + " Rates are whole files: header, every section, and what the container adds."


def _versus(run: Run, analysis: Analysis) -> str:
    if len(run.codecs) < 2:
        return "<p>One codec alone has no BD-rate.</p>"
    if not analysis.versus:
        return f"<p>{html.escape(analysis.provenance)}</p>"
    told = (
        f"BD figures by {analysis.provenance}; negative rates are savings. Compared over the "
        "values that both curves reach, in brackets their share of the span of both. A star marks "
        "less than 75 %, or fewer than 4 rates: such a figure rests on little. Points that a "
        "cheaper one of the same curve equals or beats are left out; a missed target counts "
        "with the file that was made. The interval is a paired bootstrap over pictures "
        f"(percentile, seed {analysis.seed}) of the mean rate ratio at equal quality."
    )
    return (
        f"{glance(run, analysis)}\n<p class=small>{html.escape(told)}</p>\n{versus(run, analysis)}"
    )


def _pictures(gallery: Gallery) -> str:
    if not gallery.images:
        return "<p>The run has no decoded pictures to show.</p>"
    told = f"{len(gallery.images)} pictures, {gallery.form}."
    if gallery.left_out:
        told += (
            f" {len(gallery.left_out)} more would make the page too heavy and are in the run's "
            f"folder: {', '.join(gallery.left_out[:12])}{' ...' * (len(gallery.left_out) > 12)}."
        )
    return f"<p class=small>{html.escape(told)}</p>\n{_asset('gallery.html')}"


def _published(published: Sequence[Published]) -> str:
    if not published:
        return ""
    body = [
        (one.name, one.source, ", ".join(f"{key} ({len(p)})" for key, p in one.metrics.items()))
        for one in published
    ]
    head = ("published curve", "file", "metrics (points)")
    caption = "Published curves: numbers of their authors, not of this run"
    return tables.table("published", caption, head, body, words=3)
