from __future__ import annotations

from pathlib import Path
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


@pytest.fixture(scope="session")
def photograph() -> Any:
    """The cat that scikit-image ships, uint8 (300, 451, 3)."""
    from semcodec import read_image

    path = Path(__file__).parents[3] / "docs" / "pictures" / "chelsea.png"
    if not path.is_file():
        pytest.skip("docs/pictures is not there: run the tests from the repository")
    return read_image(path)
