"""The conformance kit on every metric; those that cannot run here are looked at and not run."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import semcodec_metrics
from semcodec_metrics.classical import (
    Dss,
    Fsim,
    Gmsd,
    HaarPsi,
    IwSsim,
    Mdsi,
    MsGmsd,
    PsnrB,
    SrSim,
    Vif,
    Vsi,
)
from semcodec_metrics.colour import Ciede2000, ColourMap, LabHistogram
from semcodec_metrics.edges import EdgeCorrelation
from semcodec_metrics.errors import BackgroundPsnr, PsnrY, RoiPsnr
from semcodec_metrics.grain import GrainedWasserstein
from semcodec_metrics.learned.cosine import FeatureCosine
from semcodec_metrics.learned.inception import Fid, Kid
from semcodec_metrics.learned.perceptual import Dists, FeatureMatching, Lpips
from semcodec_metrics.learned.semantic import ClipImage, ClipScore, SegmenterIou
from semcodec_metrics.learned.unreferenced import Musiq, Niqe
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


class TestGrainedWasserstein(OfSize):
    component = GrainedWasserstein
    configurations = ({"patches": 64, "slices": 8},)


class TestVmaf(OfSize):
    component = Vmaf
    least = 32


class TestXpsnr(OfSize):
    component = Xpsnr


class TestGmsd(OfSize):
    component = Gmsd


class TestMsGmsd(OfSize):
    component = MsGmsd
    least = 17


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


class Learned(OfSize):
    """On a random checkpoint, where what it takes to write one is installed."""

    least = 32

    def pictures(self, accepts: Any) -> list[Image]:
        side = self.least
        return [Image(side, side + 5), Image(side + 1, side, 2), Image(side, side, 3, 16)]

    @abstractmethod
    def given(self, checkpoints: Any) -> Any:
        """Give the configurations."""

    def pytest_generate_tests(self, metafunc: Any) -> None:
        # Absent weights are looked for in the caches only when all packages are there.
        lacking = self.component().missing()
        if "installed" not in lacking:
            type(self).configurations = self.given(metafunc.config.checkpoints)
        super().pytest_generate_tests(metafunc)


class TestLpips(Learned):
    component = Lpips

    def given(self, checkpoints: Any) -> Any:
        return (
            {"trunk": checkpoints.alexnet},
            {"net": "vgg", "trunk": checkpoints.vgg},
        )


class TestDists(Learned):
    component = Dists

    def given(self, checkpoints: Any) -> Any:
        return ({"trunk": checkpoints.vgg, "weights": checkpoints.dists},)


class TestFeatureCosine(Learned):
    component = FeatureCosine

    def given(self, checkpoints: Any) -> Any:
        return ({"trunk": checkpoints.vgg},)


class TestFeatureMatching(Learned):
    component = FeatureMatching

    def given(self, checkpoints: Any) -> Any:
        return ({"trunk": checkpoints.vgg},)


BLIND = {"metric-direction": "the reference takes no part, so a decode may be rated above it"}


class TestMusiq(Learned):
    component = Musiq
    expected_failures = BLIND

    def given(self, checkpoints: Any) -> Any:
        return ({"weights": checkpoints.musiq},)


class TestNiqe(Learned):
    component = Niqe
    least = 192
    expected_failures = BLIND

    def given(self, checkpoints: Any) -> Any:
        return ({"weights": checkpoints.niqe},)


class TestClipImage(Learned):
    component = ClipImage

    def given(self, checkpoints: Any) -> Any:
        return ({"model": checkpoints.clip},)


class TestClipScore(TestClipImage):
    component = ClipScore
    expected_failures = BLIND


class TestSegmenterIou(Learned):
    component = SegmenterIou

    def given(self, checkpoints: Any) -> Any:
        return ({"model": checkpoints.segmenter},)


# The kit asks a metric of sets for some ten numbers; one of 2049 patches takes 20 seconds.
# test_learned.py holds these two to the same laws on fewer features.
NOWHERE = {"weights": {"uri": "file:/nowhere/inception.pth", "sha256": "0" * 64}}


class TestFid(OfSize):
    component = Fid
    configurations = (NOWHERE,)


class TestKid(OfSize):
    component = Kid
    configurations = (NOWHERE,)


def test_every_metric_is_here() -> None:
    classes = [value for value in globals().values() if getattr(value, "__test__", False)]
    targets = {f"{each.component.__module__}:{each.component.__qualname__}" for each in classes}
    assert targets == {reference.target for reference in semcodec_metrics.semcodec_metrics()}
