"""Derived values, layers, seeds, wishes of the viewer, symbols that follow decoded classes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import semcodec

Picture = NDArray[np.uint8]


def test_a_residual_against_a_derived_prediction(picture: Picture) -> None:
    """Closed loop: the error is the residual's alone, whatever the base lost."""
    codec = semcodec.load("residual-layer")
    coarse = codec.encode(picture, settings={"base/step": 128})
    fine = codec.encode(picture, settings={"base/step": 4})
    for data in (coarse, fine):
        error = np.abs(semcodec.decode(data).astype(int) - picture)
        assert error.max() <= 11  # a step of 16 with rounding 0.36 leaves at most 10.24
    assert len(coarse) > 0


def test_masks_from_the_decoded_base_cost_nothing(picture: Picture) -> None:
    codec = semcodec.load("decoder-masks")
    assert codec.sections == ("base/image", "text")
    plain = codec.encode(picture, inputs={"caption": ""})
    bare = semcodec.load("opaque-jpeg").encode(picture, form="wire", detached=True)
    ours = codec.encode(picture, inputs={"caption": ""}, form="wire", detached=True)
    assert len(ours) - len(bare) <= 5  # one setting of three bits, a length, an empty caption
    assert np.array_equal(codec.decode(plain), semcodec.decode(plain))


def test_a_step_count_of_three_bits(picture: Picture) -> None:
    codec = semcodec.load("decoder-masks")
    [setting] = codec.pipeline.wire
    assert setting.grid.levels == 8
    files = {
        steps: codec.encode(picture, inputs={"caption": "x"}, settings={"steps": steps})
        for steps in (2, 50)
    }
    assert len(files[2]) == len(files[50])
    assert [codec.settings(data)["steps"] for data in files.values()] == [2, 50]
    one, other = (semcodec.decode(data) for data in files.values())
    assert not np.array_equal(one, other)


def test_the_caption_reaches_the_decoder(picture: Picture) -> None:
    codec = semcodec.load("decoder-masks")
    trace = semcodec.Trace(keep=True)
    caption = "ein schöner Kater, sharp"
    semcodec.decode(codec.encode(picture, inputs={"caption": caption}), trace=trace)
    assert trace.values["text"] == caption
    with pytest.raises(semcodec.errors.SettingError, match="caption"):
        codec.encode(picture)


def test_the_payload_is_the_seed(picture: Picture) -> None:
    codec = semcodec.load("two-streams-and-a-seed")
    data = codec.encode(picture)
    assert np.array_equal(semcodec.decode(data), semcodec.decode(data))
    grain = [
        semcodec.decode(file).astype(int) - semcodec.decode(file, controls={"realism": 0})
        for file in (data, codec.encode(picture[:, ::-1].copy()))
    ]
    assert not np.array_equal(*grain)
    fixed = semcodec.load({**WITH_SEED})
    assert np.array_equal(fixed.decode(fixed.encode(picture)), fixed.decode(fixed.encode(picture)))


WITH_SEED = {
    "semcodec": 1,
    "seed": 11,
    "streams": {
        "colours": {
            "stages": [{"use": "rehearsal.colours"}, {"use": "uniform"}],
            "model": {"use": "laplace", "scale": 6},
            "coder": {"use": "range"},
        },
        "embedding": {
            "stages": [{"use": "rehearsal.embed"}, {"use": "uniform", "step": 1}],
            "model": {"use": "laplace", "scale": 4},
            "coder": {"use": "range"},
        },
    },
    "decoder": {
        "use": "rehearsal.paint",
        "inputs": {"embedding": "embedding", "colours": "colours"},
    },
}


def test_realism_is_the_viewers_choice(picture: Picture) -> None:
    data = semcodec.load("two-streams-and-a-seed").encode(picture)
    plain = semcodec.decode(data)
    assert np.array_equal(plain, semcodec.decode(data, controls={"realism": 0.5}))
    spread = [
        np.diff(semcodec.decode(data, controls={"realism": realism}).astype(int), axis=1).std()
        for realism in (0.0, 0.5, 1.0)
    ]
    assert spread == sorted(spread)
    with pytest.raises(semcodec.errors.SettingError, match="at most 1"):
        semcodec.decode(data, controls={"realism": 1.5})


def test_classes_decide_how_many_colours_follow(
    picture: Picture, labels: NDArray[np.int32]
) -> None:
    codec = semcodec.load("objects")
    trace = semcodec.Trace(keep=True)
    semcodec.decode(codec.encode(picture, inputs={"labels": labels}), trace=trace)
    classes = trace.values["classes"][0]
    assert len(classes) == 5
    assert len(trace.values["colours"]) == sum((1, 2, 4, 8)[c] ** 2 for c in classes)
    flat = np.full_like(picture, 90)
    even = semcodec.Trace(keep=True)
    semcodec.decode(codec.encode(flat, inputs={"labels": labels}), trace=even)
    assert len(even.values["colours"]) == 5
    assert np.array_equal(even.values["labels-coded"], labels)
