"""explain and demo: what the figure and the page hold, and that the files decode as shown."""

from __future__ import annotations

import base64
import io
import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pil

import semcodec
from semcodec.demo import explain
from semcodec.demo.figure import Panel, compose, heat
from semcodec.demo.observe import observe
from semcodec.demo.run import CONTENDERS, central_ellipse
from semcodec.engine.trace import Trace

TESTS = Path(__file__).parents[1]
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def picture(tmp_path: Path) -> NDArray[np.uint8]:
    """A photograph, ``photo.png`` in the working folder, and ``mask.png``, its left half."""
    made = semcodec.read_image(TESTS.parent / "docs" / "pictures" / "chelsea.png")
    made = np.ascontiguousarray(made[80:150, 130:230])
    Pil.fromarray(made).save(tmp_path / "photo.png")
    Pil.fromarray(left_half()).save(tmp_path / "mask.png")
    return made


def left_half() -> NDArray[np.uint8]:
    mask = np.zeros((70, 100), dtype=np.uint8)
    mask[:, :40] = 255
    return mask


def titles(out: str) -> list[str]:
    return out.split(": ", 1)[1].split("; ")[0].split(", ")


@pytest.mark.usefixtures("picture")
def test_explains_one_step_for_all(command: Command) -> None:
    code, out, err = command(
        "explain", "photo.png", "-p", "flat-dct", "-o", "f.png", "--set", "step=8"
    )
    assert (code, err) == (0, "")
    assert titles(out) == [
        "original",
        "quantizer step",
        "bits per block",
        "reconstruction",
        "absolute error",
    ]
    assert Path("f.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.usefixtures("picture")
def test_explains_a_mask(command: Command) -> None:
    options = ("-p", "roi-dct", "-o", "f.png", "--input", "mask=mask.png", "--target-bytes", "1500")
    code, out, err = command("explain", "photo.png", *options)
    assert (code, err) == (0, "")
    assert titles(out)[1:4] == ["saliency", "decoded map (saliency)", "quantizer step"]
    assert 0 < int(out.split()[-3]) <= 1500


@pytest.mark.usefixtures("picture")
def test_a_codec_without_quantizer_shows_what_it_has(command: Command) -> None:
    pytest.importorskip("semcodec_anchors")
    code, out, err = command("explain", "photo.png", "-p", "jpeg", "-o", "f.png")
    assert (code, err) == (0, "")
    assert titles(out) == ["original", "reconstruction", "absolute error"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (("-o", "photo.png"), "input itself"),
        (("-o", "mask.png", "--input", "mask=mask.png"), "input itself"),
        (("-o", "nowhere/f.png"), "no folder"),
        (("-o", "f.png", "--set", "quality=3"), "no setting"),
        (("-o", "f.png", "--target-bpp", "1", "--target-bytes", "9"), "at most one"),
    ],
)
@pytest.mark.usefixtures("picture")
def test_explain_refuses(command: Command, more: tuple[str, ...], expected: str) -> None:
    before = Path("photo.png").read_bytes(), Path("mask.png").read_bytes()
    code, _, err = command("explain", "photo.png", "-p", "roi-dct", *more)
    assert code in (1, 2)
    assert expected in err
    assert (Path("photo.png").read_bytes(), Path("mask.png").read_bytes()) == before


def test_observing_changes_nothing_and_steps_follow_the_mask(picture: NDArray[np.uint8]) -> None:
    codec = semcodec.load("roi-dct")
    data = codec.encode(picture, inputs={"mask": left_half()}, settings={"beta": 3})
    found = observe(data)
    assert (found.picture == semcodec.decode(data)).all()
    assert found.quantized is not None
    steps = explain.step_map(found.quantized, (70, 100))
    assert steps is not None
    assert steps.shape == (70, 100)
    # A cell of 32 pixels is fine where the mask touches it: columns 0 to 63.
    assert (steps[:, :32] == steps.min()).all()
    assert (steps[:, 96:] == steps.max()).all()
    assert 3.5 < steps.max() / steps.min() < 4.5


def test_bits_are_those_of_the_luma_symbols(picture: NDArray[np.uint8]) -> None:
    found = observe(semcodec.load("flat-dct").encode(picture)).quantized
    assert found is not None
    bits = explain.block_bits(found)
    assert bits is not None
    assert bits.shape == (5, 7)
    block = [abs(int(q)) for q in found.symbols[9].ravel()]  # row 1, column 2
    assert bits[1, 2] == pytest.approx(sum(2 * np.log2(1 + q) + 1 for q in block if q))
    assert sum(1 for q in block if q) > 3


