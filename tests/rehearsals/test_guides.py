"""A transmitted map guides the step; the background is not coded at all."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import semcodec

Picture = NDArray[np.uint8]


def squared_error(one: Picture, other: Picture) -> NDArray[np.float64]:
    return ((one.astype(float) - other) ** 2).mean(axis=2)


def masked(picture: Picture) -> NDArray[np.uint8]:
    mask = np.zeros(picture.shape[:2], dtype=np.uint8)
    mask[64:160, 64:160] = 255
    return mask


def test_the_map_buys_quality_where_it_says(picture: Picture) -> None:
    codec = semcodec.load("guided-dct", swap={"saliency": "mask"}, set={"image.quantizer.beta": 3})
    mask = masked(picture)
    errors = squared_error(semcodec.decode(codec.encode(picture, inputs={"mask": mask})), picture)
    assert errors[mask > 0].mean() < 0.5 * errors[mask == 0].mean()


def test_the_saliency_source_is_no_part_of_the_codec(picture: Picture) -> None:
    centre = semcodec.load("guided-dct")
    by_mask = semcodec.load("guided-dct", swap={"saliency": "mask"})
    assert by_mask.digest == centre.digest
    data = by_mask.encode(picture, inputs={"mask": masked(picture)})
    assert np.array_equal(centre.decode(data), by_mask.decode(data))


def test_the_decoder_uses_the_decoded_map(picture: Picture) -> None:
    """Closed loop: maps that decode alike give one file."""
    codec = semcodec.load("guided-dct", swap={"saliency": "mask"})
    one = masked(picture)
    other = one.copy()
    other[65, 65] = 0  # max pooling over the block forgets it
    assert codec.encode(picture, inputs={"mask": one}) == codec.encode(
        picture, inputs={"mask": other}
    )


@pytest.mark.parametrize(
    ("name", "change"),
    [("skipped-dct", {}), ("hyperprior", {"image.quantizer.skip": True})],
)
def test_the_background_costs_and_carries_nothing(
    name: str, change: dict[str, object], picture: Picture
) -> None:
    codec = semcodec.load(name, swap={"saliency": "mask"}, set=change)
    mask = masked(picture)
    other = picture.copy()
    other[:32, :32] = 255 - other[:32, :32]
    full = semcodec.load(
        name, swap={"saliency": "mask"}, set={"image.quantizer.skip": 0 if not change else False}
    )
    trace = semcodec.Trace(keep=True)
    data = codec.encode(picture, inputs={"mask": mask})
    changed = codec.encode(other, inputs={"mask": mask}, trace=trace)
    if name == "skipped-dct":  # a hyperprior's own stream still sees the background
        assert changed == data
    assert len(data) < len(full.encode(picture, inputs={"mask": mask}))


def test_two_passes_with_means_and_an_index_shift(picture: Picture) -> None:
    codec = semcodec.load("hyperprior")
    trace = semcodec.Trace()
    data = codec.encode(picture, trace=trace)
    coded = [step for step in trace.steps if step.node == "image.model" and step.call == "code"]
    assert len(coded) == 2
    # A finer step in the middle: better there than without the gain, at more bytes.
    flat = semcodec.load("hyperprior", set={"image.quantizer.fine": 0})
    middle = np.s_[70:130, 70:130]
    fine = squared_error(semcodec.decode(data), picture)[middle].mean()
    coarse = squared_error(flat.decode(flat.encode(picture)), picture)[middle].mean()
    assert fine < coarse
    assert len(data) > len(flat.encode(picture))


def test_the_index_shift_pays(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scaling the tables with the gain costs fewer bytes than leaving them."""
    codec = semcodec.load("hyperprior", set={"image.quantizer.fine": 10})
    shifted = len(codec.encode(picture))
    quantizer = type(codec.pipeline.places["image.stages.1"].component)
    monkeypatch.setattr(quantizer, "index_shift", lambda self, guides, ctx: None)
    assert shifted < len(codec.encode(picture))
