"""Carving over any codec, choosing between carving and not, and any width from one file."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import semcodec

Picture = NDArray[np.uint8]


@pytest.mark.parametrize(
    "inner",
    [
        "flat-dct",
        "guided-dct",
        "hyperprior",
        "opaque-jpeg",
        "residual-layer",
        "two-streams-and-a-seed",
    ],
)
def test_carving_takes_any_codec_inside(inner: str, picture: Picture) -> None:
    codec = semcodec.load("carved-dct", swap={"image.stages.1": {"use": "pipeline", "of": inner}})
    trace = semcodec.Trace(keep=True)
    decoded = semcodec.decode(codec.encode(picture), trace=trace)
    kept = np.flatnonzero(trace.values["geometry"][0] == 0)
    carved = trace.values[[ref for ref in trace.values if ref.startswith("image/")][-1]]
    output = trace.values.get("image/decoder", trace.values.get("image/image", carved))
    assert decoded.shape == picture.shape
    assert len(kept) == picture.shape[1] - int(picture.shape[1] * 0.25)
    assert np.array_equal(decoded[:, kept], output)


def test_nested_pipelines_are_part_of_the_identity(picture: Picture) -> None:
    over_dct, over_jpeg = semcodec.load("carved-dct"), semcodec.load("carved-jpeg")
    assert over_dct.digest != over_jpeg.digest
    by_hand = semcodec.load("carved-dct", set={"image.stages.1.of.quantizer.step": 24})
    assert by_hand.digest == over_dct.digest
    finer = semcodec.load(
        "carved-dct", swap={"image.stages.1.of.transform": {"use": "dct", "block": 16}}
    )
    assert finer.digest != over_dct.digest
    assert semcodec.decode(finer.encode(picture)).shape == picture.shape


def test_settings_inside_reach_the_outside(picture: Picture) -> None:
    codec = semcodec.load("carved-dct")
    sizes = [len(codec.encode(picture, settings={"image/step": step})) for step in (8, 24, 64)]
    assert sizes == sorted(sizes, reverse=True)
    data = codec.encode(picture, target_bytes=3000)
    assert len(data) <= 3000
    assert codec.settings(data)["image/step"] != codec.settings(codec.encode(picture))["image/step"]


def test_the_better_of_carving_and_not(picture: Picture) -> None:
    choice = semcodec.load(
        {
            "semcodec": 1,
            "name": "carve-or-not",
            "candidates": ["carved-dct", "flat-dct"],
            "choose": {"metric": "psnr"},
        }
    )
    trace = semcodec.Trace()
    data = choice.encode(picture, target_bytes=4000, trace=trace)
    assert trace.chosen == "flat-dct"
    assert data == semcodec.load("flat-dct").encode(picture, target_bytes=4000)
    narrow = np.repeat(picture[:, :1], picture.shape[1], axis=1)
    bytes_choice = semcodec.load(
        {"semcodec": 1, "candidates": ["flat-dct", "carved-dct"], "choose": {"metric": "bytes"}}
    )
    sizes = [len(semcodec.load(name).encode(narrow)) for name in ("flat-dct", "carved-dct")]
    assert len(bytes_choice.encode(narrow)) == min(sizes)


def test_one_file_at_any_width(picture: Picture) -> None:
    codec = semcodec.load("any-width")
    data = codec.encode(picture)
    width = picture.shape[1]
    full = semcodec.decode(data)
    assert full.shape == picture.shape
    narrowest = width - int(width * 0.25)
    for wanted, expected in [(0, width), (1, narrowest), (180, 180), (width + 5, width)]:
        shown = semcodec.decode(data, controls={"width": wanted})
        assert shown.shape == (picture.shape[0], expected, 3)
    with pytest.raises(semcodec.errors.SettingError, match="width"):
        semcodec.decode(data, controls={"width": -1})
