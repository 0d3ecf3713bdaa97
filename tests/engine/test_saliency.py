"""What the engine says of a saliency source that breaks its contract."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import semcodec
from semcodec.errors import PluginBroken

NAN = np.full((8, 8), np.nan, np.float32)


class Broken(semcodec.SaliencySource):
    """Gives whatever it is told to."""

    made: Any = None

    def saliency(self, image: Any, guides: Any, ctx: Any) -> Any:
        if isinstance(self.made, Exception):
            raise self.made
        return self.made


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (NAN, r"saliency broke its contract: expected values in \[0, 1\], got \[nan, nan\]"),
        (NAN.astype(np.float64), r"got \[nan, nan\]"),
        (np.full((8, 8), np.inf, np.float32), r"got \[inf, inf\]"),
        (np.full((8, 8), -0.01, np.float32), r"got \[-0.01, -0.01\]"),
        (np.full((8, 8), 255.0, np.float32), r"got \[255, 255\]"),
        (np.zeros((8, 9), np.float32), r"expected shape \(8, 8\), got \(8, 9\)"),
        (np.zeros((8, 8, 1), np.float32), r"expected shape \(8, 8\), got \(8, 8, 1\)"),
        (np.zeros((8, 8), np.uint8), "expected dtype float32, got uint8"),
        (np.zeros((8, 8), np.complex64), "expected dtype float32, got complex64"),
        ([[0.0]], "expected a NumPy array of float32, got list"),
        (None, "expected a NumPy array of float32, got NoneType"),
        (ZeroDivisionError("division by zero"), "failed in saliency: ZeroDivisionError"),
    ],
)
@pytest.mark.usefixtures("rehearsal")
def test_a_broken_map_names_the_component(made: Any, message: str) -> None:
    space = {"__module__": __name__, "__doc__": "Broken.", "made": made}
    semcodec.register(semcodec.component(type("Wild", (Broken,), space)))
    codec = semcodec.load("guided-dct", swap={"saliency": "local.wild"})
    with pytest.raises(PluginBroken, match=message) as caught:
        codec.encode(np.zeros((8, 8, 3), np.uint8))
    assert "local.wild@1 at saliency" in str(caught.value)
    assert caught.value.hint