def test_gray_pictures_are_drawn_too(picture: NDArray[np.uint8]) -> None:
    gray = picture[..., :1]
    trace = Trace(keep=True)
    data = semcodec.load("flat-dct").encode(gray, trace=trace)
    drawn = explain.panels(gray, data, trace)
    assert [panel.title for panel in drawn if panel.picture is None] == ["quantizer step"]
    for panel in drawn:
        if panel.picture is None:
            continue
        assert panel.picture.shape == (70, 100, 3)
        assert panel.picture.dtype == np.uint8


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("carved-dct", False),  # its blocks lie on the carved picture
        ("skipped-dct", True),
        ("hyperprior", True),
        ("residual-layer", True),
        ("two-streams-and-a-seed", True),
        ("opaque-jpeg", False),
    ],
)
@pytest.mark.usefixtures("rehearsals")
def test_shows_what_there_is(name: str, drawn: bool, picture: NDArray[np.uint8]) -> None:
    trace = Trace(keep=True)
    data = semcodec.load(name).encode(picture, trace=trace)
    shown = {panel.title for panel in explain.panels(picture, data, trace)}
    assert {"original", "reconstruction", "absolute error"} <= shown
    assert ("bits per block" in shown) == drawn


def test_heat_spends_its_range_on_ratios_when_logarithmic() -> None:
    drawn = heat(np.array([[1.0, 4.0, 16.0]]), log=True)
    assert (drawn[0, 1] == [32, 140, 140]).all()  # the middle of the ramp
    assert (heat(np.full((2, 2), 3.0), log=True) == heat(np.zeros((2, 2)))).all()


@pytest.mark.parametrize(("size", "count"), [((40, 2000), 7), ((900, 3), 2), ((1, 1), 5)])
def test_panels_are_at_most_480_wide(size: tuple[int, int], count: int) -> None:
    panel = Panel("title", "words " * 40, np.full((*size, 3), 7, dtype=np.uint8))
    page = np.asarray(compose([panel] * count))
    row = (page == 7).all(axis=2).any(axis=0)
    runs = np.diff(np.flatnonzero(np.diff(np.concatenate([[0], row, [0]]))))[::2]
    assert len(runs) > 1
    assert all(width == min(480, size[1]) for width in runs)


def test_the_ellipse_is_in_the_middle() -> None:
    mask = central_ellipse(60, 90)
    assert (mask == mask[::-1, ::-1]).all()
    assert mask[30, 45]
    assert not mask[30, 10]
    assert mask.mean() == pytest.approx(np.pi / 16, abs=0.01)


def test_demo(picture: NDArray[np.uint8], command: Command) -> None:
    code, out, err = command("demo", "photo.png", "-o", "page.html", "--target-bpp", "1.6")
    assert (code, err) == (0, "")
    page = Path("page.html").read_text(encoding="utf-8")
    assert not re.search(r"https?://|url\(|<link|@import|src=\"(?!data:)", page)
    results = re.search(r"<table id=results>(.*?)</table>", page, re.DOTALL)
    assert results is not None
    assert results[1].count("<tr>") == 1 + len(CONTENDERS)
    for contender in CONTENDERS:
        assert contender.label in out
        assert f"<td>{contender.label}</td>" in results[1]
    for name in re.findall(r"pick\('(\w+)'\)", page):
        assert f"<select id={name}>" in page
        assert f"<img id={name}-picture " in page
    assert "<input id=cut " in page
    assert page.count("<img") == page.count("alt=")
    files = {path.name for path in Path("page-files").iterdir()}
    assert {"roi-dct.smc", "roi-dct.png", "flat-dct.smc", "flat-dct.png"} <= files
    shown = [
        np.asarray(Pil.open(io.BytesIO(base64.b64decode(text))))
        for text in re.findall(r'id=picture-\d+ [^>]*src="data:image/png;base64,([^"]+)"', page)
    ]
    assert (shown[0] == picture).all()
    coded = [path for path in map(Path("page-files").joinpath, files) if path.suffix == ".smc"]
    assert len(shown) == 1 + len(coded)
    for file in coded:
        data = file.read_bytes()
        assert len(data) <= 1400
        decoded = semcodec.decode(data)
        assert (semcodec.read_image(file.with_suffix(".png")) == decoded).all()
        assert any((decoded == image).all() for image in shown[1:])


@pytest.mark.usefixtures("picture")
def test_a_mask_is_what_psnr_inside_is_of(command: Command) -> None:
    code, out, _ = command("demo", "photo.png", "--mask", "mask.png")
    assert code == 0
    row = next(line for line in out.splitlines() if line.startswith("flat-dct  "))
    decoded = semcodec.read_image("semcodec-demo/flat-dct.png")[:, :40].astype(float)
    original = semcodec.read_image("photo.png")[:, :40]
    inside = 10 * np.log10(255**2 / np.square(decoded - original).mean())
    assert row.split()[4] == f"{inside:.2f}"
    assert Path("semcodec-demo/index.html").is_file()


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (("--mask", "photo.png"), "expected a gray mask"),
        (("--target-bpp", "0.001"), "no codec can code"),
        (("--target-bpp", "-1"), "positive"),
        (("-o", "photo.png/x"), "cannot make the folder"),
    ],
)
@pytest.mark.usefixtures("picture")
def test_demo_refuses(command: Command, more: tuple[str, ...], expected: str) -> None:
    code, _, err = command("demo", "photo.png", *more)
    assert code in (1, 2)
    assert expected in err


def test_demo_says_what_to_install(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skimage.data", None)
    code, _, err = command("demo")
    assert code == 1
    assert "pip install scikit-image" in err
