"""The conformance kit on the codec's own components, with the weights that ship."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from semcodec_saic.hyper import HyperAnalysis
from semcodec_saic.quantizer import SaliencyGain
from semcodec_saic.transforms import Analysis

import semcodec
from semcodec import Latent
from semcodec.testing import PipelineTests, QuantizerTests, TransformTests

pytest.importorskip("safetensors", reason="pip install semcodec-torch")
TORCH = pytest.mark.skipif(find_spec("torch") is None, reason="pip install semcodec-torch")


def shipped(stage: str) -> dict[str, Any]:
    """Give the parameters that a stage has in the pipeline that ships."""
    component = semcodec.load("saic-flat").pipeline.places[stage].component
    names = ("trunk", "blocks", "latent", "hyper")
    weights = {"uri": component.weights.uri, "sha256": component.weights.sha256}
    return {"weights": weights, **{name: getattr(component, name) for name in names}}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    torch = pytest.importorskip("torch") if find_spec("torch") else None
    before = torch.get_num_threads() if torch else 0
    if torch:
        torch.set_num_threads(1)
    yield
    if torch:
        torch.set_num_threads(before)


@TORCH
class TestAnalysis(TransformTests):
    component = Analysis
    configurations = (shipped("image.stages.0"),)


@TORCH
class TestHyperAnalysis(TransformTests):
    component = HyperAnalysis
    configurations = (shipped("image.stages.0"),)

    def shapes(self, component: Any, image: Any) -> Any:
        rows, columns = (-(-side // 64) * 4 for side in (image.height, image.width))
        return [Latent((component.latent, rows, columns))]


class TestSaliencyGain(QuantizerTests):
    component = SaliencyGain
    configurations = (
        {},
        {"step": 4.0, "beta": 3.0},
        {"step": 0.5, "beta": 8.0, "rounding": 0.4},
    )

    def shapes(self, component: Any, image: Any) -> Any:
        return [Latent((3, -(-image.height // 16), -(-image.width // 16)))]

    def sample(self, description: Any, rng: np.random.Generator) -> Any:
        if isinstance(description, Latent):
            return rng.laplace(0, 9, description.shape).astype(np.float32)
        return super().sample(description, rng)


GOLDEN = Path(__file__).resolve().parents[3] / "tests" / "golden"


@TORCH
class TestSaicPipeline(PipelineTests):
    pipeline = "saic"
    golden = GOLDEN


@TORCH
class TestSaicFlatPipeline(PipelineTests):
    pipeline = "saic-flat"
    golden = GOLDEN
