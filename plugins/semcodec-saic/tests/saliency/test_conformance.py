"""The conformance kit on the sources, with small random networks in the real formats."""

from __future__ import annotations

import runpy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from semcodec_saic.saliency.boxes import Boxes

from semcodec import Image
from semcodec.testing import SaliencySourceTests

TINY = runpy.run_path(str(Path(__file__).with_name("tiny.py")))


class Boxed(SaliencySourceTests):
    """A user who gives two boxes, the second over the border."""

    def inputs(self, image: Image) -> Mapping[str, Any]:
        rows = [[0, 0, 1, 1, 0.5], [image.width / 2, image.height / 2, image.width + 9, 1e4, 1.0]]
        return {"boxes": np.array(rows)}


class TestBoxes(Boxed):
    component = Boxes
    configurations = ({}, {"otherwise": {"use": "centre"}})


try:
    import torch

    torch.set_num_threads(1)
    import segment_anything  # noqa: F401
    import transformers  # noqa: F401
except ImportError as error:
    LACKING = f"{error.name} is not installed: pip install semcodec-saic[grounded]"
else:
    LACKING = ""


class Networks(SaliencySourceTests):
    """Components whose weights are made before the first test."""

    tiny: ClassVar[Sequence[Mapping[str, Any]]] = ()

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if LACKING:
            metafunc.parametrize(
                "trial", [pytest.param(None, marks=pytest.mark.skip(reason=LACKING))]
            )
        else:
            super().pytest_generate_tests(metafunc)

    @staticmethod
    def detector(**more: Any) -> dict[str, Any]:
        return {"weights": TINY["detector_weights"](), "box_threshold": 0.0, **more}


class TestGroundingDino(Networks):
    component = "saic.grounding-dino"

    def subjects(self) -> Any:
        self.configurations = (self.detector(), self.detector(prompt="A cat", weighted=False))
        return super().subjects()


class TestSam(Networks, Boxed):
    component = "saic.sam"

    def subjects(self) -> Any:
        self.configurations = (
            {"weights": TINY["segmenter_weights"]()},
            {"weights": TINY["checkpoint_weights"](), "chunk": 1},
        )
        return super().subjects()


class TestGroundedSam(Networks):
    component = "saic.grounded-sam"

    def subjects(self) -> Any:
        detector = {"use": "saic.grounding-dino", **self.detector()}
        hub, package = TINY["segmenter_weights"](), TINY["checkpoint_weights"]()
        self.configurations = (
            {"detector": detector, "segmenter": {"use": "saic.sam", "weights": hub}},
            {
                "detector": detector,
                "segmenter": {"use": "saic.sam", "weights": package},
                "dilate": 1,
                "uniform_above": 1.0,
            },
        )
        return super().subjects()
