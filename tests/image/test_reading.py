"""Laws of read_image for files that hold 8 bits, and for arrays and Pillow images."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image as Pillow

from semcodec.errors import ImageError
from semcodec.image import read_image

MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def squeezed(array):
    return array[..., 0] if array.shape[2] == 1 else array


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_kind_of_source_gives_the_same_array(channels, noise, saved, tmp_path):
    array = noise(5, 7, channels)
    picture = Pillow.fromarray(squeezed(array))
    data = saved(picture, "PNG")
    path = tmp_path / "picture.bin"
    path.write_bytes(data)
    with path.open("rb") as file:
        sources = [path, str(path), data, bytearray(data), memoryview(data), io.BytesIO(data), file]
        sources += [picture, Pillow.open(path), array]
        for source in sources:
            read = read_image(source)
            assert read.dtype == np.uint8
            assert read.flags.c_contiguous
            assert read.flags.writeable
            assert np.array_equal(read, array)


@pytest.mark.parametrize(
    ("kind", "channels", "options"),
    [
        ("PNG", (1, 2, 3, 4), {}),
        ("TIFF", (1, 2, 3, 4), {}),
        ("TIFF", (1, 3, 4), {"compression": "tiff_lzw"}),
        ("WEBP", (3, 4), {"lossless": True, "exact": True}),
        ("BMP", (1, 3), {}),
        ("PPM", (1, 3), {}),
    ],
)
def test_lossless_formats_keep_every_value(kind, channels, options, noise, saved):
    for count in channels:
        array = noise(9, 6, count)
        data = saved(Pillow.fromarray(squeezed(array)), kind, **options)
        assert np.array_equal(read_image(data), array)


@pytest.mark.parametrize("kind", ["JPEG", "AVIF", "WEBP"])
def test_lossy_formats_come_close(kind, saved):
    y, x = np.mgrid[:32, :48]
    array = np.stack([4 * x, 5 * y, 2 * x + 2 * y], axis=-1).astype(np.uint8)
    read = read_image(saved(Pillow.fromarray(array), kind, quality=95))
    assert read.shape == array.shape
    assert np.abs(read.astype(int) - array).mean() < 3


def test_arrays_without_channels_or_native_order_are_taken():
    gray = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert np.array_equal(read_image(gray), gray[..., None])
    swapped = (gray * np.uint16(257)).astype(">u2")
    read = read_image(swapped)
    assert read.dtype == np.uint16
    assert read.dtype.isnative
    assert np.array_equal(read[..., 0], swapped)
    contiguous = np.zeros((3, 4, 3), np.uint8)
    assert np.shares_memory(read_image(contiguous), contiguous)
    assert read_image(contiguous[:, ::2]).flags.c_contiguous


@pytest.mark.parametrize(
    ("array", "word"),
    [
        (np.zeros((2, 2), bool), r"astype\(np.uint8\) \* 255"),
        (np.zeros((2, 2, 3)), "round"),
        (np.zeros((2, 2), np.int64), "astype"),
        (np.zeros((2, 2), np.uint32), "uint32"),
        (np.zeros((2, 2, 5), np.uint8), "channels"),
        (np.zeros((0, 2, 3), np.uint8), "empty"),
        (np.zeros((2, 2, 3, 1), np.uint8), "shape"),
        (np.zeros(4, np.uint8), "shape"),
    ],
)
def test_other_arrays_are_refused_with_the_conversion(array, word):
    with pytest.raises(ImageError, match=word):
        read_image(array)


@pytest.mark.parametrize(("depth", "scale"), [(1, 255), (2, 85), (4, 17)])
def test_low_depth_gray_is_scaled_and_its_transparent_value_with_it(depth, scale, png):
    rows = {1: b"\xa0", 2: b"\x1b", 4: b"\x0f\xa3"}[depth]
    values = {1: [1, 0, 1, 0], 2: [0, 1, 2, 3], 4: [0, 15, 10, 3]}[depth]
    data = png(4, [rows], depth, 0)
    assert read_image(data)[0, :, 0].tolist() == [v * scale for v in values]
    hidden = values[2]
    keyed = read_image(png(4, [rows], depth, 0, before={b"tRNS": struct.pack(">H", hidden)}))
    assert keyed[0, :, 0].tolist() == [v * scale for v in values]
    assert keyed[0, :, 1].tolist() == [0 if v == hidden else 255 for v in values]


def test_a_transparent_colour_becomes_alpha(png):
    row = bytes([1, 2, 3, 1, 2, 4])
    read = read_image(png(2, [row], 8, 2, before={b"tRNS": struct.pack(">HHH", 1, 2, 3)}))
    assert read.tolist() == [[[1, 2, 3, 0], [1, 2, 4, 255]]]


def test_palettes_are_resolved(png, saved):
    palette = {b"PLTE": bytes([10, 20, 30, 40, 50, 60])}
    assert read_image(png(2, [b"\1\0"], 8, 3, before=palette)).tolist() == [
        [[40, 50, 60], [10, 20, 30]]
    ]
    gif = Pillow.frombytes("L", (2, 1), b"\x07\xc8")
    assert read_image(saved(gif, "GIF")).tolist() == [[[7, 7, 7], [200, 200, 200]]]
    clear = palette | {b"tRNS": b"\x80"}
    assert read_image(png(2, [b"\1\0"], 8, 3, before=clear)).tolist() == [
        [[40, 50, 60, 255], [10, 20, 30, 128]]
    ]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_once(kind, orientation, saved):
    # The upright picture: red top left, green top right, blue below; what is stored is turned.
    upright = np.zeros((32, 48, 3), np.uint8)
    upright[:16, :24, 0] = upright[:16, 24:, 1] = upright[16:, :, 2] = 200
    stored = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
        8: lambda a: np.rot90(a, -1),
    }[orientation](upright)
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    read = read_image(saved(Pillow.fromarray(np.ascontiguousarray(stored)), kind, exif=exif))
    assert read.shape == upright.shape
    assert np.abs(read.astype(int) - upright).mean() < 8


def test_orientation_behind_the_pixels_and_damaged_exif(png):
    rows = [bytes([1, 2]), bytes([3, 4])]
    turned = b"MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"
    data = png(2, rows, 8, 0, after={b"eXIf": turned})
    assert read_image(data)[..., 0].tolist() == [[3, 1], [4, 2]]
    broken = png(2, rows, 8, 0, before={b"eXIf": b"MM\0*\xff\xff\xff\xff"})
    assert read_image(broken)[..., 0].tolist() == [[1, 2], [3, 4]]


def test_cmyk_without_profile(saved):
    ink = Pillow.frombytes("CMYK", (2, 1), bytes([0, 0, 0, 0, 255, 0, 0, 0]))
    # Pillow writes Adobe's inverted samples in JPEG and plain ones in TIFF; both mean the same.
    for kind in ("JPEG", "TIFF"):
        read = read_image(saved(ink.resize((32, 16), Pillow.Resampling.NEAREST), kind))
        assert np.abs(read[8, 2].astype(int) - [255, 255, 255]).max() <= 3
        assert np.abs(read[8, 29].astype(int) - [0, 255, 255]).max() <= 3


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "AVIF", "PNG", "TIFF"])
def test_the_first_of_several_frames_is_read_with_a_warning(kind, saved):
    frames = [Pillow.new("RGB", (16, 16), color) for color in ("white", "black")]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:])
    with pytest.warns(UserWarning, match="only the first"):
        read = read_image(data)
    assert read.min() > 250


def test_avif_of_ten_bits_is_read_with_a_warning(saved):
    data = bytearray(saved(Pillow.new("RGB", (16, 16), "white"), "AVIF"))
    assert data.count(b"av1C") == 1
    data[data.index(b"av1C") + 6] |= 0x40
    data[data.index(b"pixi") + 9 : data.index(b"pixi") + 12] = b"\x0a\x0a\x0a"
    with pytest.warns(UserWarning, match="more than 8 bits"):
        read_image(bytes(data))


@pytest.mark.parametrize("mode", ["I", "F", "LAB", "HSV"])
def test_samples_without_exact_meaning_are_refused(mode):
    with pytest.raises(ImageError, match=mode):
        read_image(Pillow.new(mode, (2, 2)))


def test_premultiplied_and_other_modes_of_pillow():
    straight = Pillow.frombytes("RGBA", (1, 1), bytes([200, 100, 40, 255]))
    assert read_image(straight.convert("RGBa")).tolist() == [[[200, 100, 40, 255]]]
    assert read_image(Pillow.new("RGBX", (1, 1), (1, 2, 3, 9))).tolist() == [[[1, 2, 3]]]
    assert read_image(Pillow.new("YCbCr", (1, 1), (90, 128, 128))).tolist() == [[[90, 90, 90]]]
    assert read_image(Pillow.new("1", (1, 1), 1)).tolist() == [[[255]]]
    assert read_image(Pillow.new("PA", (1, 1), (0, 7))).shape == (1, 1, 4)
