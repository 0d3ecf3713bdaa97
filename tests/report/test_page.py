"""The page in a browser: its script runs, draws, and asks for nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from semcodec.report import write_report

Rows = list[dict[str, Any]]
Write = Callable[..., Path]
BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
browser = pytest.mark.skipif(not BROWSER, reason="no headless Chromium is installed")


def browse(page: Path, home: Path) -> tuple[str, str]:
    """Open a page; give the document as its script leaves it, and what the console said."""
    done = subprocess.run(
        [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={home}",
            "--virtual-time-budget=5000",
            "--enable-logging=stderr",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout, "\n".join(re.findall(r".*CONSOLE.*", done.stderr))


def test_it_loads_nothing(rows: Rows, write_run: Write) -> None:
    text = write_report(write_run(rows, pictures=True)).read_text()
    outside = text.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|@import|<link|src=|url\((?!#)", outside)
    assert "default-src 'none'" in text
    assert "prefers-color-scheme" in text


@browser
def test_the_script_runs(rows: Rows, write_run: Write, tmp_path: Path) -> None:
    rows[3]["status"] = "missed"
    page = write_report(write_run(rows, pictures=True))
    dom, console = browse(page, tmp_path / "profile")
    assert console == ""
    assert 'data-script="ran"' in dom
    assert 'data-gallery="shown"' in dom
    plot = dom[dom.index("<svg id=") : dom.index("<output id=")]
    assert len(re.findall(r'class="point"', plot)) == 8
    assert len(re.findall(r'<canvas[^>]* width="64" height="48"', dom)) == 2
    assert re.search(r'<th scope="row">bytes</th><td[^>]*>\d+</td><td[^>]*>\d+</td>', dom)
    assert dom.count("<th scope=") > 10
    assert '<button type="button">BD-rate</button>' in dom or "bjontegaard" in dom


@browser
def test_a_page_of_an_enemy_runs_ours_alone(
    make_row: Callable[..., dict[str, Any]], write_run: Write, tmp_path: Path
) -> None:
    evil = "</script><script>document.body.dataset.evil=1</script>"
    evil += "<img src=x onerror=document.body.dataset.evil=1>"
    rows = [
        make_row(evil, name, rate, error=evil) for name in ("__proto__", "b") for rate in (0.1, 1)
    ]
    for line in rows:
        line["decoded"] = ""
    dom, console = browse(write_report(write_run(rows)), tmp_path / "profile")
    assert console == ""
    assert "data-evil" not in dom
    assert 'data-script="ran"' in dom
