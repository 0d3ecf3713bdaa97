from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from semcodec.components.coders import Range
from semcodec.components.maps import BlockMap
from semcodec.components.models import LabelContext
from semcodec.contracts.params import parameters
from semcodec.contracts.values import Map, Symbols
from semcodec.errors import ContainerError

MAPS = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 24), st.integers(1, 24)),
    elements=st.floats(0, 1, width=32),
)


@given(
    value=MAPS,
    block=st.one_of(st.integers(1, 40), st.just(65536)),
    levels=st.integers(2, 16),
    pool=st.sampled_from(["max", "mean", "rms"]),
)
@settings(max_examples=150, deadline=None)
def test_every_pixel_takes_the_nearest_level_of_its_cell(context, value, block, levels, pool):
    stage = BlockMap(block=block, levels=levels, pool=pool)
    ctx = context(Map(*value.shape), stage)
    q = stage.forward(value, {}, ctx)
    assert ctx.coded.check(q) == ""
    back = stage.inverse(q, {}, ctx)
    assert ctx.shape.check(back) == ""
    for row in range(0, value.shape[0], block):
        for column in range(0, value.shape[1], block):
            cell = np.s_[row : row + block, column : column + block]
            inside = value[cell].astype(float)
            rms = np.sqrt((inside**2).mean())
            pooled = {"max": inside.max(), "mean": inside.mean(), "rms": rms}[pool]
            assert np.unique(back[cell]).size == 1
            assert abs(back[cell].flat[0] - pooled) <= 0.5 / (levels - 1) + 1e-6


@given(value=MAPS, block=st.integers(1, 40), levels=st.integers(2, 16))
@settings(max_examples=50, deadline=None)
def test_a_decoded_map_codes_to_itself(context, value, block, levels):
    for pool in ("max", "mean", "rms"):
        stage = BlockMap(block=block, levels=levels, pool=pool)
        ctx = context(Map(*value.shape), stage)
        q = stage.forward(value, {}, ctx)
        assert (stage.forward(stage.inverse(q, {}, ctx), {}, ctx) == q).all()


def test_max_keeps_one_salient_pixel_and_mean_does_not(context):
    value = np.zeros((40, 40), dtype=np.float32)
    value[39, 39] = 1
    for pool, last in (("max", 1), ("mean", 0)):
        stage = BlockMap(block=20, levels=2, pool=pool)
        ctx = context(Map(40, 40), stage)
        assert stage.forward(value, {}, ctx).tolist() == [[0, 0], [0, last]]


def energy(pooled, q, levels, calm):
    off = np.abs(pooled * (levels - 1) - q).sum()
    return off + calm * ((q[1:] != q[:-1]).sum() + (q[:, 1:] != q[:, :-1]).sum())


