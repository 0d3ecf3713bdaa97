"""One HTML page that needs nothing beside itself."""

from __future__ import annotations

import html
import io
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semcodec.demo.figure import gray, shown
from semcodec.demo.run import Row
from semcodec.html import data_url, document

__all__ = ["HEAD", "cells", "render"]

HEAD = ("codec", "bytes", "bpp", "PSNR", "inside", "encode s", "decode s")
"""Titles of the columns of the table, in the terminal and on the page."""

_STYLE = """
.compare { position: relative; }
.compare img, figure img { display: block; max-width: 100%; height: auto; }
.compare img { width: 100%; }
.compare img + img { position: absolute; inset: 0; clip-path: inset(0 0 0 var(--cut, 50%)); }
.compare::after { content: ""; position: absolute; top: 0; bottom: 0; left: var(--cut, 50%);
  border-left: 2px solid var(--accent); pointer-events: none; }
.choose { display: flex; flex-wrap: wrap; gap: 1rem; justify-content: space-between; }
input[type=range] { width: 100%; margin: .5rem 0; }
.maps { display: flex; flex-wrap: wrap; gap: 1rem; } .maps figure { flex: 1 1 20rem; }
"""

_SCRIPT = """
const box = document.querySelector('.compare'), cut = document.querySelector('#cut');
const move = () => box.style.setProperty('--cut', cut.value + '%');
const pick = (id) => {
  const chosen = document.getElementById(id), picture = document.getElementById(id + '-picture');
  const set = () => {
    const source = document.getElementById('picture-' + chosen.value);
    picture.src = source.src; picture.alt = source.alt;
  };
  chosen.addEventListener('change', set); set();
};
cut.addEventListener('input', move); pick('left'); pick('right'); move();
"""


def cells(row: Row) -> tuple[str, ...]:
    """Write a row's figures as text, a cell for each of ``HEAD``; dashes where there are none."""
    if row.decoded is None:
        return (row.label, *["-"] * (len(HEAD) - 1))
    return (
        row.label,
        str(row.size),
        f"{row.bpp:.3f}",
        _decibels(row.psnr),
        _decibels(row.inside),
        f"{row.encode_seconds:.2f}",
        f"{row.decode_seconds:.2f}",
    )


def render(picture: NDArray[Any], mask: NDArray[Any], rows: Sequence[Row], target: str) -> str:
    """Write the page.

    Args:
        picture: the original, uint8 or uint16 (height, width, channels).
        mask: what matters, (height, width), bool or uint8.
        rows: what the codecs did; at least one of them did.
        target: the size all were given, in words.

    Returns:
        HTML with its pictures, style and script inside: no other resource is loaded.
    """
    height, width = picture.shape[:2]
    choices = [("original", picture)]
    choices += [(row.label, row.decoded) for row in rows if row.decoded is not None]
    title = "One picture, several codecs, equal bytes"
    body = "\n".join(
        (
            f"<h1>{title}</h1>",
            f"<p>{width}x{height} pixels. Each codec gives its best file of at most "
            f"{html.escape(target)}; every file was decoded by a fresh process. PSNR in dB over "
            "the whole picture and over the pixels inside the mask.</p>",
            _results(rows),
            "<p class=small>Settings move in steps, so a file may lie some percent below what is "
            "allowed: compare the bytes too. Decoding includes the start of the interpreter; "
            "encoding is one encode at the setting found.</p>",
            "<h2>Side by side</h2>",
            _slider([label for label, _ in choices]),
            "<h2>What matters</h2>",
            _maps(mask, rows),
            "<h2>Bytes of each section</h2>",
            _sections(rows),
            "<h2>All pictures</h2>\n<div class=maps>",
            *(_figure(i, label, image) for i, (label, image) in enumerate(choices)),
            "</div>",
        )
    )
    return document(f"semcodec demo: {title.lower()}", body, style=_STYLE, script=_SCRIPT)


def _results(rows: Sequence[Row]) -> str:
    titles = "".join(f"<th scope=col>{title}</th>" for title in HEAD)
    titles += "<th scope=col class=note>note</th>"
    body = "\n".join(
        "<tr>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells(row))
        + f"<td class=note>{html.escape(row.note)}</td></tr>"
        for row in rows
    )
    return f"<div class=scroll><table id=results>\n<tr>{titles}</tr>\n{body}\n</table></div>"


def _sections(rows: Sequence[Row]) -> str:
    body = "\n".join(
        f"<tr><td>{html.escape(row.label)}</td><td>{html.escape(name)}</td><td>{size}</td></tr>"
        for row in rows
        for name, size in row.sections.items()
    )
    head = "<tr><th scope=col>codec</th><th scope=col>section</th><th scope=col>bytes</th></tr>"
    return f"<div class=scroll><table id=sections>\n{head}\n{body}\n</table></div>"


def _slider(labels: Sequence[str]) -> str:
    def select(name: str, chosen: int) -> str:
        options = "".join(
            f"<option value={i}{' selected' if i == chosen else ''}>{html.escape(label)}</option>"
            for i, label in enumerate(labels)
        )
        return f"<label>{name} <select id={name}>{options}</select></label>"

    last = len(labels) - 1
    return (
        f"<div class=choose>{select('left', min(1, last))}{select('right', min(2, last))}</div>\n"
        '<div class=compare><img id=left-picture alt="left"><img id=right-picture alt="right">'
        "</div>\n<input id=cut type=range min=0 max=100 value=50 "
        'aria-label="Where the left picture ends and the right one begins">'
    )


def _maps(mask: NDArray[Any], rows: Sequence[Row]) -> str:
    found: list[tuple[str, NDArray[Any]]] = [
        ("mask", mask / (1 if mask.dtype == np.bool_ else 255))
    ]
    found += [
        (f"the map in the file of {row.label}", row.saliency)
        for row in rows
        if row.saliency is not None
    ]
    figures = (
        f'<figure><img alt="{html.escape(label)}" src="{_inline(gray(values))}">'
        f"<figcaption>{html.escape(label)}, white matters</figcaption></figure>"
        for label, values in found
    )
    return "<div class=maps>" + "".join(figures) + "</div>"


def _figure(index: int, label: str, picture: NDArray[Any]) -> str:
    text = "the original picture" if index == 0 else f"the picture as {label} decodes it"
    return (
        f'<figure><img id=picture-{index} alt="{html.escape(text)}" '
        f'src="{_inline(shown(picture))}"><figcaption>{html.escape(label)}</figcaption></figure>'
    )


def _inline(picture: NDArray[np.uint8]) -> str:
    """Give a picture as a ``data:`` address of a PNG."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", optimize=True)
    return data_url(buffer.getvalue(), "image/png")


def _decibels(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"
