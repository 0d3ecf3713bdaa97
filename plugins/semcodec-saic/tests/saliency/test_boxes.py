"""What the user draws: boxes and masks, and where pixels of boxes lie."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from semcodec_saic.saliency.boxes import Boxes
from semcodec_saic.saliency.grounded import GroundedSam
from semcodec_saic.saliency.pictures import enlarge, photograph, widened
from semcodec_saic.saliency.regions import box_region, enlarged, fitted, union

from semcodec.components.saliency.plain import Centre
from semcodec.errors import SettingError


def test_a_map_of_boxes_is_the_largest_score(photo: Any, context: Any) -> None:
    image = photo(6, 8)
    rows = np.array([[0, 0, 4, 4, 0.5], [2, 2, 6, 6, 0.75]])
    kept = rows.copy()
    values = Boxes().saliency(image, {}, context(image, boxes=rows))
    expected = np.zeros((6, 8), np.float32)
    expected[:4, :4] = 0.5
    expected[2:6, 2:6] = 0.75
    np.testing.assert_array_equal(values, expected)
    np.testing.assert_array_equal(rows, kept)


@pytest.mark.parametrize(
    "given_as",
    [[1, 2, 5, 4], [[1, 2, 5, 4]], np.array([1, 2, 5, 4], np.int16), "1,2,5,4", " 1 , 2,5, 4 ;"],
)
def test_boxes_come_in_several_forms(photo: Any, context: Any, given_as: Any) -> None:
    image = photo(6, 8)
    (region,) = Boxes().regions(image, {}, context(image, boxes=given_as))
    assert region.box == (1, 2, 5, 4)
    assert region.score == 1
    assert region.mask.sum() == 8


def test_text_holds_several_boxes_and_scores(photo: Any, context: Any) -> None:
    image = photo(20, 20)
    found = Boxes().regions(image, {}, context(image, boxes="0,0,2,2,0.25 4,4,30,30,0.5"))
    assert [(each.box, each.score) for each in found] == [
        ((4, 4, 20, 20), 0.5),
        ((0, 0, 2, 2), 0.25),
    ]


@pytest.mark.parametrize(
    "bad",
    [
        "a cat",
        "1,2,3",
        [[1, 2, 3]],
        [[1, 2, 3, 4], [1, 2]],
        [[5, 0, 1, 4]],
        [[0, 0, np.nan, 4]],
        [[50, 0, 60, 4]],
        [[-5, 0, 0, 4]],
        [[0, 0, 4, 4, 1.5]],
        np.zeros((2, 2, 4)),
        np.tile([0.0, 0, 1, 1], (1001, 1)),
        {"box": 1},
        b"\0",
    ],
)
def test_what_is_no_box_of_the_picture_is_refused(photo: Any, context: Any, bad: Any) -> None:
    image = photo(10, 12)
    with pytest.raises(SettingError, match="boxes") as caught:
        Boxes().saliency(image, {}, context(image, boxes=bad))
    assert "left,top,right,bottom" in caught.value.hint


def test_without_boxes_another_source_or_an_error(photo: Any, context: Any) -> None:
    image = photo(10, 12)
    for nothing in ({}, {"boxes": []}, {"boxes": " "}):
        ctx = context(image, **nothing)
        with pytest.raises(SettingError, match="none was given"):
            Boxes().saliency(image, {}, ctx)
        values = Boxes(otherwise=Centre()).saliency(image, {}, ctx)
        np.testing.assert_array_equal(values, Centre().saliency(image, {}, ctx))


@given(st.tuples(*[st.floats(-50, 50) for _ in range(4)]), st.integers(1, 30), st.integers(1, 30))
def test_a_fitted_box_has_pixels_of_the_picture(box: Any, height: int, width: int) -> None:
    found = fitted(box, height, width)
    touches = box[0] < width and box[1] < height and box[2] >= 0 and box[3] >= 0
    assert (found is not None) == (touches and box[0] <= box[2] and box[1] <= box[3])
    if found is not None:
        assert 0 <= found[0] < found[2] <= width
        assert 0 <= found[1] < found[3] <= height
        assert found[0] <= max(box[0], 0)
        assert found[2] >= min(box[2], width)


@pytest.mark.parametrize("bad", [(0, 0, np.nan, 1), (0, 0, np.inf, 1), (3, 0, 1, 1)])
def test_what_is_no_box_fits_nowhere(bad: Any) -> None:
    assert fitted(bad, 10, 10) is None


def test_union_is_weighted_or_not() -> None:
    one, two = box_region((0, 0, 2, 1), 1, 3, score=0.25), box_region((1, 0, 2, 1), 1, 3, score=0.5)
    np.testing.assert_array_equal(union([one, two], 1, 3, True), [[0.25, 0.5, 0]])
    np.testing.assert_array_equal(union([one, two], 1, 3, False), [[1, 1, 0]])


def test_a_small_region_is_enlarged_to_pixels_that_hold_its_mask() -> None:
    large = enlarged(box_region((1, 1, 2, 2), 3, 3, "cat", 0.5), 10, 7)
    assert (large.label, large.score) == ("cat", 0.5)
    rows, columns = np.nonzero(large.mask)
    assert large.box[0] <= columns.min() <= columns.max() < large.box[2]
    assert large.box[1] <= rows.min() <= rows.max() < large.box[3]


def test_enlarging_keeps_values_and_centres() -> None:
    small = np.array([[0.0, 0.5], [0.25, 1.0]], np.float32)
    np.testing.assert_array_equal(enlarge(small, 4, 4), small.repeat(2, 0).repeat(2, 1))
    np.testing.assert_array_equal(enlarge(small, 1, 1), [[1.0]])
    assert set(np.unique(enlarge(small, 7, 5))) <= set(small.ravel())


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("size", [(1, 1), (3, 200), (90, 40)])
def test_every_picture_becomes_a_photograph(
    photo: Any, channels: int, dtype: Any, size: tuple[int, int]
) -> None:
    seen = photograph(photo(*size, channels, dtype), 64)
    assert seen.dtype == np.uint8
    assert seen.shape[2] == 3
    assert max(seen.shape[:2]) == min(64, max(size))
    assert seen.flags.c_contiguous


def test_transparent_is_white_and_gray_is_gray() -> None:
    clear = np.zeros((4, 4, 4), np.uint8)
    assert (photograph(clear, 64) == 255).all()
    gray = np.full((4, 4, 1), 0x8080, np.uint16)
    assert (photograph(gray, 64) == 0x80).all()


def test_a_photograph_keeps_places_across_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    image = np.zeros((333, 257, 3), np.uint8)
    image[200:, 100:] = 240
    whole = photograph(image, 50)
    monkeypatch.setattr("semcodec_saic.saliency.pictures._BAND", 1000)
    np.testing.assert_array_equal(photograph(image, 50), whole)
    marked = enlarge(whole[..., 0] > 120, 333, 257)
    assert (marked == (image[..., 0] > 0)).mean() > 0.97


def test_only_very_narrow_pictures_are_widened(photo: Any) -> None:
    assert widened(np.ones((10, 160, 3), np.uint8))[0].shape == (10, 160, 3)
    for size, wide, times in (
        ((1, 1000), (63, 1000), (63, 1)),
        ((1000, 3), (1000, 63), (1, 21)),
        ((2, 90), (6, 90), (3, 1)),
    ):
        image = photo(*size)
        seen, repeats = widened(image)
        assert seen.shape[:2] == wide
        assert repeats == times
        np.testing.assert_array_equal(
            seen[times[0] // 2 :: times[0], times[1] // 2 :: times[1]], image
        )


def test_a_mask_goes_before_all_networks(photo: Any, context: Any) -> None:
    image = photo(9, 12)
    mask = np.zeros((9, 12), bool)
    mask[2:4, 3:8] = True
    ctx = context(image, mask=mask)
    np.testing.assert_array_equal(GroundedSam().saliency(image, {}, ctx), mask)
    assert list(GroundedSam().regions(image, {}, ctx)) == []


@pytest.mark.parametrize("size", [(3, 4), (18, 24), (5, 6), (9, 12, 1)])
def test_a_mask_of_another_size_is_resized_to_the_nearest(
    photo: Any, context: Any, size: tuple[int, ...]
) -> None:
    image = photo(9, 12)
    mask = np.zeros(size, np.uint8)
    mask[: size[0] // 2] = 255
    values = GroundedSam().saliency(image, {}, context(image, mask=mask))
    assert values.shape == (9, 12)
    assert set(np.unique(values)) == {0.0, 1.0}


@pytest.mark.parametrize("size", [(12, 9), (9, 40), (0, 0), (9, 12, 3)])
def test_a_mask_of_another_picture_is_refused(
    photo: Any, context: Any, size: tuple[int, ...]
) -> None:
    image = photo(9, 12)
    with pytest.raises(SettingError, match="mask of the picture's shape"):
        GroundedSam().saliency(image, {}, context(image, mask=np.zeros(size, bool)))
