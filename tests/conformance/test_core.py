"""The conformance kit on every component and pipeline of the core."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from semcodec.contracts.values import Image
from semcodec.discovery import catalog
from semcodec.testing import (
    DatasetTests,
    EntropyCoderTests,
    EntropyModelTests,
    MetricTests,
    PipelineTests,
    QuantizerTests,
    SaliencySourceTests,
    TransformTests,
)

TESTS = Path(__file__).resolve().parents[1]
GOLDEN = TESTS / "golden"
CORPORA = Path(__file__).resolve().parent / "corpora"


class TestBlend(SaliencySourceTests):
    component = "blend"
    configurations = ({}, {"share": 0.25, "prior": {"use": "everywhere"}})


class TestCentre(SaliencySourceTests):
    component = "centre"
    configurations = ({}, {"width": 0.5})


class TestEverywhere(SaliencySourceTests):
    component = "everywhere"


class TestFrequencyTuned(SaliencySourceTests):
    component = "frequency-tuned"


class TestGradient(SaliencySourceTests):
    component = "gradient"


class TestMask(SaliencySourceTests):
    component = "mask"

    def inputs(self, image: Image) -> Mapping[str, Any]:
        mask = np.zeros((image.height, image.width), dtype=bool)
        mask[: image.height // 2 + 1] = True
        return {"mask": mask}


class TestMaskOtherwise(SaliencySourceTests):
    component = "mask"
    configurations = ({"otherwise": {"use": "centre"}},)


class TestMinimumBarrier(SaliencySourceTests):
    component = "minimum-barrier"
    configurations = ({}, {"background": False, "centre": 0.0})


class TestSpectralResidual(SaliencySourceTests):
    component = "spectral-residual"


class TestBlockMap(TransformTests):
    component = "block-map"
    configurations = ({}, {"block": 1, "levels": 16, "pool": "mean"})


class TestDct(TransformTests):
    component = "dct"
    configurations = (
        {},
        {"block": 16, "chroma_gain": 2, "deblock": True},
        {"block": 4, "chroma": "444"},
    )


class TestUtf8(TransformTests):
    component = "utf8"


class TestUniform(QuantizerTests):
    component = "uniform"
    configurations = ({}, {"step": 0.5, "rounding": 0.5})


RDO = (
    "with rdo a block's entries are weighed together; a model that codes them in one pass is meant"
)


class TestUniformRdo(QuantizerTests):
    component = "uniform"
    configurations = ({"rdo": 0.1},)
    expected_failures: ClassVar[Mapping[str, str]] = {"element-wise": RDO}


class TestSaliencyStepRdo(QuantizerTests):
    component = "saliency-step"
    configurations = ({"rdo": 0.1, "beta": 2.0},)
    expected_failures: ClassVar[Mapping[str, str]] = {"element-wise": RDO}


class TestSaliencyStep(QuantizerTests):
    component = "saliency-step"
    configurations = ({}, {"step": 3.0, "beta": 0.0}, {"beta": 64.0})


class TestByteContext(EntropyModelTests):
    component = "byte-context"
    configurations = ({}, {"prior": "captions"}, {"prior": "none"})


class TestDctContext(EntropyModelTests):
    component = "dct-context"


class TestLabelContext(EntropyModelTests):
    component = "label-context"


class TestLaplace(EntropyModelTests):
    component = "laplace"
    configurations = ({}, {"scale": 40.0})


class TestPlaneContext(EntropyModelTests):
    component = "plane-context"


class TestRange(EntropyCoderTests):
    component = "range"


class TestRans(EntropyCoderTests):
    component = "rans"
    configurations = ({}, {"lanes": 1}, {"lanes": 8})


class TestRaw(EntropyCoderTests):
    component = "raw"


class TestZstd(EntropyCoderTests):
    component = "zstd"
    configurations = ({"level": 3}, {"level": 19})


class TestMse(MetricTests):
    component = "mse"


class TestPsnr(MetricTests):
    component = "psnr"


class TestFolder(DatasetTests):
    component = "folder"
    configurations = ({"path": str(GOLDEN)},)


class TestAde20k(DatasetTests):
    component = "ade20k"
    configurations = ({"path": str(CORPORA / "ade20k")},)


class TestBsds500(DatasetTests):
    component = "bsds500"
    configurations = ({"path": str(CORPORA / "bsds500")},)


class TestCityscapes(DatasetTests):
    component = "cityscapes"
    configurations = ({"path": str(CORPORA / "cityscapes")},)


class TestClic(DatasetTests):
    component = "clic"
    configurations = ({"path": str(CORPORA / "clic")},)


class TestCocoStuff(DatasetTests):
    component = "coco-stuff"
    configurations = (
        {"path": str(CORPORA / "coco-stuff"), "labels": str(CORPORA / "coco-stuff" / "labels")},
    )


class TestKodak(DatasetTests):
    component = "kodak"
    configurations = (
        {"path": str(CORPORA / "kodak"), "verify": False},
    )  # none of Kodak is committed


class TestListing(DatasetTests):
    component = "listing"
    configurations = ({"path": str(CORPORA / "clic"), "list": "SHA256SUMS"},)


class TestSizes(DatasetTests):
    component = "sizes"
    configurations = ({"path": str(GOLDEN), "sizes": [8, 16]},)


class TestFlatDct(PipelineTests):
    pipeline = "flat-dct"
    golden = GOLDEN


class TestPlainDct(PipelineTests):
    pipeline = "plain-dct"
    golden = GOLDEN


class TestRoiDct(PipelineTests):
    pipeline = "roi-dct"
    golden = GOLDEN


def test_everything_of_the_core_is_here() -> None:
    [core] = [plugin for plugin in catalog().plugins if plugin.name == "semcodec"]
    classes = [value for value in globals().values() if getattr(value, "__test__", False)]
    named = {getattr(each, "component", None) or each.pipeline for each in classes}
    assert named == {*core.ids, *(each.name for each in core.pipelines)}
