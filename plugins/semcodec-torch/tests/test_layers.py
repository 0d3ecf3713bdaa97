"""What an exact network may be, the proof of its bounds, and what it means, in plain integers."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from semcodec_torch.exact import reference
from semcodec_torch.exact.layers import Layer, Network

ONE = {"bias": [0], "shift": [0], "low": [0], "high": [127]}


def plain(weight: list[int], **other: object) -> Layer:
    return Layer(weight=np.array(weight).reshape(1, -1, 1, 1), **{**ONE, **other})


def shuffled(four: list[list[list[int]]]) -> list[list[int]]:
    rows, columns = 2 * len(four[0]), 2 * len(four[0][0])
    return [
        [four[2 * (r % 2) + c % 2][r // 2][c // 2] for c in range(columns)] for r in range(rows)
    ]


def naive(network: Network, x: np.ndarray) -> list[list[list[int]]]:
    """One picture through a network, in Python's integers, place by place."""
    value = [[[max(-network.clamp, min(network.clamp, int(v))) for v in r] for r in p] for p in x]
    for layer in network.layers:
        k, rows, columns = layer.weight.shape[2], len(value[0]), len(value[0][0])
        planes = []
        for o in range(layer.weight.shape[0]):
            plane = []
            for r in range(0, rows, layer.stride):
                line = []
                for c in range(0, columns, layer.stride):
                    total = int(layer.bias[o])
                    for i in range(layer.inputs):
                        for dr in range(k):
                            for dc in range(k):
                                y, z = r + dr - k // 2, c + dc - k // 2
                                if 0 <= y < rows and 0 <= z < columns:
                                    total += int(layer.weight[o, i, dr, dc]) * value[i][y][z]
                    found = math.floor(total / 2 ** int(layer.shift[o]))
                    line.append(max(int(layer.low[o]), min(int(layer.high[o]), found)))
                plane.append(line)
            planes.append(plane)
        if layer.upsampling == "nearest":
            planes = [[[v for v in r for _ in "ab"] for r in p for _ in "ab"] for p in planes]
        if layer.upsampling == "shuffle":
            planes = [shuffled(planes[i : i + 4]) for i in range(0, len(planes), 4)]
        value = planes
    return value


@given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 2**32 - 1))
def test_the_reference_is_what_the_definition_says(
    deep: Network, rows: int, columns: int, seed: int
) -> None:
    x = np.random.default_rng(seed).integers(-140, 141, (2, 5, rows, columns))
    made = reference.run(deep, x)
    assert made.dtype == np.int32
    assert made.shape == (2, 4, *deep.size(rows, columns))
    assert made[1].tolist() == naive(deep, x[1])


@given(st.integers(0, 2**32 - 1))
def test_the_proof_is_reached_and_never_passed(layer: Callable[..., Layer], seed: int) -> None:
    rng = np.random.default_rng(seed)
    one = layer(rng, 3, 2, 3)
    network = Network(layers=(one,), clamp=int(rng.integers(1, 256)))
    sums = np.abs(one.weight.astype(int)).sum(axis=(1, 2, 3)) * network.clamp + np.abs(one.bias)
    assert network.proof == (int(sums.max()),)


def test_bounds_follow_the_channels() -> None:
    # 100 channels of 7 bits and one of 1 bit: the proof knows which weights meet which.
    first = Layer(
        weight=np.ones((2, 1, 1, 1)).astype(int),
        bias=[0, 0],
        shift=[0, 0],
        low=[0, -9],
        high=[127, 1],
    )
    network = Network(layers=(first, plain([3, 5], bias=[-7])))
    assert network.proof == (127, 3 * 127 + 5 * 9 + 7)


def test_the_last_sum_below_the_limit_is_taken_and_the_next_is_not() -> None:
    ones = [127] * 1040
    top = 127 * 127 * 1040
    assert Network(layers=(plain(ones, bias=[2**24 - 1 - top]),)).proof == (2**24 - 1,)
    with pytest.raises(ValueError, match=r"layer 0 is not exact: its sums may reach 16777216"):
        Network(layers=(plain(ones, bias=[2**24 - top]),))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"weight": np.zeros((1, 1, 2, 2), int)}, "kernel of 1, 3 or 5"),
        ({"weight": np.zeros((1, 1, 3, 1), int)}, r"shape \(outputs, inputs, k, k\)"),
        ({"weight": np.zeros((0, 1, 1, 1), int)}, r"shape \(outputs, inputs, k, k\)"),
        ({"weight": np.full((1, 1, 1, 1), 128)}, "weight of int8"),
        ({"weight": np.zeros((1, 1, 1, 1))}, "integers as weight, got float64"),
        ({"bias": [0, 0]}, r"bias of shape \(1,\)"),
        ({"bias": [2**31]}, "bias of int32"),
        ({"shift": [25]}, "shifts from 0 to 24"),
        ({"shift": [-1]}, "shifts from 0 to 24"),
        ({"low": [128]}, "low to be at most high"),
        ({"stride": 3}, "stride of 1 or 2"),
        ({"upsampling": "bilinear"}, "none, nearest, shuffle"),
        ({"upsampling": "shuffle"}, "in fours"),
    ],
)
def test_layers_are_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Layer(**{"weight": np.zeros((1, 1, 1, 1), int), **ONE, **change})


@pytest.mark.parametrize(
    ("layers", "clamp", "said"),
    [
        ((), 127, "1 to 64 layers, got 0"),
        ((plain([1]),) * 65, 127, "1 to 64 layers, got 65"),
        ((plain([1]),), 256, "clamp from 1 to 255"),
        ((plain([1]), plain([1, 1])), 127, "layer 1 to take 1 channels, it takes 2"),
        ((plain([1], high=[256]), plain([1])), 127, "layer 1 to take at most 255"),
        ((plain([1], low=[-(2**24)]),), 127, "results below 2"),
    ],
)
def test_networks_are_refused(layers: tuple[Layer, ...], clamp: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Network(layers=layers, clamp=clamp)


def test_a_proved_layer_cannot_be_changed(deep: Network) -> None:
    with pytest.raises(ValueError, match="read-only"):
        deep.layers[0].weight[0] = 127


def test_work_is_counted(deep: Network) -> None:
    assert deep.parameters == sum(each.weight.size + each.bias.size for each in deep.layers)
    one = Network(layers=(plain([1, 1]),))
    assert one.operations(3, 4) == 2 * 12
