"""The conformance kit: base test classes that hold a plugin against the contracts.

    from semcodec.testing import PipelineTests, QuantizerTests
    from semcodec_acme.quantizer import DeadZone

    class TestDeadZone(QuantizerTests):
        component = DeadZone
        configurations = ({}, {"step": 0.5})

    class TestAcmeDct(PipelineTests):
        pipeline = "acme-dct"

Every check of every configuration is a test of its own. ``docs/conformance.md`` lists the checks
and says how to read their outcome. Nothing else in semcodec imports this package.
"""

from __future__ import annotations

try:
    # Asked for now, so that the answer is one error.
    import hypothesis  # noqa: F401
    import pytest  # noqa: F401
except ImportError as error:
    raise ImportError(
        f'semcodec.testing needs {error.name}: pip install "semcodec[testing]"'
    ) from None

from semcodec.testing.bases import (
    DatasetTests,
    DecoderTests,
    EntropyCoderTests,
    EntropyModelTests,
    MetricTests,
    PipelineTests,
    QuantizerTests,
    SaliencySourceTests,
    TransformTests,
)
from semcodec.testing.check import Check, Fault, NotApplicable
from semcodec.testing.examine import Row, examine
from semcodec.testing.register import all_checks

__all__ = [
    "Check",
    "DatasetTests",
    "DecoderTests",
    "EntropyCoderTests",
    "EntropyModelTests",
    "Fault",
    "MetricTests",
    "NotApplicable",
    "PipelineTests",
    "QuantizerTests",
    "Row",
    "SaliencySourceTests",
    "TransformTests",
    "all_checks",
    "examine",
]
