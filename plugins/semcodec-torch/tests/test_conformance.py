"""The conformance kit on the components, with tiny weights in the real format."""

from __future__ import annotations

import atexit
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from semcodec_torch.entropy.conditional import Conditional
from semcodec_torch.entropy.order import Group, parts
from semcodec_torch.entropy.tables import from_probabilities, to_arrays
from semcodec_torch.exact.layers import Layer, Network
from semcodec_torch.models import Factorized, Hyperprior
from semcodec_torch.weights import file_weights, write

from semcodec import Latent, Symbols
from semcodec.coding.tables import gaussian_tables
from semcodec.testing import EntropyModelTests

pytest.importorskip("safetensors", reason="pip install semcodec-torch")

CHANNELS, HYPER = 4, 3


@cache
def folder() -> Path:
    # Configurations are read when tests are collected, before there are fixtures.
    made = tempfile.TemporaryDirectory()
    atexit.register(made.cleanup)
    return Path(made.name)


def saved(name: str, arrays: Any) -> dict[str, str]:
    path = folder() / f"{name}.safetensors"
    write(path, arrays)
    weights = file_weights(path)
    return {"uri": weights.uri, "sha256": weights.sha256}


def layer(inputs: int, kernels: int, kernel: int, **form: Any) -> Layer:
    rng = np.random.default_rng(kernels)
    return Layer(
        weight=rng.integers(-60, 61, (kernels, inputs, kernel, kernel)),
        bias=rng.integers(0, 2000, kernels),
        shift=np.full(kernels, 7),
        low=np.zeros(kernels, int),
        high=np.full(kernels, 63),
        **form,
    )


def prior() -> dict[str, Any]:
    rows = np.exp(-np.abs(np.arange(-20, 21)) / np.array([[1.0], [2.0], [4.0], [9.0]]))
    return to_arrays(from_probabilities(rows / rows.sum(axis=1, keepdims=True), -20), "prior")


def hyperprior(*groups: Group) -> dict[str, Any]:
    heads, contexts = [], []
    for part in parts(groups):
        if part.seen:
            contexts.append(Network(layers=(layer(2 * part.seen, 3, 5),), clamp=15))
        taken = 9 if part.seen else 6
        heads.append(Network(layers=(layer(taken, 2 * (part.stop - part.start), 1),)))
    return Conditional(
        hyper=Network(layers=(layer(HYPER, 20, 3, upsampling="shuffle"),)),
        groups=groups,
        heads=tuple(heads),
        contexts=tuple(contexts),
        tables=gaussian_tables(),
        fraction=4,
    ).to_arrays()


def size(image: Any, cell: int) -> tuple[int, int]:
    return -(-image.height // cell), -(-image.width // cell)


class Cells(EntropyModelTests):
    """Symbols of 4 channels in cells of 2x2 pixels, a hyper-latent for cells of 4x4."""

    def shapes(self, component: Any, image: Any) -> Any:
        return [Symbols((CHANNELS, *size(image, 2)))]

    def describe(self, port: str, kind: Any, image: Any) -> Any:
        return Latent((HYPER, *size(image, 4)))

    def sample(self, description: Any, rng: np.random.Generator) -> Any:
        values = rng.integers(-8, 9, description.shape)
        return values.astype(np.int32 if isinstance(description, Symbols) else np.float32)


class TestFactorized(Cells):
    component = Factorized
    configurations = ({"weights": saved("prior", prior())},)


@pytest.mark.skipif(find_spec("torch") is None, reason="pip install semcodec-torch")
class TestHyperprior(Cells):
    component = Hyperprior
    configurations = (
        {"weights": saved("one-pass", hyperprior((CHANNELS, 1)))},
        {"weights": saved("six-passes", hyperprior((1, 4), (3, 2))), "hyper_step": 0.5},
    )
