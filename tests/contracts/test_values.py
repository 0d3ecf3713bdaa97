"""Descriptions of values accept exactly the values described."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from semcodec.contracts.values import Blob, Image, Latent, Map, Symbols, Text, ValueType


def zeros(shape: tuple[int, ...], dtype: str) -> np.ndarray[Any, Any]:
    return np.zeros(shape, dtype)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Image(2, 3), zeros((2, 3, 3), "uint8")),
        (Image(1, 1, 4, 16), zeros((1, 1, 4), "uint16")),
        (Map(2, 3), np.array([[0, 0.5, 1]] * 2, np.float32)),
        (Map(0, 3), zeros((0, 3), "float32")),
        (Latent((2, 0, 5)), zeros((2, 0, 5), "float32")),
        (Symbols((2, 2), low=-1, high=1), np.array([[-1, 0], [1, 1]], np.int32)),
        (Symbols((0,)), zeros((0,), "int32")),
        (Symbols((4,), end=0, low=0), np.array([1, 2], np.int32)),
        (Symbols((4,), end=0, low=0), np.array([1, 2, 3, 4], np.int32)),
        (Text(3), "äöü"),
        (Blob(), b""),
    ],
)
def test_values_that_conform(kind: ValueType, value: Any) -> None:
    assert kind.check(value) == ""
    assert hash(kind) == hash(kind)


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (Image(2, 3), zeros((3, 2, 3), "uint8"), "expected shape (2, 3, 3), got (3, 2, 3)"),
        (Image(2, 3), zeros((2, 3, 3), "uint16"), "expected dtype uint8, got uint16"),
        (Image(2, 3, 3, 16), zeros((2, 3, 3), ">u2"), "expected dtype uint16, got >u2"),
        (Image(2, 3), [[0]], "expected a NumPy array of uint8, got list"),
        (Map(1, 2), np.array([[0, 1.01]], np.float32), "expected values in [0, 1], got [0, 1.01]"),
        (Map(1, 2), np.array([[0, np.nan]], np.float32), "expected values in [0, 1]"),
        (Map(1, 2), np.array([[-1, 0]], np.float32), "expected values in [0, 1], got [-1, 0]"),
        (Latent((2,)), zeros((2,), "float64"), "expected dtype float32, got float64"),
        (Symbols((2,), low=0), np.array([0, -1], np.int32), "expected symbols in [0, 1073741824]"),
        (Symbols((2,), high=3), np.array([4, 0], np.int32), "got [0, 4]"),
        (Symbols((2,)), np.array([0, 0], np.int64), "expected dtype int32, got int64"),
        (Symbols((2,), end=0), np.array([1, 0], np.int32), "expected no symbol 0, which ends"),
        (Symbols((2,), end=0), np.array([1, 2, 3], np.int32), "expected at most 2 int32 symbols"),
        (Symbols((2,), end=0), np.array([[1]], np.int32), "in one dimension"),
        (Symbols((2,), end=0), None, "expected a NumPy array of int32, got NoneType"),
        (Text(3), "abcd", "expected at most 3 characters, got 4"),
        (Text(3), b"abc", "expected text, got bytes"),
        (Blob(), bytearray(b"a"), "expected bytes, got bytearray"),
    ],
)
def test_values_that_do_not(kind: ValueType, value: Any, words: str) -> None:
    assert words in kind.check(value)


def test_pictures_describe_themselves() -> None:
    assert Image.of(zeros((2, 3, 1), "uint16")) == Image(2, 3, 1, 16)
    assert Image(2, 3).pixels == 6
    for bad in (zeros((2, 3), "uint8"), zeros((2, 3, 5), "uint8"), zeros((0, 3, 3), "uint8"), "a"):
        with pytest.raises(ValueError, match="expected"):
            Image.of(bad)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="uint8 or uint16, got float32"):
        Image.of(zeros((2, 3, 3), "float32"))


def test_a_mask_takes_no_part_in_comparison() -> None:
    masked = Symbols((2,), mask=np.array([True, False]))
    assert masked == Symbols((2,))
    assert hash(masked) == hash(Symbols((2,)))
