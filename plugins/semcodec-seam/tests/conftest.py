from __future__ import annotations

from typing import Any

import numpy as np
import pytest


@pytest.fixture(scope="session")
def scene() -> Any:
    """A disc on a slope with texture at the right, uint8 (60, 90, 3)."""
    y, x = np.mgrid[:60, :90].astype(np.float64)
    planes = [
        120 + 0.5 * x + 20 * np.sin(y / 9),
        90 + 0.6 * y + 60 * ((x - 40) ** 2 + (y - 30) ** 2 < 15**2),
        100 + 40 * np.sin((x + y) / 3) * (x > 65),
    ]
    return np.clip(np.stack(planes, axis=2), 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def disc() -> Any:
    """Where the disc is, bool (60, 90)."""
    y, x = np.mgrid[:60, :90]
    return (x - 40) ** 2 + (y - 30) ** 2 < 15**2
