"""Resizers in a file: sizes, identity, and the compressor's own pixels."""

from __future__ import annotations

import math
from typing import Any, get_args

import numpy as np
import pytest
from semcodec_seam import GradientEnergyFunction, HybridEnergyFunction, SemanticCompressor
from semcodec_seam.energies.hybrid import Hybrid
from semcodec_seam.methods import Method
from semcodec_seam.pictures import energy_of
from semcodec_seam.resizing import Resize

import semcodec
from semcodec import Image
from semcodec.contracts.context import Context
from semcodec.image.scaling import Filter, scaled
from semcodec.testing import TransformTests

METHODS = (*get_args(Method), *get_args(Filter))
SIZES = [(1, 1), (1, 40), (40, 1), (2, 2), (33, 47)]


def context(picture: Any, stage: Resize) -> Context:
    shape = Image.of(picture)
    blank = Context(image=shape, shape=shape, coded=shape)
    return Context(image=shape, shape=shape, coded=stage.layout(shape, {}, blank))


def coded(picture: Any, guides: Any = None, **given: Any) -> Any:
    stage = Resize(**given)
    return stage.forward(picture, guides or {}, context(picture, stage))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("channels", "dtype"), [(3, np.uint8), (1, np.uint16), (4, np.uint8)])
def test_every_size_is_met_and_restored(method: Any, size: Any, channels: int, dtype: Any) -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, np.iinfo(dtype).max, (*size, channels), dtype, endpoint=True)
    for ratio in (0.01, 0.4, 0.9):
        stage = Resize(ratio=ratio, method=method)
        ctx = context(picture, stage)
        small = stage.forward(picture, {}, ctx)
        sides = [max(1, int(side * math.sqrt(ratio))) for side in size]
        assert small.shape == (*sides, channels) == ctx.coded.shape
        assert small.dtype == dtype
        back = stage.inverse(small, {}, ctx)
        assert (back.shape, back.dtype) == (picture.shape, picture.dtype)


@pytest.mark.parametrize("method", METHODS)
def test_at_a_ratio_of_one_nothing_changes(scene: Any, method: Any) -> None:
    stage = Resize(ratio=1, method=method)
    ctx = context(scene, stage)
    small = stage.forward(scene, {}, ctx)
    assert np.array_equal(small, scene)
    assert np.array_equal(stage.inverse(small, {}, ctx), scene)


@pytest.mark.parametrize("method", get_args(Method))
@pytest.mark.parametrize("ratio", [0.8, 0.3])
def test_what_is_coded_is_what_the_compressor_makes(scene: Any, method: Any, ratio: float) -> None:
    given = {"scale": math.sqrt(ratio), "method": method}
    plain = SemanticCompressor(GradientEnergyFunction()).compress(scene, **given)
    assert np.array_equal(coded(scene, ratio=ratio, method=method), plain.image)
    mixed = SemanticCompressor(HybridEnergyFunction()).compress(scene, **given)
    energy = energy_of(Hybrid(), scene)
    guided = coded(scene, {"saliency": energy}, ratio=ratio, method=method)
    assert np.array_equal(guided, mixed.image)


def test_energy_at_the_port_decides_what_stays(scene: Any) -> None:
    energy = np.zeros(scene.shape[:2], np.float32)
    energy[:30, :45] = 1
    made = coded(scene, {"saliency": energy}, ratio=0.25, method="smart_crop")
    assert np.array_equal(made, scene[:30, :45])


@pytest.mark.parametrize("method", get_args(Filter))
def test_filters_scale(scene: Any, method: Any) -> None:
    made = coded(scene, ratio=0.25, method=method)
    assert np.array_equal(made, scaled(scene, 30, 45, method))


def spec(**given: Any) -> dict[str, Any]:
    stage = {"use": "seam.resize", "guides": {"saliency": "source.saliency"}, **given}
    return {
        "semcodec": 1,
        "name": "resized",
        "saliency": {"use": "spectral-residual"},
        "streams": {"image": {"stages": [stage, {"use": "pipeline", "of": "flat-dct"}]}},
        "wire": {"ratio": {"path": "image.stages.0.ratio", "min": 0.05, "max": 1, "levels": 96}},
    }


def test_the_method_is_the_encoders_and_the_ratio_is_sent(scene: Any) -> None:
    codecs = [semcodec.load(spec(method=method)) for method in METHODS]
    assert len({codec.digest for codec in codecs}) == 1
    files = [codec.encode(scene, settings={"ratio": 0.3}) for codec in codecs]
    assert len(set(files)) == len(METHODS)
    decoded = [codecs[0].decode(file) for file in files]
    assert {picture.shape for picture in decoded} == {scene.shape}
    errors = [float(np.mean((picture.astype(float) - scene) ** 2)) for picture in decoded]
    assert min(errors[:3]) > max(errors[3:])  # what is cut out is not where it was


class TestResize(TransformTests):
    component = Resize
    configurations = tuple({"method": method} for method in METHODS)
