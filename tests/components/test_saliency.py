from __future__ import annotations

import numpy as np
import pytest

from semcodec.components.saliency.mask import MaskSaliency
from semcodec.components.saliency.plain import Centre, UniformSaliency
from semcodec.contracts.values import Image, Map
from semcodec.errors import SettingError

SIZES = [(1, 1), (2, 2), (17, 33), (32, 20), (1, 300)]


@pytest.mark.parametrize("size", SIZES)
def test_uniform_is_one_everywhere(context, size):
    result = UniformSaliency().saliency(np.zeros((*size, 3), np.uint8), {}, context(Image(*size)))
    assert Map(*size).check(result) == ""
    assert (result == 1).all()


@pytest.mark.parametrize("width", [0.01, 0.25, 10.0])
@pytest.mark.parametrize("size", SIZES)
def test_centre_peaks_at_one_and_mirrors(context, size, width):
    result = Centre(width=width).saliency(np.zeros((*size, 3), np.uint8), {}, context(Image(*size)))
    assert Map(*size).check(result) == ""
    assert result.max() == 1
    assert (result == result[::-1]).all()
    assert (result == result[:, ::-1]).all()
    assert (np.diff(result[: (size[0] + 1) // 2], axis=0) >= 0).all()


def test_centre_width_is_a_share_of_the_side(context):
    result = Centre(width=0.25).saliency(np.zeros((101, 201, 3)), {}, context(Image(101, 201)))
    deviation = 0.25 * 201
    assert result[50, 110] == pytest.approx(np.exp(-(10**2) / (2 * deviation**2)), rel=1e-6)


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        (np.array([[True, False]]), [[1, 0]]),
        (np.array([[255, 51]], np.uint8), [[1, 0.2]]),
        (np.array([[0, 0]], np.uint8), [[0, 0]]),
        (np.array([[0.25, 1.0]], np.float64), [[0.25, 1]]),
        (np.array([[[0.25], [1.0]]], np.float32), [[0.25, 1]]),
    ],
)
def test_mask_is_taken_as_it_is(context, mask, expected):
    ctx = context(Image(1, 2), inputs={"mask": mask})
    result = MaskSaliency().saliency(np.zeros((1, 2, 3), np.uint8), {}, ctx)
    assert Map(1, 2).check(result) == ""
    assert np.allclose(result, expected, atol=1e-7)
    assert not np.shares_memory(result, mask)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({}, "none was given"),
        ({"mask": "cat"}, "got str"),
        ({"mask": np.zeros((2, 1), bool)}, r"shape \(1, 2\), got shape \(2, 1\)"),
        ({"mask": np.zeros((1, 2, 3), bool)}, "got shape"),
        ({"mask": np.zeros((1, 2), np.int32)}, "got int32"),
        ({"mask": np.array([[0, 1]], np.uint8)}, "0 and 1 alone"),
        ({"mask": np.array([[0, np.nan]])}, r"in \[0, 1\], got"),
        ({"mask": np.array([[0, 1.5]])}, r"in \[0, 1\], got \[0, 1.5\]"),
    ],
)
def test_unusable_masks_are_refused(context, inputs, message):
    with pytest.raises(SettingError, match=message) as caught:
        MaskSaliency().saliency(
            np.zeros((1, 2, 3), np.uint8), {}, context(Image(1, 2), inputs=inputs)
        )
    assert caught.value.hint
