"""What was coded once decodes for ever."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import semcodec

HERE = Path(__file__).parent
EXACT = {
    "any-width",
    "carved-dct",
    "carved-guided",
    "flat-dct",
    "plain-dct",
    "roi-dct",
    "gray-wire",
    "guided-dct",
    "objects",
    "skipped-dct",
}


@pytest.mark.usefixtures("rehearsals")
@pytest.mark.parametrize("path", sorted(HERE.glob("*.smc")), ids=lambda path: path.stem)
def test_decodes_as_it_did(path: Path) -> None:
    expected = semcodec.read_image(path.with_suffix(".png"))
    decoded = semcodec.decode(path.read_bytes())
    difference = np.abs(decoded.astype(int) - expected)
    assert difference.max() <= (0 if path.stem in EXACT else 2)


@pytest.mark.usefixtures("rehearsals")
def test_every_pipeline_that_ships_has_one() -> None:
    from semcodec.discovery import catalog

    assert set(catalog().pipelines()) <= {path.stem for path in HERE.glob("*.smc")}
