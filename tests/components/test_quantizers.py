from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from semcodec.components.quantizers import Uniform
from semcodec.contracts.params import parameters
from semcodec.contracts.values import Latent, Symbols
from semcodec.errors import PluginBroken

STEPS = st.floats(2.0**-20, 2.0**20, width=32)


@given(
    x=hnp.arrays(np.float32, st.integers(0, 50), elements=st.floats(-4096, 4096, width=32)),
    step=st.floats(0.25, 2.0**20, width=32),
    rounding=st.floats(0.0, 0.5),
)
@settings(max_examples=200, deadline=None)
def test_error_is_bounded_and_never_away_from_zero(context, x, step, rounding):
    stage = Uniform(step=step, rounding=rounding)
    ctx = context(Latent(x.shape))
    q = stage.quantize(x, {}, ctx)
    assert stage.layout(ctx.shape, {}, ctx).check(q) == ""
    back = stage.dequantize(q, {}, ctx)
    assert back.dtype == np.float32
    slack = 2.0**-20 * (np.abs(x) + step)
    assert (np.abs(back.astype(float) - x) <= (1 - rounding) * step + slack).all()
    assert (np.abs(back) <= np.abs(x) + rounding * step + slack).all()
    assert (stage.quantize(-x, {}, ctx) == -q).all()


@given(
    q=hnp.arrays(np.int32, st.integers(0, 50), elements=st.integers(-(2**22), 2**22)), step=STEPS
)
@settings(max_examples=100, deadline=None)
def test_decoded_values_quantize_to_themselves(context, q, step):
    stage = Uniform(step=step)
    ctx = context(Latent(q.shape))
    assert (stage.quantize(stage.dequantize(q, {}, ctx), {}, ctx) == q).all()


def test_dead_zone_by_hand(context):
    x = np.array([0.0, 1.49, 1.5, 5.5, -1.5, -1.49, 3.49, 3.5], dtype=np.float32)
    q = Uniform(step=2.0, rounding=0.25).quantize(x, {}, context(Latent(x.shape)))
    assert q.tolist() == [0, 0, 1, 3, -1, 0, 1, 2]


def test_dequantize_is_one_float32_multiplication(context):
    q = np.array([3, -7, 16777217, 2**30, -(2**31)], dtype=np.int32)
    back = Uniform(step=0.1).dequantize(q, {}, context(Latent(q.shape)))
    expected = [0x3E99999A, 0xBF333333, 0x49CCCCCD, 0x4CCCCCCD, 0xCD4CCCCD]
    assert back.view(np.uint32).tolist() == expected


@pytest.mark.parametrize("step", [2.0**-20, 1.0, 2.0**20])
def test_large_values_are_clipped(context, step):
    x = np.array([3.4e38, -3.4e38], dtype=np.float32)
    stage = Uniform(step=step)
    ctx = context(Latent(x.shape))
    q = stage.quantize(x, {}, ctx)
    assert q.tolist() == [2**30, -(2**30)]
    assert np.isfinite(stage.dequantize(q, {}, ctx)).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused_by_its_place(context, value):
    x = np.zeros((3, 4, 4), dtype=np.float32)
    x[1, 2, 3] = value
    with pytest.raises(PluginBroken, match=r"at \[1, 2, 3\] \(1 of 48"):
        Uniform().quantize(x, {}, context(Latent(x.shape)))


def test_inputs_stay_as_they_are(context):
    x = np.linspace(-50, 50, 11, dtype=np.float32)
    before = x.copy()
    ctx = context(Latent(x.shape))
    q = Uniform().quantize(x, {}, ctx)
    kept = q.copy()
    Uniform().dequantize(q, {}, ctx)
    assert (x == before).all()
    assert (q == kept).all()


def test_layout_keeps_shape_and_grid(context):
    shape = Latent((6, 8, 8), ((2, 3),))
    assert Uniform().layout(shape, {}, context(shape)) == Symbols((6, 8, 8), ((2, 3),))


def test_only_the_step_reaches_the_decoder():
    found = {p.name: p for p in parameters(Uniform)}
    assert not found["step"].encode_only
    assert found["rounding"].encode_only
    assert all(p.doc for p in found.values())
