"""A plugin without a fault fails nothing, whatever its kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from semcodec.contracts.values import Image, Latent
from semcodec.testing import (
    DatasetTests,
    DecoderTests,
    EntropyCoderTests,
    EntropyModelTests,
    MetricTests,
    PipelineTests,
    QuantizerTests,
    SaliencySourceTests,
    TransformTests,
    examine,
)


class OfPictures(QuantizerTests):
    """A quantizer whose latent has the picture's shape, where its guide lies."""

    def shapes(self, component: Any, image: Image) -> list[Latent]:
        return [Latent(image.shape)]


KINDS: dict[str, Any] = {
    "sound.edges": SaliencySourceTests,
    "sound.calm": TransformTests,
    "sound.centred": TransformTests,
    "sound.careful": OfPictures,
    "sound.rows": EntropyModelTests,
    "sound.plain": EntropyCoderTests,
    "sound.grain": DecoderTests,
    "sound.masked-error": MetricTests,
    "sound.max-error": MetricTests,
    "sound.means": MetricTests,
    "sound.ramps": DatasetTests,
    "sound": PipelineTests,
}


@pytest.mark.parametrize("name", KINDS)
def test_it_fails_nothing(name: str, install: Callable[[str], Path]) -> None:
    install("sound")
    base = KINDS[name]
    attribute = "pipeline" if base is PipelineTests else "component"
    rows = list(examine(type("TestSound", (base,), {attribute: name})))
    assert [row for row in rows if row.outcome == "failed"] == []
    assert sum(row.outcome == "passed" for row in rows) > len(rows) / 2
    # What is skipped says why, and is no consequence of another check's finding.
    assert not [row for row in rows if row.reason.startswith("see ")]


def test_every_kind_is_here() -> None:
    from semcodec.testing.check import COMPONENTS, PIPELINE

    assert {base.kind for base in KINDS.values()} == {*COMPONENTS, PIPELINE}
