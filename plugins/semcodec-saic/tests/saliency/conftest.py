from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semcodec import Context, Image, Map, Weights


@pytest.fixture
def context() -> Callable[..., Context]:
    """Make the context of a picture with what the user gave."""

    def make(image: Any, **inputs: Any) -> Context:
        shape = Image.of(image)
        size = Map(shape.height, shape.width)
        return Context(image=shape, shape=size, coded=size, inputs=inputs)

    return make


@pytest.fixture
def photo() -> Callable[..., Any]:
    """Make a picture with some texture."""

    def make(height: int, width: int, channels: int = 3, dtype: Any = np.uint8) -> Any:
        rng = np.random.default_rng(height * 1000 + width)
        return rng.integers(0, np.iinfo(dtype).max, (height, width, channels), dtype=dtype)

    return make


@pytest.fixture(scope="session")
def tiny() -> Any:
    """Makers of small networks in the real formats; skips where the packages are absent."""
    reason = 'pip install "semcodec-saic[grounded,segment-anything]"'
    torch = pytest.importorskip("torch", reason=reason)
    pytest.importorskip("transformers", reason=reason)
    pytest.importorskip("segment_anything", reason=reason)
    torch.set_num_threads(1)
    return runpy.run_path(str(Path(__file__).with_name("tiny.py")))


@pytest.fixture
def weights(tiny: Any) -> Callable[[str], Weights]:
    """Give small weights: of the detector, of one with 12 text positions, of both kinds of SAM."""
    return lambda name: Weights(**tiny[f"{name}_weights"]())
