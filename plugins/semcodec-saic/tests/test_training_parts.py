from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from semcodec_saic.gains import COARSEST, LAMBDA, gain_index, lambda_of, step_of, weight_of
from semcodec_saic.maps import KINDS, pooled, quantized, synthetic_map
from semcodec_saic.training import Saic

from semcodec.coding.tables import RATIO


@given(index=st.integers(0, COARSEST), beta=st.floats(0, 10), value=st.floats(0, 1))
def test_a_gain_is_the_inverse_step_on_the_grid(index: int, beta: float, value: float) -> None:
    k = int(gain_index(index, beta, np.array([value]))[0])
    wanted = (1 + beta * value) / step_of(index)
    assert RATIO**k == pytest.approx(wanted, rel=RATIO**0.5 - 1 + 1e-9)


@given(index=st.integers(0, COARSEST), value=st.floats(0, 1))
def test_without_beta_a_map_changes_nothing(index: int, value: float) -> None:
    assert gain_index(index, 0.0, np.array([value]))[0] == -index
    assert weight_of(0.0, np.array([value]))[0] == 1


def test_lambda_follows_the_inverse_square_of_the_step() -> None:
    assert lambda_of(1) == LAMBDA
    assert lambda_of(step_of(COARSEST)) == pytest.approx(0.08 / 19.2**2, rel=0.01)
    # A cell with the map at 1 weighs as a picture of its own step.
    assert lambda_of(6) * weight_of(2, np.ones(1))[0] == pytest.approx(lambda_of(2))


@pytest.mark.parametrize("kind", KINDS)
def test_maps_are_in_range_and_of_the_size(kind: str) -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        crop = rng.integers(0, 256, (96, 96, 3), np.uint8)
        made = synthetic_map(crop, rng, kind)
        assert made.shape == (96, 96)
        assert made.dtype == np.float32
        assert 0 <= made.min() <= made.max() <= 1
        if kind in ("nothing", "everything"):
            assert made.min() == made.max() == float(kind == "everything")
        if kind == "spectral":
            assert set(np.unique(made)) == {0, 1}


def test_spectral_maps_find_what_stands_out() -> None:
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:128, :128]
    crop = (128 + 40 * np.sin(x / 3) + 0 * y)[..., None].repeat(3, 2)
    crop[40:56, 80:96] = rng.integers(0, 256, (16, 16, 1))
    made = synthetic_map(crop.astype(np.uint8), np.random.default_rng(1), "spectral")
    assert made[32:64, 72:104].mean() > 3 * made.mean()


def test_a_single_pixel_survives_pooling_and_levels_are_even() -> None:
    saliency = np.zeros((32, 48), np.float32)
    saliency[17, 40] = 1
    cells = pooled(saliency, 16)
    assert cells.tolist() == [[0, 0, 0], [0, 0, 1]]
    values = np.linspace(0, 1, 100)
    assert sorted(set(quantized(values, 4).tolist())) == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert set(quantized(values, 2).tolist()) == {0, 1}


def test_samples_cover_steps_and_maps_and_none_is_finer_than_it_may_be() -> None:
    crop = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    samples = [Saic().prepare(crop, np.random.default_rng(seed)) for seed in range(300)]
    steps = {round(math.log(float(s["step"]), RATIO)) for s in samples}
    assert steps == set(range(COARSEST + 1))
    plain = [s for s in samples if (s["weight"] == 1).all()]
    assert 0.35 < len(plain) / len(samples) < 0.65
    assert max(int(s["gain_index"].max()) for s in samples) <= 5
    for sample in samples:
        # The map of the weights is that of the gains.
        finer = sample["gain_index"] + round(math.log(float(sample["step"]), RATIO))
        kept, log = sample["kept"], np.log(sample["weight"]) / 2
        np.testing.assert_allclose(log[kept], (finer * np.log(RATIO))[kept], atol=0.07)
        assert (finer[~kept] == 0).all()
        assert (sample["weight"][~kept] == np.float32(0.1)).all()
    skipping = [s for s in samples if not s["kept"].all()]
    assert 0.03 < len(skipping) / len(samples) < 0.15


@pytest.mark.parametrize(
    "wrong", [{"trunk": (1, 2)}, {"trunk": (0, 1, 1)}, {"blocks": (-1, 0, 0)}, {"latent": 0}]
)
def test_sizes_that_make_no_network_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="expected"):
        Saic(**wrong)  # type: ignore[arg-type]
