from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


@pytest.fixture(scope="session")
def photo() -> Callable[..., Any]:
    """Make a smooth picture with texture, of any size, channels and depth."""

    def make(height: int, width: int, channels: int = 3, depth: int = 8) -> Any:
        y, x, c = np.meshgrid(*map(np.arange, (height, width, channels)), indexing="ij")
        waves = 128 + 60 * np.sin(x / 5 + c) + 40 * np.cos(y / 7 - c) + 20 * np.sin(x * y / 30)
        if depth == 8:
            return np.clip(waves, 0, 255).astype(np.uint8)
        return np.clip(waves * 257, 0, 65535).astype(np.uint16)

    return make


@pytest.fixture(scope="session")
def noisy() -> Callable[..., Any]:
    """Add noise of a deviation in levels of 8 bits; the same noise, scaled, for any deviation."""

    def make(picture: Any, sigma: float) -> Any:
        top = np.iinfo(picture.dtype).max
        noise = np.random.default_rng(7).standard_normal(picture.shape) * (sigma * top / 255)
        return np.clip(np.rint(picture + noise), 0, top).astype(picture.dtype)

    return make
