"""Networks as tensors: a pinned form, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from semcodec_torch.exact import reference
from semcodec_torch.exact.files import from_arrays, to_arrays
from semcodec_torch.exact.layers import Layer, Network

from semcodec.errors import WeightsError

# Version 1, one layer, clamp 100; stride 2, pixel shuffle; bias, shift, low, high; weights.
PINNED = {
    "net.form": np.array([1, 1, 100], np.int32),
    "net.0.form": np.array([2, 2], np.int32),
    "net.0.vectors": np.array(
        [[-70, 5, 6, 7], [1, 2, 3, 4], [0, 0, 0, -9], [127, 127, 99, 9]], np.int32
    ),
    "net.0.weight": np.array([[3, -2], [1, 0], [-128, 127], [5, 5]], np.int8).reshape(4, 2, 1, 1),
}
X = np.array([[[9, 1, -200], [4, 4, 4]], [[7, 1, 3], [6, 6, 6]]])


def test_the_form_is_pinned() -> None:
    network = from_arrays(PINNED, "net")
    made = to_arrays(network, "net")
    assert made.keys() == PINNED.keys()
    for name, array in PINNED.items():
        assert made[name].dtype == array.dtype
        assert np.array_equal(made[name], array)
    # (3*9 - 2*7 - 70) >> 1 clamps to 0; (9 + 5) >> 2 = 3; (-128*9 + 127*7 + 6) >> 3 to 0;
    # (5*9 + 5*7 + 7) >> 4 = 5. At the right -200 is first clamped to -100.
    assert reference.run(network, X[None])[0].tolist() == [[[0, 3, 0, 0], [0, 5, 99, -9]]]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("net.form", None, "no tensor 'net.form'"),
        ("net.form", np.array([2, 1, 100], np.int32), "expected version 1, got 2"),
        ("net.form", np.array([1, 2, 100], np.int32), "no tensor 'net.1.form'"),
        ("net.form", np.array([1, 2**30, 100], np.int32), "as many layers as there are tensors"),
        ("net.form", np.array([1, 0, 100], np.int32), "as many layers as there are tensors"),
        ("net.form", np.array([1, 1, 0], np.int32), "clamp from 1 to 255"),
        ("net.form", np.array([1, 1], np.int32), r"of shape \(3,\)"),
        ("net.0.form", np.array([2, 3], np.int32), "upsampling of 0, 1 or 2"),
        ("net.0.form", np.array([2, 2], np.int64), "of int32, got int64"),
        ("net.0.weight", None, "no tensor 'net.0.weight'"),
        ("net.0.weight", np.zeros((4, 2, 1, 1), np.float32), "of int8, got float32"),
        ("net.0.weight", np.zeros((4, 2), np.int8), "layer 0: expected a weight"),
        ("net.0.weight", np.zeros((5, 2, 1, 1), np.int8), "layer 0: expected a weight"),
        ("net.0.vectors", np.zeros((3, 4), np.int32), "layer 0: expected a weight"),
        ("net.0.vectors", np.full((4, 4), 2**31 - 1, np.int32), "layer 0: expected shifts"),
        (
            "net.0.vectors",
            np.array([[2**24] * 4, [0] * 4, [0] * 4, [9] * 4], np.int32),
            "layer 0 is not exact",
        ),
        (
            "net.0.vectors",
            np.array([[-(2**31)] * 4, [0] * 4, [0] * 4, [9] * 4], np.int32),
            "layer 0 is not exact",
        ),
    ],
)
def test_what_might_round_or_is_malformed_is_refused(name: str, value: Any, said: str) -> None:
    arrays = {**PINNED, name: value}
    if value is None:
        del arrays[name]
    with pytest.raises(WeightsError, match=said) as caught:
        from_arrays(arrays, "net", "hf:somebody/net")
    assert str(caught.value).startswith("hf:somebody/net: network 'net': ")
    assert caught.value.hint


def test_several_networks_share_a_file(deep: Network, layer: Callable[..., Layer]) -> None:
    other = Network(layers=(layer(np.random.default_rng(0), 2, 3, 3),), clamp=9)
    arrays = {**to_arrays(deep, "deep"), **to_arrays(other, "other")}
    back = from_arrays(arrays, "deep")
    x = np.random.default_rng(1).integers(-127, 128, (1, 5, 6, 5))
    assert np.array_equal(reference.run(back, x), reference.run(deep, x))
    assert from_arrays(arrays, "other").proof == other.proof
