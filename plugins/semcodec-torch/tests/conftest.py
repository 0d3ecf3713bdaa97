"""Random exact networks and tiny weights in the real format; none of it needs torch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from semcodec_torch.entropy.conditional import Conditional
from semcodec_torch.entropy.order import parts
from semcodec_torch.exact.layers import Layer, Network

from semcodec.coding.tables import gaussian_tables


def _layer(rng: np.random.Generator, inputs: int, outputs: int, kernel: int, **form: Any) -> Layer:
    kernels = outputs * (4 if form.get("upsampling") == "shuffle" else 1)
    return Layer(
        weight=rng.integers(-127, 128, (kernels, inputs, kernel, kernel)),
        bias=rng.integers(-(2**14), 2**14, kernels),
        shift=form.pop("shift", None) or rng.integers(5, 12, kernels),
        low=np.full(kernels, form.pop("low", 0)),
        high=np.full(kernels, form.pop("high", 127)),
        **form,
    )


@pytest.fixture(scope="session")
def layer() -> Callable[..., Layer]:
    """Make a random layer: ``(rng, inputs, outputs, kernel, **form)``."""
    return _layer


@pytest.fixture(scope="session")
def deep() -> Network:
    """A network with every kind of layer."""
    rng = np.random.default_rng(5)
    return Network(
        layers=(
            _layer(rng, 5, 6, 5, stride=2),
            _layer(rng, 6, 7, 3, upsampling="shuffle"),
            _layer(rng, 7, 4, 1, low=-100),
            _layer(rng, 4, 6, 3, upsampling="nearest"),
            _layer(rng, 6, 4, 5, low=-(2**20), high=2**20, stride=2),
        ),
        clamp=127,
    )


@pytest.fixture(scope="session")
def conditional() -> Callable[..., Conditional]:
    """Make a random hyperprior of factor 2; its contexts have two layers."""

    def make(*, groups: Any = ((1, 4), (3, 2)), inputs: int = 3, reach: int = 5) -> Conditional:
        rng = np.random.default_rng(7)

        def last(taken: int, channels: int) -> Layer:
            return Layer(
                weight=rng.integers(-20, 21, (2 * channels, taken, 1, 1)),
                bias=np.repeat([200 << 4, 0], channels),
                shift=np.repeat([7, 4], channels),
                low=np.repeat([0, -300], channels),
                high=np.repeat([63, 300], channels),
            )

        heads, contexts = [], []
        for part in parts(groups):
            if part.seen:
                first = _layer(rng, 2 * part.seen, 4, reach, low=-100)
                layers = (first, _layer(rng, 4, 3, 1, low=-100))
                contexts.append(Network(layers=layers, clamp=15))
            heads.append(Network(layers=(last(9 if part.seen else 6, part.stop - part.start),)))
        return Conditional(
            hyper=Network(layers=(_layer(rng, inputs, 5, 3, upsampling="shuffle"),)),
            groups=tuple(groups),
            heads=tuple(heads),
            contexts=tuple(contexts),
            tables=gaussian_tables(),
            fraction=4,
        )

    return make
