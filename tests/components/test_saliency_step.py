from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import semcodec
from semcodec.coding.tables import RATIO
from semcodec.components.quantizers import SaliencyStep, Uniform
from semcodec.contracts.values import Latent
from semcodec.errors import PluginBroken

GRID = ((3, 4), (2, 2))
SHAPE = Latent((16, 8, 8), GRID)


@given(
    step=st.floats(1, 100),
    beta=st.floats(0, 64),
    level=st.sampled_from([0.0, 1 / 3, 2 / 3, 1.0]),
)
def test_steps_follow_the_formula_to_half_a_ratio(context, step, beta, level):
    guides = {"saliency": np.full((24, 32), level, dtype=np.float32)}
    steps = SaliencyStep(step=step, beta=beta).steps(guides, context(SHAPE))
    assert steps.shape == (16, 1, 1)
    assert steps.dtype == np.float32
    exact = step / (1 + beta * level)
    assert (np.abs(np.log(steps / exact)) <= np.log(RATIO) / 2 + 1e-5).all()


def test_a_block_takes_the_map_at_its_middle(context):
    saliency = np.zeros((24, 32), dtype=np.float32)
    saliency[8:16, 16:24] = 1
    stage = SaliencyStep(step=16, beta=1)
    steps = stage.steps({"saliency": saliency}, context(SHAPE))[:, 0, 0]
    finer = np.zeros(16, dtype=bool)
    finer[1 * 4 + 2] = True  # luma; no chroma block has its middle there
    assert (steps[~finer] == 16).all()
    assert steps[finer] == np.float32(16 / RATIO / RATIO / RATIO / RATIO / RATIO / RATIO)
    shift = stage.index_shift({"saliency": saliency}, context(SHAPE))
    assert shift.shape == SHAPE.shape
    assert (shift == np.where(finer, 6, 0)[:, None, None]).all()


def test_without_beta_it_is_the_uniform_quantizer(context):
    x = np.random.default_rng(2).normal(0, 60, SHAPE.shape).astype(np.float32)
    guides = {"saliency": np.random.default_rng(3).random((24, 32), dtype=np.float32)}
    for rdo in (0.0, 0.1):
        stage, flat = SaliencyStep(step=9, beta=0, rdo=rdo), Uniform(step=9, rdo=rdo)
        q = stage.quantize(x, guides, context(SHAPE))
        assert (q == flat.quantize(x, {}, context(SHAPE))).all()
        back = stage.dequantize(q, guides, context(SHAPE))
        assert (back == flat.dequantize(q, {}, context(SHAPE))).all()


def test_a_latent_without_a_grid_is_read_as_rows_and_columns(context):
    saliency = np.zeros((40, 60), dtype=np.float32)
    saliency[:, 30:] = 1
    steps = SaliencyStep(step=8, beta=3).steps({"saliency": saliency}, context(Latent((5, 4, 6))))
    assert steps.shape == (4, 6)
    assert (steps[:, :3] == 8).all()
    assert (steps[:, 3:] < 8 / 3.7).all()


def test_values_that_are_not_finite_are_refused(context):
    x = np.zeros(SHAPE.shape, dtype=np.float32)
    x[3, 2, 1] = np.nan
    guides = {"saliency": np.zeros((24, 32), dtype=np.float32)}
    with pytest.raises(PluginBroken, match="finite"):
        SaliencyStep().quantize(x, guides, context(SHAPE))


def test_a_mask_moves_quality_to_where_it_is(photograph):
    codec, mask = semcodec.load("roi-dct"), np.zeros(photograph.shape[:2], dtype=bool)
    height, width = mask.shape
    mask[height // 4 : height // 2, width // 4 : width // 2] = True

    def error(beta: float) -> tuple[float, int]:
        data = codec.encode(photograph, settings={"beta": beta}, inputs={"mask": mask})
        difference = codec.decode(data).astype(float) - photograph
        return float(np.mean(difference[mask] ** 2)), len(data)

    (plain, small), (finer, large) = error(0), error(2)
    assert finer < 0.6 * plain
    assert large > small


@pytest.mark.parametrize("value", [0, 255])
def test_masks_of_one_value(photograph, value):
    codec = semcodec.load("roi-dct")
    mask = np.full(photograph.shape[:2], value, dtype=np.uint8)
    data = codec.encode(photograph, inputs={"mask": mask})
    assert codec.decode(data).shape == photograph.shape


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (37, 2)])
@pytest.mark.parametrize("pipeline", ["flat-dct", "roi-dct"])
def test_flat_small_and_noisy_pictures(pipeline, size):
    codec = semcodec.load(pipeline)
    noise = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    for picture in (np.full((*size, 3), 200, dtype=np.uint8), noise):
        decoded = codec.decode(codec.encode(picture, settings={"step": 2}))
        assert decoded.shape == picture.shape
        if picture is not noise:
            assert np.abs(decoded.astype(int) - 200).max() <= 2
