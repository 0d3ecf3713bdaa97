from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from semcodec.contracts.context import Context
from semcodec.contracts.values import Blob, Image


@pytest.fixture
def context() -> Callable[[Any], Context]:
    """Make the context of a picture, given as an array or as a description."""

    def make(picture: Any) -> Context:
        shape = picture if isinstance(picture, Image) else Image.of(picture)
        return Context(image=shape, shape=shape, coded=Blob())

    return make


@pytest.fixture
def photo() -> Callable[..., Any]:
    """Make a smooth picture with some texture, so that quality matters."""

    def make(height: int, width: int, channels: int) -> Any:
        y, x, c = np.meshgrid(*map(np.arange, (height, width, channels)), indexing="ij")
        waves = 128 + 60 * np.sin(x / 5 + c) + 40 * np.cos(y / 7 - c) + 20 * np.sin(x * y / 30)
        return np.clip(waves, 0, 255).astype(np.uint8)

    return make
