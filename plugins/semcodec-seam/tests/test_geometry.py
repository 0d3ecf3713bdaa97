"""Geometries of a codec: records along either axis, levels, fills, seams of the decoder's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from semcodec_seam.energies.whole import whole_slopes
from semcodec_seam.geometry.carve import Carve
from semcodec_seam.geometry.fill import spread
from semcodec_seam.geometry.fit import Fit
from semcodec_seam.geometry.insert import Insert
from semcodec_seam.geometry.records import Columns, Levels, Seams
from semcodec_seam.geometry.relax import relaxed

import semcodec
from semcodec import Image, Map, Symbols
from semcodec.contracts.context import Context
from semcodec.errors import ContainerError, SettingError
from semcodec.testing import DecoderTests, PipelineTests, TransformTests

AVIF = pytest.mark.skipif(
    find_spec("semcodec_anchors") is None, reason="pip install semcodec-anchors"
)


def described(value: Any) -> Context:
    shape = Map(*value.shape)
    return Context(image=Image(*value.shape), shape=shape, coded=shape)


def random_record(height: int, width: int, seed: int, groups: int = 1) -> Any:
    """As many pixels of each group in every row, groups from 1."""
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(rng.integers(0, width), np.ones(groups) / groups)
    row = np.repeat(np.arange(groups + 1), [width - counts.sum(), *counts]).astype(np.int32)
    return np.stack([rng.permutation(row) for _ in range(height)])


@given(st.integers(1, 9), st.integers(1, 12), st.integers(0, 999))
@settings(max_examples=100, deadline=None)
def test_a_fill_that_keeps_edges_lies_between_what_is_known(h: int, w: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (h, w, 3)).astype(np.uint8)
    gone = random_record(h, w, seed) > 0
    made = relaxed(spread(picture[~gone].reshape(h, -1, 3), gone), gone)
    assert np.array_equal(made[~gone], picture[~gone])
    known = picture[~gone].reshape(-1, 3)
    assert (made >= known.min(axis=0)).all()
    assert (made <= known.max(axis=0)).all()


def test_sixteen_bits_are_filled_as_eight(scene: Any) -> None:
    gone = Seams(share=0.3).forward(whole_slopes(scene) / 5000, {}, described(scene[..., 0])) > 0
    carved = scene[~gone].reshape(60, -1, 3)
    eight = relaxed(spread(carved, gone), gone)
    wide = relaxed(spread(carved.astype(np.uint16) * 257, gone), gone)
    assert np.abs(wide / 257 - eight).max() <= 1


def test_on_a_photograph_edges_beat_lines(photograph: Any) -> None:
    energy = whole_slopes(photograph) / np.float32(5000)
    for stage in (Seams(share=0.2), Seams(share=0.05), Seams(share=0.1, rigidity=1.0)):
        record = stage.forward(energy, {}, described(energy))
        gone = np.broadcast_to(record > 0, energy.shape)
        lines = spread(photograph[~gone].reshape(len(gone), -1, 3), gone)
        errors = [
            float(np.mean((made.astype(float) - photograph) ** 2))
            for made in (lines, relaxed(lines, gone))
        ]
        assert errors[1] < errors[0]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_slopes_of_the_decoder_are_whole_and_those_of_the_luma(scene: Any, dtype: Any) -> None:
    most = np.iinfo(dtype).max
    picture = (scene.astype(np.int64) * (most // 255)).astype(dtype)
    made = whole_slopes(picture)
    assert np.array_equal(made, np.rint(made))
    luma = picture.astype(np.float64) @ [0.299, 0.587, 0.114] * 4080 / most
    around = np.pad(np.rint(luma), 1, mode="edge")
    beside = around[:-2] + 2 * around[1:-1] + around[2:]
    above = around[:, :-2] + 2 * around[:, 1:-1] + around[:, 2:]
    slopes = np.hypot(beside[:, 2:] - beside[:, :-2], above[2:] - above[:-2])
    # Where a luma is a half, floats may round it the other way.
    assert (np.abs(made - slopes) <= 0.51).mean() > 0.99
    assert np.abs(made - slopes).max() <= 8


@pytest.mark.parametrize("stage", [Seams, Columns, Levels])
def test_the_other_axis_is_the_picture_turned(stage: Any) -> None:
    energy = np.random.default_rng(5).random((40, 30)).astype(np.float32)
    turned = np.ascontiguousarray(energy.T)
    wide = stage(share=0.4).forward(energy, {}, described(energy))
    tall = stage(share=0.4, axis="height").forward(turned, {}, described(turned))
    assert np.array_equal(tall, wide if stage is Columns else wide.T)
    assert stage(axis="height").layout(Map(30, 40), {}, described(turned)).check(tall) == ""


@given(
    st.integers(1, 9), st.integers(1, 9), st.integers(0, 999), st.sampled_from(["lines", "edges"])
)
@settings(max_examples=60, deadline=None)
def test_carving_the_other_axis_is_carving_the_picture_turned(
    height: int, width: int, seed: int, fill: Any
) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 1)).astype(np.uint8)
    record = random_record(height, width, seed)
    turned, across = picture.transpose(1, 0, 2).copy(), record.T.copy()

    def through(value: Any, geometry: Any, axis: Any) -> tuple[Any, Any]:
        stage, guides = Carve(axis=axis, fill=fill), {"geometry": geometry}
        shape = Image.of(value)
        bare = Context(image=shape, shape=shape, coded=shape)
        ctx = Context(image=shape, shape=shape, coded=stage.layout(shape, guides, bare))
        made = stage.forward(value, guides, ctx)
        assert Image.of(made) == ctx.coded
        return made, stage.inverse(made, guides, ctx)

    for one, other in zip(
        through(picture, record, "width"), through(turned, across, "height"), strict=True
    ):
        assert np.array_equal(one.transpose(1, 0, 2), other)


@given(st.integers(1, 8), st.integers(1, 20), st.integers(0, 999), st.integers(1, 5))
@settings(max_examples=100, deadline=None)
def test_levels_say_of_seams_when_they_go(h: int, w: int, seed: int, levels: int) -> None:
    energy = np.random.default_rng(seed).random((h, w)).astype(np.float32)
    record = Levels(share=0.6, levels=levels).forward(energy, {}, described(energy))
    assert np.array_equal(record > 0, Seams(share=0.6).forward(energy, {}, described(energy)) > 0)
    total = int((record[0] > 0).sum())
    for level in range(1, levels + 1):
        # All that goes up to a level is what fewer seams take.
        count = int(((record[0] > 0) & (record[0] <= level)).sum())
        assert abs(count - total * level / levels) <= 1
        fewer = Seams(share=count / w).forward(energy, {}, described(energy))
        assert np.array_equal((record > 0) & (record <= level), fewer > 0)


def fitted(picture: Any, record: Any, size: int, axis: Any = "width") -> Any:
    stage, shape = Fit(size=size, axis=axis), Image.of(picture)
    bare = Context(image=shape, shape=shape, coded=shape)
    shapes = {"picture": shape, "geometry": Symbols(record.shape, low=0, high=9)}
    ctx = Context(image=shape, shape=stage.layout(shapes, bare), coded=shape)
    made = stage.decode({"picture": picture, "geometry": record}, ctx)
    assert Image.of(made) == ctx.shape
    return made


@given(st.integers(1, 6), st.integers(2, 14), st.integers(0, 999))
@settings(max_examples=80, deadline=None)
def test_a_smaller_picture_is_part_of_a_larger_one(h: int, w: int, seed: int) -> None:
    record = random_record(h, w, seed, groups=3)
    picture = np.arange(h * w, dtype=np.uint16).reshape(h, w, 1)
    least = int((record[0] == 0).sum())
    before = None
    for size in range(least, w + 1):
        made = fitted(picture, record, size)
        assert made.shape == (h, size, 1)
        rows = [set(row[:, 0].tolist()) for row in made]
        assert all(np.all(np.diff(row[:, 0].astype(int)) > 0) for row in made)
        assert before is None or all(a < b for a, b in zip(before, rows, strict=True))
        before = rows
        turned = fitted(picture.transpose(1, 0, 2), record.T, size, "height")
        assert np.array_equal(turned.transpose(1, 0, 2), made)
    assert np.array_equal(
        fitted(picture, record, least)[..., 0], picture[record == 0].reshape(h, -1)
    )
    assert np.array_equal(fitted(picture, record, 0), picture)
    for size in (w + 1, least - 1):
        if size:
            with pytest.raises(SettingError, match="expected a width of"):
                fitted(picture, record, size)


def test_a_record_of_uneven_groups_is_refused() -> None:
    picture, record = np.zeros((2, 4, 1), np.uint8), np.zeros((2, 4), np.int32)
    record[0, 1] = 1
    with pytest.raises(ContainerError, match="as many pixels of group 1"):
        fitted(picture, record, 3)
    with pytest.raises(ContainerError, match="a record of 2x4"):
        fitted(picture, record[:1], 4)


@pytest.mark.parametrize("size", [(1, 1), (1, 30), (30, 1), (33, 47)])
@pytest.mark.parametrize("axis", ["width", "height"])
def test_inserted_seams_restore_the_size(size: tuple[int, int], axis: Any) -> None:
    picture = np.random.default_rng(2).integers(0, 256, (*size, 3)).astype(np.uint8)
    codec = semcodec.load(
        {
            "semcodec": 1,
            "name": "inserted",
            "streams": {
                "image": {
                    "stages": [
                        {"use": "seam.insert", "share": 0.45, "axis": axis},
                        {"use": "pipeline", "of": "flat-dct"},
                    ]
                }
            },
        }
    )
    assert codec.decode(codec.encode(picture)).shape == picture.shape


@AVIF
def test_inserting_costs_no_bytes_for_places(scene: Any) -> None:
    trace = semcodec.Trace()
    data = semcodec.load("seam-insert").encode(scene, settings={"share": 0.3}, trace=trace)
    assert set(trace.sections) == {"header", "image/image"}
    assert semcodec.decode(data).shape == scene.shape


@AVIF
def test_one_file_has_every_width_of_a_range(scene: Any) -> None:
    data = semcodec.load("seam-levels").encode(scene, settings={"share": 0.4})
    assert semcodec.decode(data).shape == scene.shape
    for width in (54, 61, 89):
        assert semcodec.decode(data, controls={"width": width}).shape == (60, width, 3)
    with pytest.raises(SettingError, match="width of 54 to 90"):
        semcodec.decode(data, controls={"width": 53})


@AVIF
@pytest.mark.parametrize("target", [900, 2500])
def test_the_automatic_choice_is_named_and_never_worse(scene: Any, target: int) -> None:
    choice, trace = semcodec.load("seam-avif"), semcodec.Trace()
    data = choice.encode(scene, target_bytes=target, trace=trace)
    assert len(data) <= target
    assert trace.chosen in {codec.name for codec in choice.candidates}

    def error(made: Any) -> float:
        return float(np.mean((semcodec.decode(made).astype(float) - scene) ** 2))

    assert error(data) <= error(semcodec.load("avif").encode(scene, target_bytes=target))


@AVIF
def test_candidates_need_no_code_of_their_own() -> None:
    """A private codec's file would carry its lock of some hundred bytes."""
    assert all(codec.code is not None for codec in semcodec.load("seam-avif").candidates)


