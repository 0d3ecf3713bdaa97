"""The conformance kit on the three codecs and their pipelines."""

from __future__ import annotations

from pathlib import Path

from semcodec_anchors.pillow import Avif, Jpeg, WebP

from semcodec.testing import PipelineTests, TransformTests

GOLDEN = Path(__file__).resolve().parents[3] / "tests" / "golden"


class TestJpeg(TransformTests):
    component = Jpeg
    configurations = ({}, {"quality": 20, "subsampling": "4:4:4", "progressive": False})


class TestWebP(TransformTests):
    component = WebP
    configurations = ({}, {"lossless": True})


class TestAvif(TransformTests):
    component = Avif
    configurations = ({"speed": 10},)


class TestJpegPipeline(PipelineTests):
    pipeline = "jpeg"
    golden = GOLDEN


class TestWebPPipeline(PipelineTests):
    pipeline = "webp"
    golden = GOLDEN


class TestAvifPipeline(PipelineTests):
    pipeline = "avif"
    golden = GOLDEN
