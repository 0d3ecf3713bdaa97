"""The conformance kit on the energies."""

from __future__ import annotations

from semcodec_seam.energies.forward import Forward
from semcodec_seam.energies.gradient import Gradient
from semcodec_seam.energies.hybrid import Hybrid

from semcodec.testing import SaliencySourceTests


class TestGradient(SaliencySourceTests):
    component = Gradient
    configurations = ({}, {"color": True})


class TestForward(SaliencySourceTests):
    component = Forward


class TestHybrid(SaliencySourceTests):
    component = Hybrid
    configurations = (
        {},
        {"adaptive": True},
        {"first": {"use": "centre"}, "weights": [1, 0, 3]},
    )
