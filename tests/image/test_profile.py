"""Embedded profiles become sRGB."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageCms

from semcodec.errors import ImageError
from semcodec.image import read_image

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def fixed(*values):
    return b"".join(struct.pack(">i", round(v * 65536)) for v in values)


def assembled(kind, space, pcs, tags):
    """Put an ICC profile of version 2 together."""
    body, table, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        padded = data + bytes(-len(data) % 4)
        table += name + struct.pack(">II", at + len(body), len(data))
        body += padded
    size = at + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"none", 0x02400000, kind, space, pcs)
    head += bytes(12) + b"acsp" + bytes(28) + fixed(0.9642, 1.0, 0.8249) + bytes(48)
    return head + struct.pack(">I", len(tags)) + table + body


def common():
    return {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", 2) + b"p\0" + bytes(78),
        b"wtpt": b"XYZ " + bytes(4) + fixed(0.9642, 1.0, 0.8249),
    }


def display(space, gamma, primaries=()):
    """A display profile: a gamma, and for RGB the primaries in XYZ under D50."""
    tags = common()
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))
    for name, xyz in zip((b"r", b"g", b"b"), primaries, strict=False):
        tags[name + b"XYZ"] = b"XYZ " + bytes(4) + fixed(*xyz)
        tags[name + b"TRC"] = curve
    if space == b"GRAY":
        tags[b"kTRC"] = curve
    return assembled(b"mntr", space, b"XYZ ", tags)


def printer():
    """A printer whose black ink alone darkens, from L* 100 to 0: a table of two points an ink."""
    ramp = bytes(range(256))
    points = b"".join(bytes([0 if point % 2 else 255, 128, 128]) for point in range(16))
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    tags = common() | {b"A2B0": table + 4 * ramp + points + 3 * ramp}
    return assembled(b"prtr", b"CMYK", b"Lab ", tags)


# sRGB's primaries under D50 with a linear curve: the conversion is sRGB's own transfer curve.
PRIMARIES = [(0.4360, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)]
LINEAR = display(b"RGB ", 1.0, PRIMARIES)
SWAPPED = display(b"RGB ", 2.2, [PRIMARIES[1], PRIMARIES[0], PRIMARIES[2]])
GRAY_LINEAR = display(b"GRAY", 1.0)
PRINTER = printer()


def srgb_curve(values):
    x = np.asarray(values) / 255
    return 255 * np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "TIFF"])
def test_a_linear_profile_is_converted_by_the_curve_of_srgb(kind, saved):
    options = {"quality": 100} if kind != "TIFF" else {}
    picture = Pillow.new("RGB", (16, 16), (60, 60, 60))
    read = read_image(saved(picture, kind, icc_profile=LINEAR, **options))
    assert np.abs(read - srgb_curve(60)).max() < 3


def test_every_level_follows_the_curve_and_alpha_stays():
    ramp = np.arange(256, dtype=np.uint8)
    array = np.stack([ramp, ramp, ramp, ramp[::-1]], axis=-1)[None]
    picture = Pillow.fromarray(array)
    picture.info["icc_profile"] = LINEAR
    read = read_image(picture)
    assert np.abs(read[0, :, 0] - srgb_curve(ramp)).max() <= 1
    assert np.array_equal(read[..., 3], array[..., 3])


@pytest.mark.parametrize(("mode", "channels"), [("L", 1), ("LA", 2)])
@pytest.mark.parametrize("icc", [GRAY_LINEAR, LINEAR], ids=["gray", "rgb"])
def test_gray_stays_gray_under_either_profile(mode, channels, icc):
    picture = Pillow.new(mode, (4, 4), (60, 128)[:channels] if channels > 1 else 60)
    picture.info["icc_profile"] = icc
    read = read_image(picture)
    assert read.shape == (4, 4, channels)
    assert abs(int(read[0, 0, 0]) - srgb_curve(60)) <= 1
    assert channels == 1 or read[0, 0, 1] == 128


def test_primaries_are_converted():
    picture = Pillow.new("RGB", (4, 4), (255, 0, 0))
    picture.info["icc_profile"] = SWAPPED
    assert np.abs(read_image(picture)[0, 0].astype(int) - [0, 255, 0]).max() <= 2


def test_a_palette_is_converted_as_colours():
    picture = Pillow.new("P", (4, 4), 0)
    picture.putpalette([60, 60, 60])
    picture.info["icc_profile"] = LINEAR
    assert np.abs(read_image(picture)[0, 0] - srgb_curve(60)).max() <= 1


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_srgb_itself_changes_no_value(channels, noise, saved):
    array = noise(16, 16, channels)
    picture = Pillow.fromarray(array[..., 0] if channels == 1 else array)
    assert np.array_equal(read_image(saved(picture, "PNG", icc_profile=SRGB)), array)


@pytest.mark.parametrize(
    "icc",
    [b"nonsense", LINEAR[:200], LAB, GRAY_LINEAR, b"\0" * 128],
    ids=["nonsense", "truncated", "lab", "gray", "zeros"],
)
def test_a_profile_that_cannot_be_used_is_left_out_with_a_warning(icc, noise):
    array = noise(4, 4, 3)
    picture = Pillow.fromarray(array)
    picture.info["icc_profile"] = icc
    with pytest.warns(UserWarning, match="profile"):
        assert np.array_equal(read_image(picture), array)


def test_sixteen_bits_are_kept_in_srgb_and_refused_in_another_space(noise, png):
    array = noise(2, 2, 3, dtype=np.uint16)
    rows = [row.astype(">u2").tobytes() for row in array]
    chunks = {icc: {b"iCCP": b"p\0\0" + zlib.compress(icc)} for icc in (SRGB, LINEAR)}
    assert np.array_equal(read_image(png(2, rows, 16, 2, before=chunks[SRGB])), array)
    with pytest.raises(ImageError, match="another colour space"):
        read_image(png(2, rows, 16, 2, before=chunks[LINEAR]))


def test_cmyk_is_converted_by_its_table(saved):
    picture = Pillow.new("CMYK", (16, 16), (255, 255, 0, 128))
    for kind in ("JPEG", "TIFF"):
        read = read_image(saved(picture, kind, icc_profile=PRINTER))
        # Lightness 100 * 127 / 255 of the table, neutral whatever the other inks.
        assert np.abs(read.astype(int) - 118).max() <= 2


def test_a_truncated_profile_inside_a_file(saved):
    data = saved(Pillow.new("RGB", (8, 8), (9, 9, 9)), "PNG", icc_profile=LINEAR[:150])
    with pytest.warns(UserWarning, match="profile"):
        assert read_image(io.BytesIO(data))[0, 0].tolist() == [9, 9, 9]
