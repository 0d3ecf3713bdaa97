"""The conformance kit on the codecs, the resize stage and their pipelines."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from semcodec_anchors.files import Heic, Jpeg2000, JpegXl
from semcodec_anchors.needs import NEEDS
from semcodec_anchors.pillow import Avif, Jpeg, WebP
from semcodec_anchors.resize import Resize
from semcodec_anchors.video import Hevc, SvtAv1, Vvc

from semcodec.testing import PipelineTests, TransformTests

GOLDEN = Path(__file__).resolve().parents[3] / "tests" / "golden"
FFMPEG, LIBHEIF, JXL = (
    pytest.mark.skipif(find_spec(need.module) is None, reason=need.remedy) for need in NEEDS[:3]
)
PROCESS = {"no-side-effects": "it decodes by a process, ffmpeg's, through pipes"}


class TestJpeg(TransformTests):
    component = Jpeg
    configurations = ({}, {"quality": 20, "subsampling": "4:4:4", "progressive": False})


class TestWebP(TransformTests):
    component = WebP
    configurations = ({}, {"lossless": True})


class TestAvif(TransformTests):
    component = Avif
    configurations = ({"speed": 10},)


class TestJpeg2000(TransformTests):
    component = Jpeg2000
    configurations = ({}, {"ratio": 1.5})


@JXL
class TestJpegXl(TransformTests):
    component = JpegXl
    configurations = ({"effort": 3},)


@LIBHEIF
class TestHeic(TransformTests):
    component = Heic
    configurations = ({"preset": "fast"}, {"quality": 90, "subsampling": "4:4:4"})


@FFMPEG
class TestHevc(TransformTests):
    component = Hevc
    configurations = ({"preset": "fast"},)
    expected_failures = PROCESS


@FFMPEG
class TestSvtAv1(TransformTests):
    component = SvtAv1
    configurations = ({"preset": 10},)
    expected_failures = PROCESS


@FFMPEG
class TestVvc(TransformTests):
    component = Vvc
    configurations = ({"preset": "faster"},)
    expected_failures = PROCESS


class TestResize(TransformTests):
    component = Resize
    configurations = ({}, {"scale": 1.0}, {"scale": 0.1, "down": "area", "up": "bicubic"})


class TestJpegPipeline(PipelineTests):
    pipeline = "jpeg"
    golden = GOLDEN


class TestWebPPipeline(PipelineTests):
    pipeline = "webp"
    golden = GOLDEN


class TestAvifPipeline(PipelineTests):
    pipeline = "avif"
    golden = GOLDEN


class TestScaledJpegPipeline(PipelineTests):
    pipeline = "jpeg-scaled"
    golden = GOLDEN


class TestScaledWebPPipeline(PipelineTests):
    pipeline = "webp-scaled"
    golden = GOLDEN


class TestScaledAvifPipeline(PipelineTests):
    pipeline = "avif-scaled"
    golden = GOLDEN


class TestJpeg2000Pipeline(PipelineTests):
    pipeline = "jpeg2000"
    golden = GOLDEN


class TestScaledJpeg2000Pipeline(PipelineTests):
    pipeline = "jpeg2000-scaled"
    golden = GOLDEN


@JXL
class TestJpegXlPipeline(PipelineTests):
    pipeline = "jpeg-xl"
    golden = GOLDEN


@JXL
class TestScaledJpegXlPipeline(PipelineTests):
    pipeline = "jpeg-xl-scaled"
    golden = GOLDEN


@LIBHEIF
class TestHeicPipeline(PipelineTests):
    pipeline = "heic"
    golden = GOLDEN


@LIBHEIF
class TestScaledHeicPipeline(PipelineTests):
    pipeline = "heic-scaled"
    golden = GOLDEN


@FFMPEG
class TestHevcPipeline(PipelineTests):
    pipeline = "hevc"
    golden = GOLDEN
    expected_failures = PROCESS


@FFMPEG
class TestScaledHevcPipeline(PipelineTests):
    pipeline = "hevc-scaled"
    golden = GOLDEN
    expected_failures = PROCESS


@FFMPEG
class TestSvtAv1Pipeline(PipelineTests):
    pipeline = "svt-av1"
    golden = GOLDEN
    expected_failures = PROCESS


@FFMPEG
class TestScaledSvtAv1Pipeline(PipelineTests):
    pipeline = "svt-av1-scaled"
    golden = GOLDEN
    expected_failures = PROCESS


@FFMPEG
class TestVvcPipeline(PipelineTests):
    pipeline = "vvc"
    golden = GOLDEN
    expected_failures = PROCESS


@FFMPEG
class TestScaledVvcPipeline(PipelineTests):
    pipeline = "vvc-scaled"
    golden = GOLDEN
    expected_failures = PROCESS
