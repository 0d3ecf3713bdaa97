"""What lies over the pictures: maps of codecs, masks of metrics, differences."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from semcodec.report import write_report
from semcodec.report.embed import embed
from semcodec.report.run import read_run

Rows = list[dict[str, Any]]
Write = Callable[..., Path]


@pytest.fixture
def folder(rows: Rows, write_run: Write) -> Path:
    """A run whose first codec sent a map and whose second computed one for a picture."""
    for line in rows:
        if line["cell"] == "one":
            line["map"] = {"file": f"maps/{line['image']}.png", "kind": "sent"}
        elif line["image"] == "a":
            line["map"] = {"file": "maps/a.png", "kind": "computed"}
    made = write_run(rows, pictures=True)
    for name in ("maps", "masks"):
        (made / name).mkdir()
    bright = np.zeros((48, 64), np.uint8)
    bright[:, 32:] = 255
    for image in ("a", "b", "c"):
        Image.fromarray(bright).save(made / "maps" / f"{image}.png")
    Image.fromarray(bright).save(made / "masks" / "a.png")
    return made


def test_they_are_on_the_page_once(folder: Path) -> None:
    found = embed(read_run(folder))
    assert set(found.masks) == {"a"}
    kinds = {
        (name, one.row.cell): one.map_kind for name, (_, of) in found.images.items() for one in of
    }
    assert kinds["b", "one"] == "sent"
    assert kinds["a", "two"] == "computed"
    assert kinds["b", "two"] == ""
    text = write_report(folder).read_text()
    data = json.loads(text.split("<script type=application/json id=data>")[1].split("</script>")[0])
    assert len(data["maps"]) == 1
    assert {one["map"] for one in data["pictures"]["b"]["shown"]} == {0, None}
    assert data["pictures"]["a"]["mask"]
    assert not data["pictures"]["b"]["mask"]


@pytest.mark.parametrize(
    "given", [None, 3, {}, {"file": 3}, {"file": "../../secret.png"}, {"file": "maps/none.png"}]
)
def test_a_map_that_is_none(given: Any, folder: Path) -> None:
    (folder.parent / "secret.png").write_bytes((folder / "maps" / "a.png").read_bytes())
    lines = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
    text = "".join(json.dumps({**line, "map": given}) + "\n" for line in lines)
    (folder / "rows.jsonl").write_text(text)
    found = embed(read_run(folder))
    assert {one.map for _, shown in found.images.values() for one in shown} == {""}


def test_they_are_drawn(folder: Path, chromium: Any) -> None:
    chromium.open(write_report(folder))
    pixel = (
        "(side, x) => [...document.getElementById(`${side}-canvas`).getContext('2d')"
        ".getImageData(x, 24, 1, 1).data].slice(0, 3)"
    )

    def at(side: str, x: int) -> list[int]:
        return list(chromium.run(f"({pixel})('{side}', {x})"))

    def choose(overlay: str) -> None:
        chromium.run("delete document.body.dataset.gallery")
        chromium.run(f"overlay.value = '{overlay}'; overlay.dispatchEvent(new Event('change'))")
        chromium.until("document.body.dataset.gallery")

    said = "document.getElementById('overlay-told').textContent"
    before = {(side, x): at(side, x) for side in ("left", "right") for x in (8, 56)}
    choose("mask")
    assert "what it leaves out is darkened" in chromium.run(said)
    for side in ("left", "right"):
        # Where the mask is 1 nothing changes; elsewhere 3 of 10 parts of the light stay.
        assert at(side, 56) == pytest.approx(before[side, 56], abs=3)
        assert at(side, 8) == pytest.approx([0.3 * v for v in before[side, 8]], abs=3)
    choose("map")
    words = chromium.run(said)
    assert "one: sent in the file" in words
    assert "two: computed by the encoder, not sent" in words
    for x, ink in ((8, (48, 18, 80)), (56, (250, 230, 60))):
        mixed = [(a + b) / 2 for a, b in zip(before["right", x], ink, strict=True)]
        assert at("right", x) == pytest.approx(mixed, abs=4)
    choose("difference")
    assert "amplified 5 times: dark violet is 0, yellow 51 of 255 and more" in chromium.run(said)
    original = np.asarray(Image.open(folder / "originals" / "a.png"))[24, 56].astype(int)
    apart = np.abs(np.array(before["right", 56]) - original).mean()
    assert apart > 51
    assert at("right", 56) == [250, 230, 60]
    assert chromium.errors == []
