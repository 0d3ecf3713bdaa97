"""Training likelihoods are those of the integer tables, which are those of the bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: pip install semcodec-torch")

from semcodec_torch.entropy.likelihoods import (  # noqa: E402 - after the check for torch
    FactorizedPrior,
    family_tables,
    gaussian_bits,
    rounding,
    scale_of,
    scaled_bits,
)

from semcodec.coding.ideal import bits  # noqa: E402
from semcodec.coding.tables import scale_grid  # noqa: E402
from semcodec.components.coders import Rans  # noqa: E402


@pytest.fixture(autouse=True)
def _settled() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    yield
    torch.set_num_threads(before)


def written(symbols: np.ndarray, indexes: np.ndarray, tables: object) -> int:
    session = Rans().encoder()
    session.code(symbols, np.ascontiguousarray(indexes, dtype=np.int32), tables)
    return len(session.finish())


def test_scales_are_those_of_the_grid() -> None:
    made = scale_of(torch.arange(64.0, dtype=torch.float64)).numpy()
    assert np.allclose(made, scale_grid(), rtol=1e-12)


@pytest.mark.parametrize("family", ["gaussian", "laplace"])
def test_bits_are_those_of_the_tables_and_of_the_bytes(family: Any) -> None:
    rng = np.random.default_rng(3)
    indexes = rng.integers(0, 64, 40_000).astype(np.int32)
    drawn = rng.normal(size=40_000) if family == "gaussian" else rng.laplace(0, 0.5**0.5, 40_000)
    symbols = np.rint(drawn * np.array(scale_grid())[indexes]).astype(np.int32)
    trained = scaled_bits(
        torch.from_numpy(symbols).float(),
        torch.from_numpy(indexes).float(),
        how="straight",
        family=family,
    )
    tables = family_tables(family)
    ideal = bits(tables, indexes, symbols).sum() / 8
    assert abs(float(trained.sum()) / 8 - ideal) < 0.005 * ideal
    assert abs(written(symbols, indexes, tables) - ideal) < 0.005 * ideal


@pytest.mark.parametrize("family", ["gaussian", "laplace"])
def test_a_scale_is_a_standard_deviation(family: Any) -> None:
    tables, grid = family_tables(family), scale_grid()
    for place in (20, 26, 32):
        length, low = int(tables.lengths[place]) - 1, int(tables.offsets[place])
        chance = np.diff(tables.cdf[place])[:length] / 2**16
        spread = (chance * np.arange(low, low + length) ** 2).sum() - 1 / 12
        # Rare symbols have a least chance, which widens tails.
        assert spread**0.5 == pytest.approx(grid[place], rel=0.03)


def test_a_shift_of_the_index_is_a_gain() -> None:
    residual = torch.randn(5000) * 4
    a = gaussian_bits(residual * 1.131**6, torch.tensor(30.0), shift=6, how="straight")
    b = gaussian_bits(residual * 1.131**6, torch.tensor(36.0), how="straight")
    assert torch.equal(a, b)


def test_noise_costs_what_rounding_costs() -> None:
    residual = torch.randn(200_000) * 3
    index = torch.tensor(27.0)
    noisy = gaussian_bits(residual, index).mean()
    rounded = gaussian_bits(residual, index, how="straight").mean()
    assert abs(float(noisy - rounded)) < 0.01 * float(rounded)


def test_far_symbols_have_finite_bits_and_a_way_back() -> None:
    residual = torch.tensor([0.0, 1e6, -1e6], requires_grad=True)
    index = torch.tensor([0.0, -5.0, 99.0], requires_grad=True)
    made = gaussian_bits(residual, index, how="straight")
    made.sum().backward()
    assert torch.isfinite(made).all()
    assert torch.isfinite(residual.grad).all()
    assert torch.isfinite(index.grad).all()


def test_an_unknown_scale_is_found() -> None:
    residual = torch.randn(4000) * 10
    index = torch.tensor(5.0, requires_grad=True)
    optimiser = torch.optim.Adam([index], lr=1.0)
    for _ in range(80):
        loss = gaussian_bits(residual, index).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert float(scale_of(index.detach())) == pytest.approx(10, rel=0.15)


def laplacian(count: int) -> torch.Tensor:
    spread = torch.tensor([0.3, 2.0, 12.0]).reshape(1, 3, 1)
    centre = torch.tensor([0.0, 4.0, -20.0]).reshape(1, 3, 1)
    uniform = torch.rand(1, 3, count) - 0.5
    return centre - spread * uniform.sign() * torch.log1p(-2 * uniform.abs())


def test_a_trained_prior_and_its_tables_and_its_bytes_agree() -> None:
    prior = FactorizedPrior(3)
    optimiser = torch.optim.Adam(prior.parameters(), lr=0.03)
    first = last = 0.0
    for step in range(250):
        loss = prior(laplacian(1500)).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        last = loss.item()
        first = last if step == 0 else first
    assert last < 0.8 * first
    tables = prior.export()
    assert len(tables) == 3
    x = rounding(laplacian(30_000), "straight")
    symbols = x[0].numpy().astype(np.int32)
    indexes = np.broadcast_to(np.arange(3)[:, None], symbols.shape)
    ideal = bits(tables, indexes, symbols).sum() / 8
    with torch.no_grad():
        assert abs(float(prior(x, "straight").sum()) / 8 - ideal) < 0.005 * ideal
    real = written(symbols.reshape(-1), indexes.reshape(-1), tables)
    assert abs(real - ideal) < 0.005 * real
    # Laplacians of scale b have log2(2 e b) bits, those of small scales a little more.
    entropy = sum(
        -(count := np.unique(row, return_counts=True)[1] / row.size) @ np.log2(count)
        for row in symbols
    )
    assert ideal * 8 / symbols.shape[1] < 1.03 * entropy


def test_a_prior_is_a_distribution() -> None:
    prior = FactorizedPrior(2, spread=4)
    x = torch.arange(-3000.0, 3001.0).expand(1, 2, -1)
    with torch.no_grad():
        share = torch.exp2(-prior(x, "straight").double()).sum(dim=2)
    assert torch.allclose(share, torch.ones_like(share), atol=1e-3)