_IDEAL = """
import json, math, sys
import numpy as np
from semcodec.coding import adaptive, labels
from semcodec.coding.rangecoder import RANGE
import semcodec

spent = 0.0
split = adaptive.split

def counted(state, buffer, bound, bit):
    global spent
    chance = int(bound) / (int(state[RANGE]) >> 16) / 65536
    spent -= math.log2(chance if bit else 1 - chance)
    return split(state, buffer, bound, bit)

adaptive.split = counted
made = labels.labels_model
# Machine code multiplies in 64 bits, NumPy in those of the array.
labels.labels_model = lambda levels: adaptive.Model(*(a.astype(np.int64) for a in made(levels)))
picture = np.load(sys.argv[1])
trace = semcodec.Trace()
semcodec.load(json.loads(sys.argv[2])).encode(picture, trace=trace)
print(json.dumps([trace.sections["geometry"], spent / 8]))
"""


def test_a_record_takes_what_its_model_says(photograph: Any, tmp_path: Any) -> None:
    np.save(tmp_path / "picture.npy", photograph[60:220, 100:340])
    spec = {
        "semcodec": 1,
        "name": "record",
        "saliency": {"use": "seam.gradient"},
        "streams": {
            "geometry": {
                "from": "saliency",
                "stages": [{"use": "seam.seams", "share": 0.2}],
                "model": {"use": "label-context"},
                "coder": {"use": "range"},
            },
            "image": {
                "stages": [
                    {"use": "seam.carve", "guides": {"geometry": "geometry"}},
                    {"use": "dct"},
                    {"use": "uniform", "step": 64},
                ],
                "model": {"use": "laplace"},
                "coder": {"use": "rans"},
            },
        },
    }
    # Without machine code every decision can be watched.
    run = subprocess.run(
        [sys.executable, "-c", _IDEAL, str(tmp_path / "picture.npy"), json.dumps(spec)],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    spent, ideal = json.loads(run.stdout)
    assert ideal > 500
    assert spent <= 1.03 * ideal


class TestLevels(TransformTests):
    component = Levels
    configurations = ({}, {"levels": 3, "rigidity": 1.0, "edges": 1.0})


class TestInsert(TransformTests):
    component = Insert
    configurations = ({}, {"share": 0.4, "axis": "height"})


class TestFit(DecoderTests):
    component = Fit

    def describe(self, port: str, kind: Any, image: Image) -> Any:
        if port == "geometry":
            return Symbols((image.height, image.width), low=0, high=3)
        return super().describe(port, kind, image)

    def sample(self, description: Any, rng: np.random.Generator) -> Any:
        if isinstance(description, Symbols):
            return random_record(*description.shape, int(rng.integers(1000)), groups=3)
        return super().sample(description, rng)


GOLDEN = Path(__file__).resolve().parents[3] / "tests" / "golden"


@AVIF
class TestSeamExactPipeline(PipelineTests):
    pipeline = "seam-exact"
    golden = GOLDEN


@AVIF
class TestSeamInsertPipeline(PipelineTests):
    pipeline = "seam-insert"
    golden = GOLDEN


@AVIF
class TestSeamLevelsPipeline(PipelineTests):
    pipeline = "seam-levels"
    golden = GOLDEN


@AVIF
class TestSeamCropPipeline(PipelineTests):
    pipeline = "seam-crop"
    golden = GOLDEN


@AVIF
class TestCarvedAvifPipeline(PipelineTests):
    pipeline = "carved-avif"
    golden = GOLDEN


@AVIF
class TestColumnsAvifPipeline(PipelineTests):
    pipeline = "columns-avif"
    golden = GOLDEN


@pytest.mark.skipif(
    find_spec("torch") is None or find_spec("semcodec_saic") is None,
    reason="pip install semcodec-saic",
)
class TestSeamSaicPipeline(PipelineTests):
    pipeline = "seam-saic"
    golden = GOLDEN
