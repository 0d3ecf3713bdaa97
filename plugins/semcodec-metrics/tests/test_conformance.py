"""The conformance kit on the metrics that need no weights."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from semcodec_metrics.classical import (
    Dss,
    Fsim,
    Gmsd,
    HaarPsi,
    IwSsim,
    Mdsi,
    PsnrB,
    SrSim,
    Vif,
    Vsi,
)
from semcodec_metrics.colour import Ciede2000, ColourMap, LabHistogram
from semcodec_metrics.edges import EdgeCorrelation
from semcodec_metrics.errors import BackgroundPsnr, PsnrY, RoiPsnr
from semcodec_metrics.structure import MsSsim, Ssim
from semcodec_metrics.video import Vmaf, Xpsnr
from semcodec_metrics.wasserstein import SlicedWasserstein

from semcodec import Image, Map
from semcodec.testing import MetricTests


class OfSize(MetricTests):
    """Pictures as small as the metric takes, of every form."""

    least: ClassVar[int] = 16

    def pictures(self, accepts: Any) -> list[Image]:
        side = self.least
        found = [Image(side, side), Image(side + 1, side + 4)]
        forms = ((1, 8), (2, 8), (4, 8), (1, 16), (3, 16))
        return found + [Image(side, side + 1, *form) for form in forms]

    def trials(self) -> Any:
        lacking = self.component().missing() if self.component is not None else ""
        if lacking:
            pytest.skip(lacking)
        return super().trials()


class TestPsnrY(MetricTests):
    component = PsnrY


class TestCiede2000(MetricTests):
    component = Ciede2000


class TestColourMap(MetricTests):
    component = ColourMap
    configurations = ({}, {"block": 4})


class TestLabHistogram(MetricTests):
    component = LabHistogram


class TestEdgeCorrelation(MetricTests):
    component = EdgeCorrelation


class Masked(MetricTests):
    def sample(self, description: Any, rng: Any) -> Any:
        found = super().sample(description, rng)
        if isinstance(description, Map):
            found[...] = 0
            found[:, : (found.shape[1] + 1) // 2] = self.inside
        return found

    inside: ClassVar[float] = 1.0


class TestRoiPsnr(Masked):
    component = RoiPsnr


class TestBackgroundPsnr(Masked):
    component = BackgroundPsnr
    inside = 0.25


class TestSsim(OfSize):
    component = Ssim
    least = 11


class TestMsSsim(OfSize):
    component = MsSsim
    least = 161


class TestSlicedWasserstein(OfSize):
    component = SlicedWasserstein
    configurations = ({"patches": 64, "slices": 8},)


class TestVmaf(OfSize):
    component = Vmaf
    least = 32


class TestXpsnr(OfSize):
    component = Xpsnr


class TestGmsd(OfSize):
    component = Gmsd


class TestHaarPsi(OfSize):
    component = HaarPsi


class TestVsi(OfSize):
    component = Vsi


class TestMdsi(OfSize):
    component = Mdsi


class TestFsim(OfSize):
    component = Fsim


class TestDss(OfSize):
    component = Dss
    least = 32


class TestIwSsim(OfSize):
    component = IwSsim
    least = 161


class TestVif(OfSize):
    component = Vif
    least = 41


class TestSrSim(OfSize):
    component = SrSim
    least = 41


class TestPsnrB(OfSize):
    component = PsnrB
