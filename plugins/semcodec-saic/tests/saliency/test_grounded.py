"""Joining boxes and masks: what is asked, what is not, and what becomes of what is found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from semcodec_saic.saliency.base import NothingFound
from semcodec_saic.saliency.boxes import Boxes
from semcodec_saic.saliency.grounded import GroundedSam
from semcodec_saic.saliency.regions import box_region

import semcodec
from semcodec import Region, SaliencySource, component
from semcodec.components.saliency.blend import Blend
from semcodec.components.saliency.plain import Centre
from semcodec.errors import SettingError


@component
class Finds(SaliencySource):
    """Finds boxes in shares of the picture."""

    at: tuple[tuple[float, ...], ...] = ()
    asked: ClassVar[list[Any]] = []

    def saliency(self, image: Any, guides: Any, ctx: Any) -> Any:
        raise AssertionError("only its regions are asked for")

    def regions(self, image: Any, guides: Any, ctx: Any) -> Sequence[Region]:
        height, width = image.shape[:2]
        assert (ctx.image.height, ctx.image.width, ctx.image.channels) == image.shape
        self.asked.append(image.shape)
        return [
            box_region(
                (int(a * width), int(b * height), int(c * width), int(d * height)),
                height,
                width,
                f"thing {n}",
                score,
            )
            for n, (a, b, c, d, score) in enumerate(self.at)
        ]


@component
class LeftHalves(SaliencySource):
    """Segments the left half of every box of the input."""

    fewer: int = 0
    asked: ClassVar[list[Any]] = []

    def saliency(self, image: Any, guides: Any, ctx: Any) -> Any:
        raise AssertionError("only its regions are asked for")

    def regions(self, image: Any, guides: Any, ctx: Any) -> Sequence[Region]:
        rows = ctx.inputs["boxes"]
        self.asked.append(rows)
        found = []
        for left, top, right, bottom, _ in rows[self.fewer :]:
            box = (int(left), int(top), int((left + right) / 2), int(bottom))
            found.append(box_region(box, *image.shape[:2]))
        return found


@pytest.fixture(autouse=True)
def _forget() -> None:
    Finds.asked.clear()
    LeftHalves.asked.clear()


def joined(*at: tuple[float, ...], **more: Any) -> GroundedSam:
    return GroundedSam(detector=Finds(at=at), segmenter=LeftHalves(), **more)


TWO = ((0.0, 0.0, 0.5, 0.5, 0.75), (0.25, 0.0, 0.75, 0.5, 0.5))


def test_masks_are_joined_by_score(photo: Any, context: Any) -> None:
    image = photo(8, 16)
    expected = np.zeros((8, 16), np.float32)
    expected[:4, 4:8] = 0.5
    expected[:4, :4] = 0.75
    values = joined(*TWO).saliency(image, {}, context(image))
    np.testing.assert_array_equal(values, expected)
    binary = joined(*TWO, weighted=False).saliency(image, {}, context(image))
    np.testing.assert_array_equal(binary, expected > 0)


def test_regions_have_the_mask_of_one_and_the_label_of_the_other(photo: Any, context: Any) -> None:
    image = photo(8, 16)
    one, two = joined(*TWO).regions(image, {}, context(image))
    assert (one.label, one.score, one.mask.sum()) == ("thing 0", 0.75, 16)
    assert (two.label, two.score, two.mask.sum()) == ("thing 1", 0.5, 16)


def test_nothing_found_asks_no_segmenter(photo: Any, context: Any) -> None:
    image = photo(8, 16)
    ctx = context(image)
    with pytest.warns(NothingFound, match="saic.grounded-sam found nothing; the map is of Blend"):
        values = joined().saliency(image, {}, ctx)
    np.testing.assert_array_equal(values, Blend().saliency(image, {}, ctx))
    with pytest.warns(NothingFound, match="the map is of Centre"):
        values = joined(otherwise=Centre()).saliency(image, {}, ctx)
    np.testing.assert_array_equal(values, Centre().saliency(image, {}, ctx))
    assert joined().regions(image, {}, ctx) == []
    assert LeftHalves.asked == []


def test_what_made_the_map_is_told(photo: Any, context: Any) -> None:
    from dataclasses import replace

    image, told = photo(8, 16), []
    ctx = replace(context(image), progress=lambda done, what: told.append(what))
    with pytest.warns(NothingFound):
        joined().saliency(image, {}, ctx)
    assert told == ["saic.grounded-sam found nothing; the map is of Blend"]


def test_things_that_cover_nearly_all_are_uniform(photo: Any, context: Any) -> None:
    image = photo(10, 40)
    nearly = ((0.0, 0.0, 1.0, 1.0, 0.5), (0.9, 0.0, 1.0, 1.0, 0.5))
    wide = GroundedSam(detector=Finds(at=nearly), segmenter=Boxes(), weighted=True)
    assert (wide.saliency(image, {}, context(image)) == 1).all()
    kept = GroundedSam(detector=Finds(at=nearly), segmenter=Boxes(), uniform_above=1.0)
    assert (kept.saliency(image, {}, context(image)) == 0.5).all()
    part = ((0.0, 0.0, 1.0, 0.9, 0.5),)
    exactly = GroundedSam(detector=Finds(at=part), segmenter=Boxes())
    assert set(np.unique(exactly.saliency(image, {}, context(image)))) == {0.0, 0.5}


def test_a_map_grows(photo: Any, context: Any) -> None:
    image = photo(12, 12)
    values = joined((0.5, 0.5, 0.67, 0.59, 0.5), dilate=2).saliency(image, {}, context(image))
    expected = np.zeros((12, 12), np.float32)
    expected[4:9, 4:9] = 0.5
    np.testing.assert_array_equal(values, expected)


def test_a_large_picture_is_looked_at_small(photo: Any, context: Any) -> None:
    image = photo(300, 600)
    source = joined(*TWO, size=100)
    values = source.saliency(image, {}, context(image))
    assert Finds.asked == [(50, 100, 3)]
    assert values.shape == (300, 600)
    assert (values[:150, :150] == 0.75).all()
    assert [each.mask.shape for each in source.regions(image, {}, context(image))] == [
        (300, 600),
        (300, 600),
    ]


def test_a_segmenter_that_loses_boxes_is_refused(photo: Any, context: Any) -> None:
    image = photo(8, 16)
    source = GroundedSam(detector=Finds(at=TWO), segmenter=LeftHalves(fewer=1))
    with pytest.raises(SettingError, match="each of 2 boxes, got 1 of LeftHalves"):
        source.saliency(image, {}, context(image))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_detectors_see_rgb_of_8_bits(photo: Any, context: Any, channels: int, dtype: Any) -> None:
    image = photo(8, 16, channels, dtype)
    joined(*TWO).saliency(image, {}, context(image))
    assert Finds.asked == [(8, 16, 3)]


def test_boxes_of_the_user_fit_the_small_picture(photo: Any, context: Any) -> None:
    image = photo(300, 600)
    source = GroundedSam(detector=Boxes(), segmenter=LeftHalves(), size=100)
    ctx = context(image, boxes=[[120, 60, 240, 120, 0.5]])
    values = source.saliency(image, {}, ctx)
    expected = np.zeros((300, 600), np.float32)
    expected[60:120, 120:180] = 0.5
    np.testing.assert_array_equal(values, expected)


def test_the_map_guides_a_codec(photo: Any) -> None:
    image, both = photo(48, 64), {"use": "saic.boxes"}
    swap = {"saliency": {"use": "saic.grounded-sam", "detector": both, "segmenter": both}}
    codec = semcodec.load("roi-dct", swap=swap)
    trace = semcodec.Trace(keep=True)
    data = codec.encode(image, trace=trace, inputs={"boxes": "0,0,64,24,0.75"})
    np.testing.assert_array_equal(trace.values["@saliency"][:, 0], [0.75] * 24 + [0] * 24)
    plain = semcodec.load("roi-dct")
    assert codec.digest == plain.digest
    np.testing.assert_array_equal(plain.decode(data), codec.decode(data))


def test_the_spec_of_the_documentation_loads(tmp_path: Path) -> None:
    page = Path(__file__).resolve().parents[4] / "docs" / "grounded.md"
    if not page.is_file():
        pytest.skip("the distribution of the plugin has no docs")
    spec = tmp_path / "faces-first.yaml"
    spec.write_text(page.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0])
    assert semcodec.load(spec).digest == semcodec.load("roi-dct").digest
