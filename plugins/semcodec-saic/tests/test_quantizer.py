"""The guided quantizer: steps on the grid, shifts that follow them, and plain coding at beta 0."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from semcodec_saic.gains import COARSEST, gain_index, step_of
from semcodec_saic.quantizer import SaliencyGain

from semcodec import Context, Image, Latent, Symbols
from semcodec.coding.ideal import bits
from semcodec.coding.tables import RATIO, gaussian_tables
from semcodec.errors import PluginBroken, SettingError

LATENT = Latent((3, 4, 6))
SHAPE = LATENT.shape
BETAS = (0.0, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 64.0)
residuals = arrays(np.float32, SHAPE, elements=st.floats(-500, 500, width=32))
maps = arrays(np.float32, (64, 96), elements=st.sampled_from([0.0, 1 / 3, 2 / 3, 1.0]))


def context(coded: Any = None) -> Context:
    return Context(image=Image(64, 96, 3, 8), shape=LATENT, coded=coded or Symbols(SHAPE))


def cells(saliency: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The map in the middle of each cell of 16 pixels."""
    return saliency[8::16, 8::16]


@given(residuals, maps, st.sampled_from([1.0, 4.0, 19.0]))
def test_beta_0_gives_the_symbols_of_the_plain_codec(x: Any, saliency: Any, step: float) -> None:
    plain, guided = SaliencyGain(step=step), SaliencyGain(step=step, beta=0.0)
    ctx = context()
    expected = plain.quantize(x, {}, ctx)
    assert np.array_equal(guided.quantize(x, {"saliency": saliency}, ctx), expected)
    for guides in ({}, {"saliency": saliency}):
        assert np.array_equal(
            guided.index_shift(guides, ctx), np.broadcast_to(plain.index_shift({}, ctx), SHAPE)
        )
    empty = np.zeros_like(saliency)
    strong = SaliencyGain(step=step, beta=8.0)
    assert np.array_equal(strong.quantize(x, {"saliency": empty}, ctx), expected)


@given(residuals)
def test_step_1_rounds_to_the_nearest(x: Any) -> None:
    q = SaliencyGain().quantize(x, {}, context())
    assert q.dtype == np.int32
    assert np.abs(q - x).max() <= 0.5
    assert np.array_equal(SaliencyGain().dequantize(q, {}, context()), q.astype(np.float32))
    assert not SaliencyGain().index_shift({}, context()).any()


@given(residuals, maps, st.sampled_from(BETAS), st.integers(0, COARSEST))
def test_errors_are_within_half_a_step_and_steps_near_the_formula(
    x: Any, saliency: Any, beta: float, index: int
) -> None:
    quantizer = SaliencyGain(step=step_of(index), beta=beta)
    guides, ctx = {"saliency": saliency}, context()
    steps = quantizer.steps(guides, ctx)
    formula = step_of(index) / (1 + beta * cells(saliency))
    ratio = np.broadcast_to(steps, SHAPE) / formula
    assert ratio.max() <= np.sqrt(RATIO) * (1 + 1e-5)
    assert ratio.min() >= 1 / np.sqrt(RATIO) / (1 + 1e-5)
    again = quantizer.dequantize(quantizer.quantize(x, guides, ctx), guides, ctx)
    assert (np.abs(again - x) <= np.broadcast_to(steps, SHAPE) * 0.5001 + 1e-4).all()


@given(maps, st.sampled_from(BETAS), st.integers(0, COARSEST))
def test_shifts_are_the_logarithm_of_the_gain_and_those_of_training(
    saliency: Any, beta: float, index: int
) -> None:
    quantizer = SaliencyGain(step=step_of(index), beta=beta)
    guides, ctx = {"saliency": saliency}, context()
    shift = quantizer.index_shift(guides, ctx)
    assert shift.dtype == np.int32
    assert shift.shape == SHAPE
    steps = np.broadcast_to(quantizer.steps(guides, ctx), SHAPE)
    np.testing.assert_allclose(steps, RATIO ** -shift.astype(float), rtol=1e-5)
    assert np.array_equal(shift[0], gain_index(index, beta, cells(saliency)))


@pytest.mark.parametrize("step", [1 / 64, 0.3, 1.0, 7.3, 64.0])
def test_any_step_is_moved_to_the_nearest_of_the_grid(step: float) -> None:
    found = float(SaliencyGain(step=step).steps({}, context()))
    power = np.log(found) / np.log(RATIO)
    assert power == pytest.approx(round(power), abs=1e-4)
    assert 1 / RATIO**0.5001 <= found / step <= RATIO**0.5001


