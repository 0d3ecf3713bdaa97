"""What a carver does to pictures, on either axis."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.ndimage import sobel
from semcodec_seam import GradientEnergyFunction, SeamCarver
from semcodec_seam.animation import frames
from semcodec_seam.carving.order import removal_order
from semcodec_seam.carving.widen import doubled, steps
from semcodec_seam.visual import heat

from semcodec.errors import ImageError, SettingError


@pytest.mark.parametrize("size", [(60, 60), (40, 90), (33, 41), (1, 1), (75, 130), (60, 200)])
def test_a_picture_gets_the_size_that_was_asked_for(scene: Any, size: tuple[int, int]) -> None:
    assert SeamCarver().resize(scene, *size).shape == (*size, 3)


def test_scales_are_factors_of_the_sides(scene: Any) -> None:
    made = SeamCarver().resize(scene, scale_height=0.5, scale_width=1.5)
    assert made.shape == (30, 135, 3)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_pictures_of_every_form_keep_it(dtype: Any, channels: int) -> None:
    rng = np.random.default_rng(channels)
    picture = rng.integers(0, np.iinfo(dtype).max, (20, 24, channels), dtype, endpoint=True)
    for size in ((20, 17), (26, 24)):
        made = SeamCarver().resize(picture, *size)
        assert made.dtype == dtype
        assert made.shape == (*size, channels)


def test_what_is_left_are_pixels_of_the_picture_in_their_order(scene: Any) -> None:
    marked = scene.copy()
    marked[..., 0] = np.arange(90)  # the column
    order = SeamCarver().seams(marked, 40)
    made = SeamCarver().resize(marked, target_width=50)
    assert np.array_equal(made, marked[order == 0].reshape(60, 50, 3))
    assert (np.diff(made[..., 0].astype(int), axis=1) > 0).all()


def test_horizontal_seams_are_vertical_ones_of_the_turned_picture(scene: Any) -> None:
    turned = np.ascontiguousarray(scene.swapaxes(0, 1))
    across = SeamCarver().seams(scene, 9, "horizontal")
    assert np.array_equal(across, SeamCarver().seams(turned, 9).T)
    shorter = SeamCarver().resize(scene, target_height=51)
    assert np.array_equal(shorter, SeamCarver().resize(turned, target_width=51).swapaxes(0, 1))


def test_dark_pictures_stay_dark() -> None:
    dark = np.ones((8, 9, 3), np.uint8)
    assert SeamCarver().resize(dark, target_width=5).max() == 1


def test_a_mask_is_kept_on_both_axes(scene: Any, disc: Any) -> None:
    carver = SeamCarver(keep_mask=disc)
    made = carver.carved(scene, (35, 40))
    assert made.planes["keep"].sum() == disc.sum()


def test_an_object_goes_and_the_size_comes_back(scene: Any, disc: Any) -> None:
    carver = SeamCarver(remove_mask=disc)
    made = carver.remove_object(scene)
    assert made.shape[0] == 60
    assert 50 <= made.shape[1] <= 90 - 29
    # The disc is 60 brighter in green than all around it.
    ground = 90 + 0.6 * np.arange(60)[:, None]
    assert (made[..., 1] < ground + 30).all()
    assert carver.remove_object(scene, restore=True).shape == scene.shape


def test_removing_nothing_or_everything_says_so(scene: Any) -> None:
    with pytest.raises(SettingError, match="remove_mask that marks something"):
        SeamCarver(remove_mask=np.zeros((60, 90), bool)).remove_object(scene)
    with pytest.raises(SettingError, match="it fills all"):
        SeamCarver(remove_mask=np.ones((60, 90), bool)).remove_object(scene)


def test_all_to_be_kept_is_as_if_nothing_was(scene: Any) -> None:
    plain = SeamCarver().resize(scene, target_width=70)
    assert np.array_equal(
        SeamCarver(keep_mask=np.ones((60, 90), bool)).resize(scene, None, 70), plain
    )


def test_masks_of_another_size_say_so(scene: Any, disc: Any) -> None:
    with pytest.raises(ImageError, match=r"keep_mask: expected 60x90 pixels.*got 90x60"):
        SeamCarver(keep_mask=disc.T).resize(scene, target_width=80)


def test_masks_come_as_pictures_too(scene: Any, disc: Any) -> None:
    made = SeamCarver(keep_mask=disc.astype(np.uint8) * 255).carved(scene, (60, 45))
    assert made.planes["keep"].sum() == disc.sum()


@given(seed=st.integers(0, 999), count=st.integers(1, 6))
@settings(max_examples=50, deadline=None)
def test_doubling_puts_means_between(seed: int, count: int) -> None:
    values = np.random.default_rng(seed).integers(0, 256, (5, 7, 3)).astype(np.uint8)
    order = removal_order(values[..., 0].astype(np.float32), count)
    made = doubled(values, order, count)
    assert made.shape == (5, 7 + count, 3)
    for y in range(5):
        expected: list[Any] = []
        for x in range(7):
            if 0 < order[y, x] <= count:
                beside = values[y, max(x - 1, 0)]
                expected.append((values[y, x].astype(int) + beside + 1) // 2)
            expected.append(values[y, x])
        assert np.array_equal(made[y], np.array(expected))


def test_a_slope_stays_a_slope_when_its_width_doubles() -> None:
    slope = np.broadcast_to(np.arange(0, 200, 4, dtype=np.uint8)[None, :, None], (10, 50, 1)).copy()
    made = SeamCarver().resize(slope, target_width=100)[..., 0].astype(int)
    assert (np.diff(made, axis=1) >= 0).all()
    runs = max(np.count_nonzero(made[0] == value) for value in np.unique(made[0]))
    assert runs <= 6  # no column repeated over and over


def test_steps_add_half_at_most() -> None:
    assert list(steps(100, 240)) == [150, 225, 240]
    assert list(steps(1, 4)) == [2, 3, 4]
    assert list(steps(9, 9)) == []


def test_a_refreshed_energy_is_that_of_what_is_left(scene: Any) -> None:
    made = SeamCarver(GradientEnergyFunction(), refresh=7).resize(scene, target_width=70)
    expected = scene
    for count in (7, 7, 6):
        order = SeamCarver().seams(expected, count)
        expected = expected[order == 0].reshape(60, -1, 3)
    assert np.array_equal(made, expected)


def test_slopes_are_kept_up_seam_by_seam(scene: Any) -> None:
    """As if all were computed anew, which is done where there is a mask, but for rounding."""
    live = SeamCarver(refresh=1).carved(scene, (55, 80))
    slow = SeamCarver(refresh=1, keep_mask=np.zeros((60, 90), bool)).carved(scene, (55, 80))
    assert live.size == slow.size == (55, 80)
    assert np.array_equal(live.energy, SeamCarver().measure(live.picture))
    assert (live.picture != slow.picture).mean() < 0.2


def test_one_seam_is_the_same_static_or_refreshed(scene: Any) -> None:
    energy = GradientEnergyFunction(use_color=True)
    static = SeamCarver(energy).resize(scene, target_width=89)
    assert np.array_equal(SeamCarver(energy, refresh=1).resize(scene, target_width=89), static)


@pytest.mark.parametrize("direction", ["vertical", "horizontal"])
def test_what_is_drawn_red_is_what_goes(scene: Any, direction: Any) -> None:
    drawn = SeamCarver().visualize_seams(scene, 12, direction)
    gone = SeamCarver().seams(scene, 12, direction) > 0
    assert (drawn[gone] == (255, 0, 0)).all()
    assert np.array_equal(drawn[~gone], scene[~gone])
    size = {"vertical": (60, 78), "horizontal": (48, 90)}[direction]
    left = SeamCarver().resize(scene, *size)
    turned = (~gone).T if direction == "horizontal" else ~gone
    shown = scene.swapaxes(0, 1) if direction == "horizontal" else scene
    made = shown[turned].reshape(turned.shape[0], -1, 3)
    made = made.swapaxes(0, 1) if direction == "horizontal" else made
    assert np.array_equal(left, made)


@pytest.mark.parametrize("direction", ["vertical", "horizontal"])
@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_an_animation_goes_from_the_picture_to_what_is_left(
    scene: Any, tmp_path: Path, direction: Any, suffix: str
) -> None:
    path = tmp_path / f"made{suffix}"
    carver = SeamCarver()
    carver.animate(scene, path, 20, direction, count=5)
    with Image.open(path) as image:
        assert image.size == (90, 60)
        assert image.n_frames == 7
    drawn = frames(scene, carver.seams(scene, 20, direction), direction, 5)
    assert np.array_equal(drawn[0], scene)
    wide = direction == "vertical"
    size = (60, 70) if wide else (40, 90)
    assert np.array_equal(drawn[-1][: size[0], : size[1]], carver.resize(scene, *size))
    assert (drawn[-1][:, 70:] if wide else drawn[-1][40:]).min() == 255
    red = [(frame == (255, 0, 0)).all(axis=2).sum() for frame in drawn]
    assert red == [0, *[4 * (60 if wide else 90)] * 5, 0]


def test_animations_of_another_kind_say_so(scene: Any, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"an animation as \.gif or \.webp"):
        SeamCarver().animate(scene, tmp_path / "made.png", 5)
    with pytest.raises(SettingError, match="at least 1 frame"):
        SeamCarver().animate(scene, tmp_path / "made.gif", 5, count=0)
    assert not list(tmp_path.iterdir())


def test_the_gradient_is_sobels(scene: Any) -> None:
    gray = scene[..., :1]
    planes = gray[..., 0].astype(np.float32)
    slopes = np.hypot(sobel(planes, 0, mode="reflect"), sobel(planes, 1, mode="reflect"))
    assert np.allclose(SeamCarver().measure(gray), slopes / slopes.max(), atol=1e-6)


def test_heat_goes_from_black_to_white() -> None:
    ramp = heat(np.linspace(0, 1, 9, dtype=np.float32)[None])[0]
    assert ramp[0].tolist() == [0, 0, 0]
    assert ramp[3].tolist() == [255, 0, 0]
    assert ramp[6].tolist() == [255, 255, 0]
    assert ramp[8].tolist() == [255, 255, 255]


@pytest.mark.parametrize(
    "given_",
    [{"target_width": 0}, {"target_height": 601}, {"scale_width": 11.0}, {"scale_height": 0}],
)
def test_sizes_beyond_ten_times_or_below_one_say_so(scene: Any, given_: Any) -> None:
    with pytest.raises(SettingError, match="ten times the picture's"):
        SeamCarver().resize(scene, **given_)


@pytest.mark.parametrize("scale", [float("nan"), float("inf"), -1.0])
def test_scales_that_are_no_numbers_say_so(scene: Any, scale: float) -> None:
    with pytest.raises(SettingError, match="a finite scale"):
        SeamCarver().resize(scene, scale_width=scale)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0])
def test_what_is_no_energy_says_so(scene: Any, value: float) -> None:
    class Odd(GradientEnergyFunction):
        def measure(self, picture: Any) -> Any:
            return np.full(picture.shape[:2], value, np.float32)

    class Small(GradientEnergyFunction):
        def measure(self, picture: Any) -> Any:
            return np.zeros((3, 4), np.float32)

    for energy in (Odd(), Small()):
        with pytest.raises(SettingError, match="expected energy of at least 0 for 60x90"):
            SeamCarver(energy).resize(scene, target_width=50)


def test_more_seams_than_there_are_say_so(scene: Any) -> None:
    with pytest.raises(SettingError, match="expected 0 to 59 horizontal seams, got 60"):
        SeamCarver().seams(scene, 60, "horizontal")


@pytest.mark.parametrize("direction", ["vertical", "horizontal"])
@pytest.mark.parametrize("options", [{}, {"refresh": 1}, {"refresh": 4}, {"forward": 1.0}])
def test_the_seams_that_are_named_are_those_that_leave(
    scene: Any, direction: Any, options: Any
) -> None:
    carver = SeamCarver(**options)
    order = carver.seams(scene, 14, direction)
    assert sorted(np.unique(order)) == list(range(15))
    for count in (5, 14):
        left = scene[(order == 0) | (order > count)]
        wanted = {"target_width": 90 - count}
        if direction == "horizontal":
            stays = ((order == 0) | (order > count)).T
            left = scene.transpose(1, 0, 2)[stays].reshape(90, 60 - count, 3)
            left, wanted = left.transpose(1, 0, 2), {"target_height": 60 - count}
        made = carver.resize(scene, **wanted)
        assert np.array_equal(left.reshape(made.shape), made)


@pytest.mark.parametrize("restore", [False, True])
@pytest.mark.parametrize("refresh", [0, 3])
def test_what_is_to_be_kept_within_an_object_does_not_stop_its_removal(
    scene: Any, restore: bool, refresh: int
) -> None:
    remove, keep = np.zeros((60, 90), bool), np.zeros((60, 90), bool)
    remove[20:30, 40:52] = True
    keep[25, 45] = True
    carver = SeamCarver(keep_mask=keep, remove_mask=remove, refresh=refresh)
    made = carver.remove_object(scene, restore=restore)
    if restore:
        assert made.shape == scene.shape
    else:
        assert 60 * 90 * 0.7 < made.shape[0] * made.shape[1] < 60 * 90


def test_an_object_that_is_all_to_be_kept_is_none(scene: Any, disc: Any) -> None:
    with pytest.raises(SettingError, match="marks something to go"):
        SeamCarver(keep_mask=disc, remove_mask=disc).remove_object(scene)
