from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def torch() -> Iterator[Any]:
    """Torch on one thread; skips where it is absent."""
    found = pytest.importorskip("torch", reason="pip install semcodec-torch")
    before = found.get_num_threads()
    found.set_num_threads(1)
    yield found
    found.set_num_threads(before)


@pytest.fixture(scope="session")
def scene() -> Any:
    """A picture of gradients, edges and texture, uint8 (150, 210, 3)."""
    y, x = np.mgrid[:150, :210].astype(np.float64)
    planes = [
        120 + 0.5 * x + 20 * np.sin(y / 9),
        90 + 0.6 * y + 60 * ((x - 90) ** 2 + (y - 70) ** 2 < 40**2),
        100 + 40 * np.sin((x + y) / 3) * (x > 140),
    ]
    return np.clip(np.stack(planes, axis=2), 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def mask() -> Any:
    """A mask of the scene's disc, uint8 (150, 210)."""
    y, x = np.mgrid[:150, :210]
    return (((x - 90) ** 2 + (y - 70) ** 2 < 40**2) * 255).astype(np.uint8)
