"""Quantised layers: what they train with is what they export, to the last integer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="torch is not installed: pip install semcodec-torch")

from semcodec_torch.exact import reference  # noqa: E402 - after the check for torch
from semcodec_torch.exact.layers import LIMIT  # noqa: E402
from semcodec_torch.exact.runtime import Runtime  # noqa: E402
from semcodec_torch.exact.training import QuantizedConv2d, QuantizedNetwork  # noqa: E402
from semcodec_torch.straight import bounded, rounded  # noqa: E402


@pytest.fixture(autouse=True)
def _settled() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    yield
    torch.set_num_threads(before)


def network() -> QuantizedNetwork:
    return QuantizedNetwork(
        QuantizedConv2d(3, 6, 5, stride=2, unit_in=1),
        QuantizedConv2d(6, 20, 3, upsampling="shuffle"),
        QuantizedConv2d(5, 8, 3, upsampling="nearest"),
        QuantizedConv2d(8, 2, 1, unit=[8.0, 32.0], low=[0, -999], high=[63, 999], output=True),
    )


def same(net: QuantizedNetwork, x: np.ndarray) -> None:
    exported = net.export()
    mine = net(torch.from_numpy(x)).detach().numpy().astype(np.int32)
    assert np.array_equal(mine, reference.run(exported, x))
    assert np.array_equal(mine, Runtime(exported, torch.device("cpu"))(x))


def test_a_trained_network_is_its_export() -> None:
    net = network()
    rng = np.random.default_rng(2)
    x = torch.from_numpy(rng.integers(-9, 10, (4, 3, 8, 8)).astype(np.float32))
    target = torch.nn.functional.interpolate(x.mean(1, keepdim=True), scale_factor=2)
    optimiser = torch.optim.Adam(net.parameters(), lr=3e-3)
    losses = []
    for _ in range(150):
        index, mean = net(x).split(1, dim=1)
        loss = ((mean / 32 - target) ** 2).mean() + ((index / 8 - 3) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
    same(net, rng.integers(-200, 201, (3, 3, 7, 9)))


@settings(max_examples=30)
@given(st.integers(0, 2**31 - 1), st.sampled_from([1e-6, 1e-3, 0.1, 1.0, 30.0]))
def test_weights_of_any_size_stay_below_the_limit(seed: int, size: float) -> None:
    torch.manual_seed(seed)
    net = network()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(torch.randn_like(parameter) * size)
    assert max(net.export().proof) < LIMIT
    same(net, np.random.default_rng(seed).integers(-127, 128, (1, 3, 6, 5)))


def test_what_does_not_fit_is_refused() -> None:
    net = QuantizedNetwork(QuantizedConv2d(3, 2, 3, unit_in=1))
    with torch.no_grad():
        net.layers[0].bias.fill_(1e7)
    with pytest.raises(ValueError, match="layer 0 is not exact"):
        net.export()


def test_autocast_does_not_reach_inside() -> None:
    net = network()
    x = torch.randint(-99, 100, (1, 3, 8, 8)).float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(net(x), net(x.clone()))
        inside = net(x)
    assert torch.equal(inside, net(x))


def test_rounding_costs_little_more_than_a_float_network_would() -> None:
    """8-bit weights: the result differs from that of the float weights by rounding only."""
    layer = QuantizedConv2d(16, 8, 3, low=-(10**6), high=10**6, output=True)
    x = torch.randint(0, 128, (1, 16, 12, 12)).float()
    real = torch.nn.functional.conv2d(x, layer.weight, padding=1)
    error = (layer(x) - real).detach()
    assert (error.std() / real.detach().std()).item() < 0.02


def test_gradients_go_straight_through() -> None:
    x = torch.tensor([0.4, 0.5, -0.5, 2.5], requires_grad=True)
    made = rounded(x)
    assert made.tolist() == [0.0, 1.0, 0.0, 3.0]
    made.sum().backward()
    assert x.grad.tolist() == [1.0] * 4


@pytest.mark.parametrize(("sign", "gradient"), [(1.0, [0.0, 1.0, 1.0]), (-1.0, [-1.0, -1.0, 0.0])])
def test_bounds_can_be_left_towards_the_inside(sign: float, gradient: list[float]) -> None:
    x = torch.tensor([-2.0, 0.0, 2.0], requires_grad=True)
    made: Any = bounded(x, -1, 1)
    (sign * made).sum().backward()
    assert made.tolist() == [-1.0, 0.0, 1.0]
    assert x.grad.tolist() == gradient


def test_bounds_of_activations_have_8_bits() -> None:
    with pytest.raises(ValueError, match="bound from 1 to 255, got 256"):
        QuantizedConv2d(1, 1, bound=256)


def test_a_network_takes_no_more_than_its_first_layer() -> None:
    with pytest.raises(ValueError, match="clamp from 1 to 31, got 32"):
        QuantizedNetwork(QuantizedConv2d(1, 1, bound=31), clamp=32)
    with pytest.raises(ValueError, match="expected layers"):
        QuantizedNetwork()
