"""The page under real keys in a browser: everything can be reached, seen, and used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from semcodec.report import write_report
from semcodec.report.bd import missing_package

Rows = list[dict[str, Any]]
Browser = Any

CONTROLS = {
    *("metric", "picture", "axis", "spread", "plot", "shown", "mode", "overlay", "linked"),
    *("left-codec", "left-rate", "right-codec", "right-rate", "viewer", "cut"),
    *("closer", "farther", "fit", "pixels"),
}
PLACES = "[...document.querySelectorAll('#viewer canvas')].map(c => c.style.transform)"


@pytest.fixture
def page(rows: Rows, write_run: Callable[..., Path], chromium: Browser) -> Browser:
    chromium.errors.clear()
    chromium.open(write_report(write_run(rows, pictures=True)))
    return chromium


def focus(page: Browser, name: str) -> None:
    page.run(f"document.getElementById('{name}').focus()")
    assert page.focused() == name


def test_tab_reaches_every_control_and_shows_where_it_is(page: Browser) -> None:
    reached: list[str] = []
    unseen: list[str] = []
    for _ in range(200):
        page.press("Tab")
        name = page.focused()
        if name.startswith("BODY") or name in reached[:1]:
            break
        reached.append(name)
        outline = "(s => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2)"
        if not page.run(f"{outline}(getComputedStyle(document.activeElement))"):
            unseen.append(name)
    assert set(reached) >= CONTROLS
    assert unseen == []
    words = " ".join(reached)
    labels = ["INPUT one", "INPUT two", "SUMMARY", "A Curves"]
    for label in labels if missing_package() else [*labels, "BUTTON BD-rate"]:
        assert label in words
    order = [name for name in reached if name in CONTROLS]
    assert order.index("metric") < order.index("plot") < order.index("viewer") < order.index("fit")
    assert page.errors == []


def test_tab_goes_back_too(page: Browser) -> None:
    focus(page, "closer")
    page.press("Tab", shift=True)
    assert page.focused() == "cut"


def test_codecs_are_hidden_and_shown(page: Browser) -> None:
    marks = "document.querySelectorAll('#plot .point').length"
    assert page.run(marks) == 8
    page.run("document.querySelector('#codecs input').focus()")
    page.press(" ")
    assert page.run(marks) == 4
    page.press(" ")
    assert page.run(marks) == 8


def test_the_plot_is_read_by_arrows(page: Browser) -> None:
    focus(page, "plot")
    said = "document.getElementById('told').textContent"
    page.press("ArrowRight")
    assert page.run(said).startswith("one, 0.1 bpp: 0.1 bpp, psnr")
    page.press("ArrowRight")
    assert page.run(said).startswith("one, 0.25 bpp")
    page.press("ArrowDown")
    assert page.run(said).startswith("two, 0.25 bpp")
    page.press("ArrowLeft", "ArrowUp")
    assert page.run(said).startswith("one, 0.1 bpp")


def test_another_metric_and_another_picture(page: Browser) -> None:
    title = "document.querySelector('#plot > text:last-of-type').textContent"
    assert "psnr, dB" in page.run(title)
    focus(page, "metric")
    page.press("ArrowUp")
    assert "mse (lower is better)" in page.run(title)
    focus(page, "shown")
    label = "document.getElementById('left-canvas').getAttribute('aria-label')"
    page.press("ArrowDown")
    page.until(f"{label}.startsWith('b: ')")


def test_the_codec_and_the_rate_of_a_side(page: Browser) -> None:
    label = "document.getElementById('left-canvas').getAttribute('aria-label')"
    focus(page, "left-codec")
    page.press("Home")
    page.until(f"{label} === 'a: the original'")
    page.press("ArrowDown")
    page.until(f"{label}.startsWith('a: one')")
    focus(page, "left-rate")
    page.press("End")
    page.until(f"{label} === 'a: one, 1 bpp'")
    # Bytes are kept near: the other side follows.
    other = "document.getElementById('right-canvas').getAttribute('aria-label')"
    page.until(f"{other}.endsWith('1 bpp')")


def test_the_edge_moves_by_arrows(page: Browser) -> None:
    cut = "getComputedStyle(document.getElementById('viewer')).getPropertyValue('--cut')"
    focus(page, "cut")
    page.press("ArrowLeft", "ArrowLeft", "ArrowLeft")
    assert page.run(cut) == "47%"
    page.press("Home")
    assert page.run(cut) == "0%"
    page.press("End")
    assert page.run(cut) == "100%"
    focus(page, "viewer")
    page.press("ArrowLeft")
    assert page.run(cut) == "98%"
    assert page.run("document.getElementById('cut').value") == "98"


def test_zoom_and_place_are_one_for_both_codecs(page: Browser) -> None:
    focus(page, "viewer")
    whole = page.run(PLACES)
    assert whole[0] == whole[1]
    page.press("+", "+", "+")
    near = page.run(PLACES)
    assert near[0] == near[1] != whole[0]
    page.press("ArrowRight", "ArrowDown")
    moved = page.run(PLACES)
    assert moved[0] == moved[1] != near[0]
    # Another codec at another rate is looked at in the same place.
    focus(page, "left-codec")
    label = "document.getElementById('left-canvas').getAttribute('aria-label')"
    page.press("Home")
    page.until(f"{label} === 'a: the original'")
    assert page.run(PLACES) == moved
    focus(page, "viewer")
    page.press("1")
    assert page.run("document.getElementById('zoom').textContent") == "100 %"
    page.press("0")
    assert page.run(PLACES) == whole
    focus(page, "closer")
    page.press("Enter")
    near = page.run(PLACES)
    assert near[0] == near[1] != whole[0]
    focus(page, "fit")
    page.press(" ")
    assert page.run(PLACES) == whole


def test_titles_sort(page: Browser) -> None:
    first = "document.querySelector('#results tbody tr').textContent"
    titles = "[...document.querySelectorAll('#results button')]"
    page.run(f"{titles}.find(title => title.textContent === 'bpp').focus()")
    page.press("Enter")
    low = page.run(first)
    page.press("Enter")
    assert page.run(first) != low
    sort = "document.querySelector('#results th[aria-sort]').getAttribute('aria-sort')"
    assert page.run(sort) == "descending"


@pytest.mark.parametrize("width", [1280, 820, 375])
@pytest.mark.parametrize("dark", [False, True])
def test_it_fits_and_can_be_read(
    width: int,
    dark: bool,
    rows: Rows,
    write_run: Callable[..., Path],
    chromium: Browser,
) -> None:
    """Only tables scroll sideways, and text stands out from what is behind it (WCAG: 4.5)."""
    chromium.open(write_report(write_run(rows, pictures=True)), width, dark=dark)
    assert chromium.run("document.documentElement.scrollWidth") <= width
    style = "getComputedStyle(document.querySelector('main p'))"
    ink = chromium.run(f"{style}.color.match(/[0-9]+/g).slice(0, 3).map(Number)")
    # Without a colour of its own the page has the scheme's canvas.
    probe = "(e => { e.style.background = 'Canvas'; document.body.append(e); const c ="
    probe += " getComputedStyle(e).backgroundColor; e.remove(); return c; })"
    paper = chromium.run(
        f"{probe}(document.createElement('i')).match(/[0-9]+/g).slice(0, 3).map(Number)"
    )
    assert (sum(ink) > sum(paper)) == dark
    one, other = sorted(map(luminance, (ink, paper)))
    assert (other + 0.05) / (one + 0.05) >= 4.5


def luminance(colour: list[int]) -> float:
    shares = [value / 255 for value in colour]
    parts = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in shares]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