@given(value=MAPS, levels=st.integers(2, 16), calm=st.floats(0.01, 4))
@settings(max_examples=100, deadline=None)
def test_a_calm_map_trades_levels_for_borders(context, value, levels, calm):
    ctx = context(Map(*value.shape), BlockMap(block=1, levels=levels))
    plain, quiet = (
        BlockMap(block=1, levels=levels, calm=each).forward(value, {}, ctx) for each in (0.0, calm)
    )
    assert ctx.coded.check(quiet) == ""
    pooled = value.astype(float)
    assert energy(pooled, quiet, levels, calm) <= energy(pooled, plain, levels, calm) + 1e-3
    # No cell alone could do better: with the other levels and its neighbours as they are.
    row, column = (side // 2 for side in value.shape)
    for level in range(levels):
        other = quiet.copy()
        other[row, column] = level
        worse = energy(pooled, other, levels, calm)
        assert worse >= energy(pooled, quiet, levels, calm) - 1e-3


@pytest.mark.parametrize(("calm", "kept"), [(0.7, 1), (0.8, 0)])
def test_one_salient_cell_stays_below_a_quarter_of_the_levels(context, calm, kept):
    value = np.zeros((48, 48), dtype=np.float32)
    value[20, 20] = 1
    stage = BlockMap(block=16, levels=4, calm=calm)
    q = stage.forward(value, {}, context(Map(48, 48), stage))
    assert q.tolist() == [[0, 0, 0], [0, 3 * kept, 0], [0, 0, 0]]


def test_a_whole_patch_goes_where_no_cell_alone_would(context):
    value = np.zeros((12, 12), dtype=np.float32)
    value[4:8, 4:8] = 0.55 / 3  # 16 cells, 0.1 nearer to level 1, within 16 borders
    stages = [BlockMap(block=1, levels=4, calm=calm) for calm in (0.0, 0.5)]
    patch, none = (each.forward(value, {}, context(Map(12, 12), each)).sum() for each in stages)
    assert (patch, none) == (16, 0)


def spent(levels, count):
    """Bytes of levels by the components that code them."""
    symbols = Symbols(levels.shape, low=0, high=count - 1)
    session = Range().encoder()
    for each in LabelContext().passes(symbols, {}, None):
        session.adapt(levels, symbols, each)
    return len(session.finish())


@given(st.integers(0, 999), st.integers(4, 60), st.sampled_from([0.0, 0.7]), st.integers(2, 16))
@settings(max_examples=25, deadline=None)
def test_a_map_keeps_to_its_budget(context, seed, budget, calm, levels):
    rng = np.random.default_rng(seed)
    value = rng.random((32, 48)).astype(np.float32)
    value[4:20, 8:30] **= 0.2  # something to keep
    free = BlockMap(block=1, levels=levels, calm=calm)
    bound = BlockMap(block=1, levels=levels, calm=calm, budget=budget)
    ctx = context(Map(32, 48), free)
    before, after = (stage.forward(value, {}, ctx) for stage in (free, bound))
    assert ctx.coded.check(after) == ""
    assert spent(after, levels) <= budget
    if spent(before, levels) <= budget:
        assert np.array_equal(before, after)


def test_a_budget_grows_with_the_map(context):
    rng = np.random.default_rng(3)
    coarse = np.repeat(np.repeat(rng.random((8, 12)), 8, axis=0), 8, axis=1)
    for rows, parts in ((32, 2), (64, 4)):
        value = coarse[:rows].astype(np.float32)
        stage = BlockMap(block=1, levels=4, budget=30)
        made = stage.forward(value, {}, context(Map(*value.shape), stage))
        assert 15 * parts < spent(made, 4) <= 30 * parts


def test_golden_levels(context):
    stage = BlockMap(block=1, levels=4)
    ctx = context(Map(1, 4), stage)
    back = stage.inverse(np.array([[0, 1, 2, 3]], dtype=np.int32), {}, ctx)
    assert back.view(np.uint32).tolist() == [[0, 0x3EAAAAAB, 0x3F2AAAAB, 0x3F800000]]


def test_picture_smaller_than_a_block_is_one_cell(context):
    stage = BlockMap(block=32)
    shape = Map(5, 7)
    assert stage.layout(shape, {}, context(shape)) == Symbols((1, 1), low=0, high=3)


@pytest.mark.parametrize(
    "value",
    [
        np.array([[4]], dtype=np.int32),
        np.array([[-1]], dtype=np.int32),
        np.array([[0, 0]], dtype=np.int32),
        np.array([[0]], dtype=np.int64),
    ],
)
def test_damaged_levels_are_refused(context, value):
    stage = BlockMap(block=32, levels=4)
    with pytest.raises(ContainerError, match="block-map: expected"):
        stage.inverse(value, {}, context(Map(5, 7), stage))


def test_pooling_calm_and_budget_are_the_encoders_own():
    assert [p.name for p in parameters(BlockMap) if p.encode_only] == ["pool", "calm", "budget"]
    assert all(p.doc for p in parameters(BlockMap))
