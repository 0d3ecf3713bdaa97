"""Results of another width are taken; results of another kind are not."""

from __future__ import annotations

import numpy as np

from semcodec.contracts.values import Image, Latent, Map, Symbols


def test_floats_of_any_width_become_float32() -> None:
    for shape in (Latent((2,)), Map(1, 2)):
        for dtype in (np.float16, np.float32, np.float64):
            given = np.full(shape.shape, 0.1, dtype=dtype)
            settled = shape.settle(given)
            assert settled.dtype == np.float32
            assert shape.check(settled) == ""
            assert given.dtype == dtype
        assert "float32" in shape.check(shape.settle(np.zeros(shape.shape, dtype=np.int32)))


def test_integers_that_fit_become_int32() -> None:
    shape = Symbols((2,))
    for dtype in (np.uint8, np.int64, np.int32, np.uint64):
        assert shape.settle(np.array([1, 2], dtype=dtype)).dtype == np.int32
    wide = np.array([0, 2**40])
    assert shape.settle(wide) is wide
    assert "int32" in shape.check(shape.settle(np.array([0.0, 1.0])))


def test_floats_beyond_float32_are_refused_without_a_warning() -> None:
    huge = np.full((1, 2), 1e300)
    assert "inf" in Map(1, 2).check(Map(1, 2).settle(huge))


def test_pictures_stay_as_they_are() -> None:
    picture = np.zeros((1, 1, 3))
    assert Image(1, 1).settle(picture) is picture
