"""What was coded once decodes for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

import semcodec
from semcodec.registry import Codec, load_register
from semcodec.wire import from_file, read_header

HERE = Path(__file__).parent
EXACT = {
    "any-width",
    "carved-dct",
    "carved-guided",
    "flat-dct",
    "plain-dct",
    "roi-dct",
    "gray-wire",
    "guided-dct",
    "hevc",
    "objects",
    "skipped-dct",
    "svt-av1",
    "vvc",
}
PINNED = {
    "any-width": "5aad0fdbad125755",
    "avif": "c19e5b33465ad219",
    "avif-scaled": "60d22d2fd32eaab0",
    "carved-avif": "9d6f0fe2a1524913",
    "carved-dct": "c49bcd7aa252dbda",
    "carved-guided": "5558c83f72bc6f5f",
    "carved-jpeg": "3047fe4152aff560",
    "columns-avif": "fcb29eeb1440a64d",
    "decoder-masks": "c77239cb62076a39",
    "flat-dct": "caa31170a8322bc3",
    "gray-wire": "02aa078be07fd4e6",
    "guided-dct": "538f7f029955a611",
    "heic": "ab817c78c426111d",
    "heic-scaled": "c1a47dec75cd8d91",
    "hevc": "0d5617991e8155a3",
    "hevc-scaled": "cf5e1f708fd79a7d",
    "hyperprior": "87e15c12f0ba855c",
    "jpeg": "b1a84bbf7e6ff03d",
    "jpeg-scaled": "c8dcc01b481be31c",
    "jpeg-xl": "abce23993554fb3b",
    "jpeg-xl-scaled": "d2a53a975a556cf0",
    "jpeg2000": "880be9b4431dca3e",
    "jpeg2000-scaled": "46e5e5c2ca58fd59",
    "objects": "712465192c26cbeb",
    "opaque-jpeg": "be63c517d1f7c3b5",
    "plain-dct": "dc01618ed769c4ba",
    "residual-layer": "f226669bd799f359",
    "roi-dct": "037661ccad7d3935",
    "seam-avif": "c19e5b33465ad219",
    "seam-crop": "eacac52815c5868f",
    "seam-exact": "242c9a09b95de2c6",
    "seam-insert": "db0688bb8902f15c",
    "seam-levels": "5dea2269db8c9d6c",
    "skipped-dct": "fc40dda8f2d5e79d",
    "svt-av1": "c75b400b4151cfaf",
    "svt-av1-scaled": "9a9a783300c2a828",
    "two-streams-and-a-seed": "7da985de51a2e56e",
    "vvc": "cdd00caeec1576e2",
    "vvc-scaled": "279cfa0aa86c8961",
    "webp": "70672f48cfeec09b",
    "webp-scaled": "d2218a2ee883664a",
}
"""First 16 digits of the SHA-256 of every file."""
OPTIONAL = {
    "heic": "pillow_heif",
    "hevc": "imageio_ffmpeg",
    "jpeg-xl": "pillow_jxl",
    "saic": "torch",
    "saic-flat": "torch",
    "saic-grounded": "torch",
    "seam-saic": "torch",
    "svt-av1": "imageio_ffmpeg",
    "vvc": "imageio_ffmpeg",
}
"""Packages that only an extra of the provider installs, by pipeline."""
AWAITED = {
    "bmshj2018-factorized",
    "bmshj2018-factorized-ms-ssim",
    "bmshj2018-hyperprior",
    "bmshj2018-hyperprior-ms-ssim",
    "bmshj2018-hyperprior-vbr",
    "cheng2020-anchor",
    "cheng2020-anchor-ms-ssim",
    "cheng2020-attn",
    "cheng2020-attn-ms-ssim",
    "mbt2018",
    "mbt2018-mean",
    "mbt2018-mean-ms-ssim",
    "mbt2018-mean-vbr",
    "mbt2018-ms-ssim",
    "mbt2018-vbr",
    "saic-cai",
}
"""Pipelines whose weights are somebody else's, and were not at hand to make a file with.

