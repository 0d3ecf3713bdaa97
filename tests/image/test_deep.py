"""Sixteen bits are kept to the last, or refused; never reduced."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from semcodec.errors import ImageError
from semcodec.image import read_image

COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}


def rows_of(array):
    return [row.astype(">u2").tobytes() for row in array]


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png(channels, noise, png):
    array = noise(7, 5, channels, dtype=np.uint16)
    read = read_image(png(5, rows_of(array), 16, COLOR_TYPES[channels]))
    assert read.dtype == np.uint16
    assert np.array_equal(read, array)


def test_png_filters_run_over_both_bytes(noise):
    """Sub, Up, Average and Paeth predict a byte from the one six bytes before it."""
    array = noise(4, 6, 3, dtype=np.uint16)
    raw = array.astype(">u2").reshape(4, -1).view(np.uint8).astype(int)
    up = np.vstack([np.zeros_like(raw[:1]), raw[:-1]])
    left = np.hstack([np.zeros_like(raw[:, :6]), raw[:, :-6]])
    corner = np.hstack([np.zeros_like(up[:, :6]), up[:, :-6]])
    guess = left + up - corner
    near = np.stack([abs(guess - left), abs(guess - up), abs(guess - corner)]).argmin(axis=0)
    paeth = np.choose(near, [left, up, corner])
    predicted = np.stack([left[0], up[1], (left[2] + up[2]) // 2, paeth[3]])
    rows = ((raw - predicted) % 256).astype(np.uint8)
    filtered = b"".join(bytes([kind]) + row.tobytes() for kind, row in enumerate(rows, start=1))
    assert np.array_equal(read_image(_png_of(6, 4, filtered)), array)


def _png_of(width, height, filtered):
    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(filtered)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def test_png_transparent_colour_is_compared_at_16_bits(png):
    array = np.array([[[256, 1, 2], [257, 1, 2]]], np.uint16)
    key = {b"tRNS": struct.pack(">HHH", 257, 1, 2)}
    read = read_image(png(2, rows_of(array), 16, 2, before=key))
    assert read.tolist() == [[[256, 1, 2, 65535], [257, 1, 2, 0]]]
    gray = read_image(
        png(2, [struct.pack(">HH", 256, 257)], 16, 0, before={b"tRNS": struct.pack(">H", 256)})
    )
    assert gray.tolist() == [[[256, 0], [257, 65535]]]


def test_png_orientation_behind_the_pixels(png):
    array = np.arange(12, dtype=np.uint16).reshape(2, 2, 3) * 5000
    turned = b"MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"
    data = png(2, rows_of(array), 16, 2, after={b"eXIf": turned})
    assert np.array_equal(read_image(data), np.rot90(array, -1))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_tiff(channels, order, noise, tiff):
    array = noise(6, 9, channels, dtype=np.uint16)
    read = read_image(tiff(array, 1 if channels == 1 else 2, order))
    assert read.dtype == np.uint16
    assert np.array_equal(read, array)


def test_tiff_turned(noise, tiff):
    array = noise(4, 3, 3, dtype=np.uint16)
    assert np.array_equal(read_image(tiff(array, 2, t274=6)), np.rot90(array, -1))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_tiff_whose_zero_is_white(dtype, noise, tiff):
    array = noise(4, 3, 1, dtype=dtype)
    assert np.array_equal(read_image(tiff(array, 0)), ~array)


@pytest.mark.parametrize(
    ("shape", "photometric", "more", "word"),
    [
        ((3, 4, 3), 2, {"planar": 2}, "planes"),
        ((3, 4, 4), 5, {}, "CMYK"),
        ((3, 4, 4), 2, {"extra": 1}, "RGBa"),
        ((3, 4, 4), 2, {"extra": 0}, "RGBX"),
        ((3, 4, 1), 1, {"bits": 12}, "12 bits"),
    ],
)
def test_tiff_that_pillow_would_reduce_or_misread(shape, photometric, more, word, noise, tiff):
    with pytest.raises(ImageError, match=word):
        read_image(tiff(noise(*shape, dtype=np.uint16), photometric, **more))


def test_tiff_of_floats(tiff):
    with pytest.raises(ImageError, match="'F'"):
        read_image(tiff(np.zeros((2, 2, 1), np.float32), 1))


def test_ppm():
    gray = b"P5 2 1 65535\n" + struct.pack(">HH", 258, 65535)
    assert read_image(gray).tolist() == [[[258], [65535]]]
    ten = b"P5 2 1 1023\n" + struct.pack(">HH", 0, 1023)
    assert read_image(ten).tolist() == [[[0], [65535]]]
    for data in (b"P6 1 1 65535\n" + bytes(6), b"P3 1 1 65535\n1 2 3\n"):
        with pytest.raises(ImageError, match="65535"):
            read_image(data)


def test_a_pillow_image_that_would_be_reduced_is_refused(noise, png):
    data = png(2, rows_of(noise(2, 2, 3, dtype=np.uint16)), 16, 2)
    with pytest.raises(ImageError, match="16-bit colour") as caught:
        read_image(Pillow.open(io.BytesIO(data)))
    assert "path or the bytes" in caught.value.hint
    gray = noise(2, 2, 1, dtype=np.uint16)
    opened = Pillow.open(io.BytesIO(png(2, rows_of(gray), 16, 0)))
    assert np.array_equal(read_image(opened), gray)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(size=st.tuples(st.integers(1, 40), st.integers(1, 40)), channels=st.integers(1, 4))
def test_any_size(size, channels, noise, png):
    array = noise(*size, channels, dtype=np.uint16, seed=size[0])
    data = png(size[1], rows_of(array), 16, COLOR_TYPES[channels])
    assert np.array_equal(read_image(data), array)
