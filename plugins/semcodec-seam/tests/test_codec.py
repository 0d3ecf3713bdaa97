"""Seams in a file: over any codec, at the picture's own size."""

from __future__ import annotations

import io
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from semcodec_seam.geometry.carve import Carve, Crop
from semcodec_seam.geometry.fill import extended, spread
from semcodec_seam.geometry.records import Columns, Seams, Window

import semcodec
from semcodec import Image, Map
from semcodec.contracts.context import Context
from semcodec.errors import ContainerError, SettingError
from semcodec.testing import TransformTests

AVIF = pytest.mark.skipif(
    find_spec("semcodec_anchors") is None, reason="pip install semcodec-anchors"
)

CHOICE: dict[str, Any] = {
    "semcodec": 1,
    "name": "seams-or-not",
    "candidates": ["avif", "carved-avif", "columns-avif"],
    "choose": {"metric": "psnr"},
}
"""The choice of docs/seam.md."""


def context(picture: Any, coded: Any = None) -> Context:
    shape = Image.of(picture)
    return Context(image=shape, shape=shape, coded=coded or shape)


def records(height: int, width: int, seed: int) -> Any:
    """Masks with as many pixels in every row."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(0, width))
    ranks = rng.random((height, width)).argsort(axis=1)
    return (ranks < count).astype(np.int32)


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 999), st.sampled_from([1, 3]))
@settings(max_examples=200, deadline=None)
def test_what_stays_comes_back_and_the_rest_lies_between(
    height: int, width: int, seed: int, channels: int
) -> None:
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (height, width, channels)).astype(np.uint8)
    gone = records(height, width, seed) > 0
    carved = picture[~gone].reshape(height, -1, channels)
    back = spread(carved, gone)
    assert back.shape == picture.shape
    assert np.array_equal(back[~gone], picture[~gone])
    for y, x in np.argwhere(gone):
        stays = np.flatnonzero(~gone[y])
        left, right = stays[stays < x][-1:], stays[stays > x][:1]
        near = [int(each[0]) for each in (left, right) if each.size]
        if len(near) == 1:
            expected: Any = picture[y, near[0]]
        else:
            a, b = x - near[0], near[1] - x
            one, other = (picture[y, each].astype(int) for each in near)
            expected = (one * b + other * a + (a + b) // 2) // (a + b)
        assert np.array_equal(back[y, x], expected)


def test_a_slope_is_filled_exactly() -> None:
    slope = np.broadcast_to(np.arange(0, 90, 3, dtype=np.uint8)[None, :, None], (4, 30, 1))
    gone = np.zeros((4, 30), bool)
    gone[:, 5:9] = gone[:, 20] = True
    assert np.array_equal(spread(slope[~gone].reshape(4, -1, 1), gone), slope)


def test_a_window_is_put_back_with_its_border_repeated() -> None:
    rows, columns = np.array([1, 0, 0, 1]) > 0, np.array([1, 1, 0]) > 0
    made = extended(np.array([[[1]], [[2]]], np.uint8), rows, columns)
    assert made[..., 0].tolist() == [[1, 1, 1], [1, 1, 1], [2, 2, 2], [2, 2, 2]]


@pytest.mark.parametrize("stage", [Seams(share=0.3), Columns(share=0.3)])
def test_a_record_takes_the_share_from_every_row(scene: Any, stage: Any) -> None:
    energy = np.random.default_rng(0).random((60, 90)).astype(np.float32)
    ctx = Context(image=Image(60, 90), shape=Map(60, 90), coded=Map(60, 90))
    record = stage.forward(energy, {}, ctx)
    assert stage.layout(Map(60, 90), {}, ctx).check(record) == ""
    assert (record.sum(axis=1) == 27).all()


def test_columns_keep_apart_while_they_can() -> None:
    energy = np.zeros((2, 12), np.float32)
    ctx = Context(image=Image(2, 12), shape=Map(2, 12), coded=Map(2, 12))
    few = Columns(share=0.4).forward(energy, {}, ctx)[0]
    assert few.sum() == 5
    assert not (few[1:] & few[:-1]).any()
    assert Columns(share=0.75).forward(energy, {}, ctx).sum() == 9


def test_edges_need_the_picture(scene: Any) -> None:
    energy = np.zeros((60, 90), np.float32)
    ctx = Context(image=Image(60, 90), shape=Map(60, 90), coded=Map(60, 90))
    seen = Seams(edges=1.0).forward(energy, {"image": scene}, ctx)
    assert not np.array_equal(Seams().forward(energy, {}, ctx), seen)
    with pytest.raises(SettingError, match="port 'image' is not connected"):
        Seams(edges=1.0).forward(energy, {}, ctx)


@pytest.mark.parametrize(
    ("stage", "record"),
    [
        (Carve(), np.zeros((3, 5), np.int32)),
        (Carve(), np.ones((1, 6), np.int32)),
        (Carve(), np.eye(4, 6, dtype=np.int32) * np.array([[1], [1], [1], [0]], np.int32)),
        (Crop(), np.zeros((1, 9), np.int32)),
        (Crop(), np.ones((1, 10), np.int32)),
        (Crop(), np.array([[0, 1, 0, 0, 0, 0, 0, 0, 0, 0]], np.int32)),
    ],
)
def test_records_of_no_picture_are_refused(stage: Any, record: Any) -> None:
    picture = np.zeros((4, 6, 3), np.uint8)
    guides, ctx = {"geometry": record}, context(picture)
    with pytest.raises(ContainerError, match="expected a record"):
        stage.layout(Image.of(picture), guides, replace(ctx, side="decode"))


def test_axes_that_differ_are_the_specs_fault(scene: Any) -> None:
    form = semcodec.load("flat-dct").pipeline.form
    spec: dict[str, Any] = {
        "semcodec": 1,
        "name": "askew",
        "saliency": {"use": "seam.gradient"},
        "streams": {
            "geometry": {
                "from": "saliency",
                "stages": [{"use": "seam.seams", "share": 0.4, "axis": "height"}],
                "model": {"use": "label-context"},
                "coder": {"use": "range"},
            },
            "image": {
                "stages": [
                    {"use": "seam.carve", "guides": {"geometry": "geometry"}},
                    {"use": "pipeline", "of": dict(form)},
                ]
            },
        },
    }
    with pytest.raises(SettingError, match="along the width") as caught:
        semcodec.load(spec).encode(scene)
    assert "same 'axis'" in str(caught.value)
    assert semcodec.load(spec, set={"image.stages.0.axis": "height"}).encode(scene)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (33, 47)])
def test_over_a_codec_of_the_core_the_size_is_exact(size: tuple[int, int]) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (*size, 3)).astype(np.uint8)
    for name in ("seam.seams", "seam.columns"):
        codec = semcodec.load(
            {
                "semcodec": 1,
                "name": "carved",
                "saliency": {"use": "seam.gradient"},
                "streams": {
                    "geometry": {
                        "from": "saliency",
                        "stages": [{"use": name, "share": 0.4}],
                        "model": {"use": "label-context"},
                        "coder": {"use": "range"},
                    },
                    "image": {
                        "stages": [
                            {"use": "seam.carve", "guides": {"geometry": "geometry"}},
                            {"use": "pipeline", "of": "flat-dct"},
                        ]
                    },
                },
            }
        )
        assert codec.decode(codec.encode(picture)).shape == picture.shape


@AVIF
@pytest.mark.parametrize("name", ["carved-avif", "columns-avif", "seam-crop", CHOICE])
def test_a_target_is_met_and_the_size_restored(scene: Any, name: Any) -> None:
    data = semcodec.load(name).encode(scene, target_bytes=2000)
    assert len(data) <= 2000
    assert semcodec.decode(data).shape == scene.shape


@AVIF
@pytest.mark.parametrize("target", [1200, 3000])
def test_the_choice_is_never_worse_than_avif(scene: Any, target: int) -> None:
    def error(name: Any) -> float:
        made = semcodec.decode(semcodec.load(name).encode(scene, target_bytes=target))
        return float(np.mean((made.astype(float) - scene) ** 2))

    assert error(CHOICE) <= error("avif")


def geometry(name: str, picture: Any) -> tuple[Any, int]:
    """The record of a picture at a share of 0.2, and how many bytes it takes."""
    trace = semcodec.Trace(keep=True)
    semcodec.load(name).encode(picture, trace=trace, settings={"share": 0.2})
    return trace.values["geometry"], int(trace.sections["geometry"])


@AVIF
def test_geometry_takes_few_bytes() -> None:
    y, x = np.mgrid[:512, :768]
    waves = 128 + 60 * np.sin(x / 31 + y / 47) + 40 * ((x - 300) ** 2 + (y - 200) ** 2 < 9000)
    noise = np.random.default_rng(3).normal(0, 4, (512, 768, 3))
    picture = np.clip(waves[..., None] + noise, 0, 255).astype(np.uint8)
    record, spent = geometry("columns-avif", picture)
    assert record.sum() == 154
    assert spent <= 100
    record, spent = geometry("carved-avif", picture)
    assert (record.sum(axis=1) == 154).all()
    buffer = io.BytesIO()
    mask = Pillow.fromarray((record * 255).astype(np.uint8))
    mask.save(buffer, "WEBP", lossless=True, quality=100, method=6)
    assert spent < len(buffer.getvalue())


class Recorded(TransformTests):
    """A record at the port that the component can use."""

    def describe(self, port: str, kind: Any, image: Image) -> Any:
        stage: Any = Window() if self.component is Crop else Seams()
        shape = Map(image.height, image.width)
        ctx = Context(image=image, shape=shape, coded=shape)
        return stage.layout(shape, {}, ctx)

    def sample(self, description: Any, rng: np.random.Generator) -> Any:
        if getattr(description, "high", None) != 1:
            return super().sample(description, rng)
        rows, columns = description.shape
        if self.component is Crop:
            return np.zeros((rows, columns), np.int32)
        return records(rows, columns, int(rng.integers(1000)))


class TestCarve(Recorded):
    component = Carve


class TestCrop(Recorded):
    component = Crop


class TestSeams(TransformTests):
    component = Seams
    configurations = ({}, {"share": 0.5, "rigidity": 1.0, "edges": 1.0})


class TestColumns(TransformTests):
    component = Columns
    configurations = ({}, {"share": 0.5, "apart": 0})


class TestWindow(TransformTests):
    component = Window