Nothing is added here but a pipeline of such weights; it may have no wire code while it stands here.
"""
TRAINED = {
    "saic": "c7c81087256c7658",
    "saic-flat": "765144c286ea09ce",
    "saic-grounded": "c7c81087256c7658",
    "seam-saic": "13ba7ecdda5a52db",
}
"""Likewise, of pipelines whose own weights may still be trained further.

A draft has no other weights than its newest, so with them its files are made anew: only while the
register calls it a draft. When it becomes permanent its hash moves up, and stays.
"""


@pytest.mark.usefixtures("rehearsals")
@pytest.mark.parametrize("path", sorted(HERE.glob("*.smc")), ids=lambda path: path.stem)
def test_decodes_as_it_did(path: Path) -> None:
    package = OPTIONAL.get(path.stem.removesuffix("-scaled"))
    if package:
        pytest.importorskip(package)
    expected = semcodec.read_image(path.with_suffix(".png"))
    decoded = semcodec.decode(path.read_bytes())
    difference = np.abs(decoded.astype(int) - expected)
    assert difference.max() <= (0 if path.stem in EXACT else 2)


def without_golden_file(shipped: Iterable[str], folder: Path) -> list[str]:
    """Shipped pipelines without a golden file, or whose file has no picture beside it."""
    return sorted(
        name
        for name in shipped
        if not ((folder / f"{name}.smc").is_file() and (folder / f"{name}.png").is_file())
    )


def shipped_here() -> dict[str, str]:
    """Pipelines of the register's available providers and of the rehearsals, and who ships them.

    Another plugin that happens to be installed beside them ships its golden files itself.
    """
    from semcodec.discovery import catalog

    available = [p for p in load_register().providers if p.status == "available"]
    ours = {"semcodec-rehearsal", *(p.distribution for p in available)}
    entries = [catalog().pipeline(name) for name in catalog().pipelines()]
    return {e.ref.name: e.distribution for e in entries if e.distribution in ours}


@pytest.mark.usefixtures("rehearsals")
def test_every_pipeline_that_ships_has_one() -> None:
    shipped = shipped_here()
    parts = ("", "-anchors", "-rehearsal", "-saic", "-seam")
    owners = {f"semcodec{part}" for part in parts}
    assert owners <= set(shipped.values())
    assert without_golden_file(set(shipped) - AWAITED, HERE) == []


@pytest.mark.usefixtures("rehearsals")
def test_what_awaits_its_file_ships_and_has_neither_file_nor_code() -> None:
    assert set(shipped_here()) >= AWAITED
    assert without_golden_file(AWAITED, HERE) == sorted(AWAITED)
    assert AWAITED.isdisjoint(codec.name for codec in load_register().codecs)


def test_a_pipeline_without_one_is_noticed(tmp_path: Path) -> None:
    for name in ("whole.smc", "whole.png", "half.smc"):
        (tmp_path / name).touch()
    assert without_golden_file(["whole", "half", "none"], tmp_path) == ["half", "none"]


@pytest.mark.usefixtures("rehearsals")
@pytest.mark.parametrize("codec", load_register().codecs, ids=lambda codec: codec.name)
def test_the_file_of_a_registered_pipeline_is_of_its_code(codec: Codec) -> None:
    """A file of the same name that carries a lock would prove nothing about the register."""
    header, _ = read_header(from_file((HERE / f"{codec.name}.smc").read_bytes()))
    assert header.code == codec.code
    assert bytes.fromhex(codec.digest).startswith(header.digest)


@pytest.mark.parametrize("name", sorted({**PINNED, **TRAINED}))
def test_a_file_that_was_promised_is_there_unchanged(name: str) -> None:
    """Of drafts, too, and of formats that newer ones have replaced."""
    data = (HERE / f"{name}.smc").read_bytes()
    assert hashlib.sha256(data).hexdigest()[:16] == {**PINNED, **TRAINED}[name]


def test_only_drafts_are_trained_further() -> None:
    codes = {codec.code: codec.status for codec in load_register().codecs}
    for name in TRAINED:
        header, _ = read_header(from_file((HERE / f"{name}.smc").read_bytes()))
        assert codes[header.code] == "draft"


def test_every_file_is_promised() -> None:
    """A new file is added to the list above with its hash; none is ever taken off."""
    assert {path.stem for path in HERE.glob("*.smc")} == {*PINNED, *TRAINED}