@given(maps)
def test_skip_leaves_out_the_cells_where_the_map_is_0(saliency: Any) -> None:
    quantizer = SaliencyGain(step=4.0, beta=3.0, skip=True)
    symbols = quantizer.layout(LATENT, {"saliency": saliency}, context())
    assert symbols.mask is not None
    assert np.array_equal(symbols.mask, np.broadcast_to(cells(saliency) > 0, SHAPE))


def test_cells_of_a_size_lie_where_the_analysis_puts_them() -> None:
    """Cells from the corner on, the last beyond the picture's edge."""
    saliency = np.zeros((50, 70), np.float32)
    saliency[:, 64:] = 1
    for cell, first in ((16, 4), (0, 7)):
        latent = Latent((3, 4, 8), cell=cell)
        ctx = Context(image=Image(50, 70), shape=latent, coded=Symbols(latent.shape))
        shift = SaliencyGain(beta=3.0).index_shift({"saliency": saliency}, ctx)[0, 0]
        assert np.array_equal(shift > 0, np.arange(8) >= first)


def test_skip_needs_a_map() -> None:
    with pytest.raises(SettingError, match="there is no map"):
        SaliencyGain(skip=True).layout(LATENT, {}, context())


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_refused(bad: float) -> None:
    x = np.zeros(SHAPE, np.float32)
    x[1, 2, 3] = bad
    with pytest.raises(PluginBroken, match="finite"):
        SaliencyGain().quantize(x, {}, context())


def test_huge_residuals_are_bounded() -> None:
    x = np.full(SHAPE, 3e38, np.float32)
    assert SaliencyGain(step=1 / 64).quantize(x, {}, context()).max() == 2**24


@given(residuals, st.floats(0, 0.5))
def test_less_rounding_gives_no_larger_symbols(x: Any, rounding: float) -> None:
    near = SaliencyGain(step=4.0).quantize(x, {}, context())
    fewer = SaliencyGain(step=4.0, rounding=rounding).quantize(x, {}, context())
    assert (np.abs(fewer) <= np.abs(near)).all()
    assert (np.abs(near) - np.abs(fewer) <= 1).all()


@given(
    residuals,
    maps,
    st.sampled_from([0.0, 0.05, 0.3]),
    st.integers(0, 60),
    st.permutations(range(72)),
)
def test_rdo_costs_no_more_than_rounding(
    x: Any, saliency: Any, rdo: float, index: int, order: list[int]
) -> None:
    quantizer = SaliencyGain(step=4.0, beta=3.0, rdo=rdo)
    ctx, guides, tables = context(), {"saliency": saliency}, gaussian_tables()
    places = np.array(order[:50])

    def price(q: Any, which: Any) -> Any:
        assert q.shape == which.shape
        return bits(tables, np.full(q.shape, index), q)

    plain = quantizer.quantize(x, guides, ctx).reshape(-1)[places]
    values = x.reshape(-1)[places]
    made = quantizer.choose(values, places, price, guides, ctx)
    assert made.dtype == np.int32
    if not rdo:
        assert np.array_equal(made, plain)
        return
    assert ((made == plain) | (made == plain - np.sign(plain))).all()
    steps = np.broadcast_to(quantizer.steps(guides, ctx), SHAPE).reshape(-1)[places]
    whole = np.arange(50)

    def cost(q: Any) -> Any:
        return (values / steps - q) ** 2 + rdo * price(q, whole)

    assert (cost(made) <= cost(plain) + 1e-3).all()
    assert made[plain == 0].sum() == 0


def test_rdo_of_other_grids() -> None:
    """Blocks that come one after another have a step each."""
    latent = Latent((6, 2, 2), grid=((2, 3),))
    ctx = Context(image=Image(16, 24), shape=latent, coded=Symbols(latent.shape, latent.grid))
    guides = {"saliency": np.linspace(0, 1, 24, dtype=np.float32)[None].repeat(16, axis=0)}
    quantizer = SaliencyGain(step=2.0, beta=7.0)
    x = np.full(latent.shape, 9.0, np.float32)
    whole = quantizer.quantize(x, guides, ctx)
    assert len(np.unique(whole)) == 3
    places = np.arange(x.size)[::-1].copy()
    made = quantizer.choose(x.reshape(-1), places, lambda q, which: 0.0 * q, guides, ctx)
    assert np.array_equal(made, whole.reshape(-1)[places])
