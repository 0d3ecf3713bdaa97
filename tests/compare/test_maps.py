"""What is kept for a report to lay over pictures."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from semcodec.compare.maps import drawn, map_of, mask_of

MAP = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"@saliency": MAP, "map": MAP.T.reshape(3, 4), "@image": MAP}, "sent"),
        ({"@saliency": MAP, "image": 255 * MAP}, "computed"),
        ({"image/@saliency": MAP}, "computed"),
        ({"@mask": MAP}, ""),
        ({"map": MAP.astype(np.float64), "latent": MAP[:2], "text": "map"}, ""),
        ({"map": np.full((3, 4), np.nan, np.float32)}, ""),
        ({}, ""),
    ],
)
def test_which_map_is_shown(values: dict[str, Any], kind: str) -> None:
    found, chosen = map_of(values, 3, 4)
    assert found == kind
    assert (chosen is None) == (kind == "")
    if kind == "sent":
        assert chosen is values["map"]


@pytest.mark.parametrize(
    ("mask", "top"),
    [(np.eye(3, 4, dtype=bool), 1), (np.eye(3, 4, dtype=np.uint8) * 255, 1), (MAP, 1)],
)
def test_a_mask_is_what_metrics_take(mask: Any, top: float) -> None:
    found = mask_of({"mask": mask}, 3, 4)
    assert found is not None
    assert found.dtype == np.float32
    assert found.max() == top


@pytest.mark.parametrize("graded", [{}, {"mask": MAP[:2]}, {"mask": 3 * MAP}, {"mask": "left"}])
def test_what_is_no_mask(graded: dict[str, Any]) -> None:
    assert mask_of(graded, 3, 4) is None


@pytest.mark.parametrize("shape", [(3, 4), (256, 256), (257, 40), (1000, 3)])
def test_a_drawing_is_small_and_keeps_means(shape: tuple[int, int]) -> None:
    values = np.random.default_rng(0).random(shape, np.float32)
    picture = np.asarray(Image.open(io.BytesIO(drawn(values))))
    factor = -(-max(shape) // 256)
    assert picture.shape == tuple(-(-side // factor) for side in shape)
    assert picture[0, 0] == pytest.approx(255 * values[:factor, :factor].mean(), abs=0.51)
    last = tuple(slice((side - 1) // factor * factor, None) for side in shape)
    assert picture[-1, -1] == pytest.approx(255 * values[last].mean(), abs=0.51)
