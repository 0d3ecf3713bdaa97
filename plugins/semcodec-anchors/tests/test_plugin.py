"""What the plugin says of itself."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from importlib.resources import files

import pytest
import semcodec_anchors
import yaml

import semcodec
from semcodec.contracts.kinds import Transform
from semcodec.contracts.params import parameters
from semcodec.discovery import catalog
from semcodec.errors import TargetError


def test_every_reference_is_a_component():
    found = {}
    for reference in semcodec_anchors.semcodec_components():
        module, _, name = reference.target.partition(":")
        found[reference.id] = getattr(importlib.import_module(module), name)
    zoo = ["compressai", "compressai-vbr", "compressai-analysis"]
    names = [*semcodec_anchors.CODECS, *zoo, "resize"]
    inside = ["compressai-factorized", "compressai-hyper-analysis", "compressai-hyperprior"]
    assert sorted(found) == sorted(f"anchors.{name}" for name in (*names, *inside))
    pictures = [found[f"anchors.{name}"] for name in names]
    assert all(issubclass(cls, Transform) and cls.invertible() for cls in pictures)


PIPELINES = {entry.name: entry for entry in semcodec_anchors.semcodec_pipelines()}


def spec_of(name):
    entry = PIPELINES[name]
    spec = yaml.safe_load(files(entry.package).joinpath(entry.path).read_text("utf-8"))
    assert (spec["semcodec"], spec["name"]) == (1, name)
    return spec


def test_every_codec_has_a_pipeline_and_a_scaled_one():
    names = semcodec_anchors.CODECS
    scaled = [f"{name}-scaled" for name in names]
    assert sorted(PIPELINES) == sorted([*names, *scaled, *semcodec_anchors.ZOO])


@pytest.mark.parametrize("name", semcodec_anchors.CODECS)
def test_every_pipeline_names_a_component_and_its_own_parameters(name):
    spec = spec_of(name)
    targets = {r.id: r.target for r in semcodec_anchors.semcodec_components()}
    module, _, cls_name = targets[spec["transform"].pop("use")].partition(":")
    cls = getattr(importlib.import_module(module), cls_name)
    known = {p.name: p for p in parameters(cls)}
    assert spec["transform"].keys() <= known.keys()
    [setting] = spec["encode"].values()
    moved = known[setting["path"].removeprefix("transform.")]
    assert setting["bytes"] in ("increasing", "decreasing")
    low, high = (mark for mark in moved.annotation.__metadata__)
    assert low.ge <= setting["min"] < setting["max"] <= high.le
    if setting.get("scale") != "log":
        assert (low.ge, high.le) == (setting["min"], setting["max"])
        assert setting["levels"] == setting["max"] - setting["min"] + 1


@pytest.mark.parametrize("name", semcodec_anchors.CODECS)
def test_every_scaled_pipeline_nests_its_codec_and_sends_the_scale(name):
    spec = spec_of(f"{name}-scaled")
    resize, nested = spec["streams"]["image"]["stages"]
    assert nested == {"use": "pipeline", "of": name}
    values = spec["wire"]["scale"]["values"]
    assert values == sorted(values) == list(semcodec_anchors.SCALES)
    assert resize["scale"] in values
    assert set(inspect.signature(semcodec_anchors.best_of).parameters["scales"].default) < {*values}


def test_the_best_scale_is_never_worse_than_the_codec_alone(photo):
    picture = photo(96, 128, 3)
    best, alone = semcodec.load(semcodec_anchors.best_of("webp")), semcodec.load("webp")
    psnr = catalog().component("psnr", kind="metric")()
    for limit in (300, 1500):
        data = best.encode(picture, target_bytes=limit)
        assert len(data) <= limit
        plain = alone.encode(picture, target_bytes=limit)
        one, other = (psnr.compute(picture, semcodec.decode(d)) for d in (data, plain))
        assert one >= other


def test_below_the_floor_of_a_codec_a_smaller_picture_is_coded(photo):
    picture = photo(96, 128, 3)
    with pytest.raises(TargetError):
        semcodec.load("jpeg").encode(picture, target_bytes=700)
    trace = semcodec.Trace()
    best = semcodec.load(semcodec_anchors.best_of("jpeg"))
    data = best.encode(picture, target_bytes=700, trace=trace)
    assert trace.chosen == "jpeg-scaled"
    assert len(data) <= 700
    assert semcodec.decode(data).shape == picture.shape


def test_only_codecs_have_a_best():
    with pytest.raises(ValueError, match="jpeg2000"):
        semcodec_anchors.best_of("jpeg-scaled")


def test_listing_imports_neither_numpy_nor_pillow():
    code = (
        "import sys, semcodec_anchors as a; a.semcodec_components(); a.semcodec_pipelines();"
        "print(*sorted({m.partition('.')[0] for m in sys.modules} & {'numpy', 'PIL', 'yaml'}))"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout.split() == []
