"""Laws of write_image and write_bytes."""

from __future__ import annotations

import os
import stat
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from semcodec.errors import ImageError, SettingError
from semcodec.image import read_image, write_bytes, write_image
from semcodec.image.png import encode_png, quick_png

HELD = [("png", c, d) for c in (1, 2, 3, 4) for d in (np.uint8, np.uint16)]
HELD += [("tiff", c, np.uint8) for c in (1, 2, 3, 4)] + [("tif", 1, np.uint16)]
HELD += [("webp", c, np.uint8) for c in (3, 4)]


def names(folder):
    return [path.name for path in folder.iterdir()]


@pytest.mark.parametrize(("suffix", "channels", "dtype"), HELD)
def test_lossless_formats_give_back_what_was_written(suffix, channels, dtype, noise, tmp_path):
    array = noise(9, 7, channels, dtype=dtype)
    path = tmp_path / f"picture.{suffix}"
    write_image(array, path)
    read = read_image(path)
    assert read.dtype == array.dtype
    assert np.array_equal(read, array)
    assert names(tmp_path) == [path.name]


@pytest.mark.parametrize("encode", [encode_png, quick_png])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png_of_our_own_gives_back_what_was_written(encode, dtype, channels, noise, tmp_path):
    array = np.asfortranarray(noise(9, 7, channels, dtype=dtype))
    (tmp_path / "a.png").write_bytes(encode(array))
    assert np.array_equal(read_image(tmp_path / "a.png"), array)


@pytest.mark.parametrize("channels", [1, 2])
def test_webp_gives_gray_back_as_rgb(channels, noise, tmp_path):
    array = noise(5, 6, channels)
    write_image(array, tmp_path / "gray.webp")
    read = read_image(tmp_path / "gray.webp")
    assert np.array_equal(read[..., :3], np.repeat(array[..., :1], 3, axis=2))
    assert channels == 1 or np.array_equal(read[..., 3], array[..., 1])


@pytest.mark.parametrize("suffix", ["jpg", "JPEG", "avif"])
def test_lossy_formats_come_close(suffix, tmp_path):
    y, x = np.mgrid[:32, :48]
    array = np.stack([5 * x, 7 * y, 3 * x + y], axis=-1).astype(np.uint8)
    write_image(array, tmp_path / f"p.{suffix}")
    assert np.abs(read_image(tmp_path / f"p.{suffix}").astype(int) - array).mean() < 2


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(size=st.tuples(st.integers(1, 33), st.integers(1, 33)), channels=st.integers(1, 4))
def test_png_of_16_bits_in_any_size(size, channels, noise, tmp_path):
    array = noise(*size, channels, dtype=np.uint16, seed=size[1])
    write_image(array, tmp_path / "p.png")
    assert np.array_equal(read_image(tmp_path / "p.png"), array)


def test_png_of_16_bits_is_pinned(tmp_path):
    array = np.array([[[1, 258, 65535]], [[2, 258, 0]]], np.uint16)
    write_image(array, tmp_path / "p.png")
    data = (tmp_path / "p.png").read_bytes()
    assert data[:33].hex() == "89504e470d0a1a0a0000000d49484452000000010000000210020000004673fd33"
    rows = zlib.decompress(data[41 : 41 + int.from_bytes(data[33:37], "big")])
    assert rows.hex() == "02" + "00010102ffff" + "02" + "000100000101"
    # Pillow, which keeps the high bytes, reads the same file.
    with Pillow.open(tmp_path / "p.png") as picture:
        assert np.asarray(picture).tolist() == [[[0, 1, 255]], [[0, 1, 0]]]


@pytest.mark.parametrize(
    ("shape", "dtype", "name", "words"),
    [
        ((2, 2, 4), np.uint8, "a.jpg", ["alpha", "flatten"]),
        ((2, 2, 2), np.uint8, "a.jpeg", ["alpha", "flatten"]),
        ((2, 2, 3), np.uint16, "a.jpg", ["16", "to_depth8"]),
        ((2, 2, 3), np.uint16, "a.webp", ["16", "to_depth8"]),
        ((2, 2, 1), np.uint16, "a.avif", ["16", "to_depth8"]),
        ((2, 2, 3), np.uint16, "a.tiff", ["16", "PNG"]),
        ((1, 16384, 3), np.uint8, "a.webp", ["16383", "PNG"]),
        ((65501, 1, 3), np.uint8, "a.jpg", ["65500", "PNG"]),
        ((2, 2, 3), np.uint8, "a.xyz", [r"\.xyz", r"\.png, \.tif"]),
        ((2, 2, 3), np.uint8, "a", ["none", r"\.png"]),
        ((2, 2, 5), np.uint8, "a.png", ["channels"]),
        ((2, 2), np.uint8, "a.png", ["shape"]),
        ((2, 2, 3), np.float32, "a.png", ["float32"]),
    ],
)
def test_what_a_format_cannot_hold_is_refused(shape, dtype, name, words, tmp_path):
    (tmp_path / name).write_bytes(b"before")
    for word in words:
        with pytest.raises(ImageError, match=word):
            write_image(np.zeros(shape, dtype), tmp_path / name)
    assert (tmp_path / name).read_bytes() == b"before"


def test_the_format_overrules_the_suffix(noise, tmp_path):
    array = noise(3, 3, 3)
    write_image(array, tmp_path / "picture.bin", format="PNG")
    assert np.array_equal(read_image(tmp_path / "picture.bin"), array)
    with pytest.raises(ImageError, match="bmp"):
        write_image(array, tmp_path / "picture.png", format="bmp")


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingError, match="No space left"):
        write_bytes(b"new content", path)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file.bin"]


def test_an_interrupt_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(b"new content", path)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file.bin"]


def test_places_that_cannot_be_written(tmp_path):
    for path in (tmp_path, tmp_path / "no" / "file.bin", tmp_path / "a\0b"):
        with pytest.raises(SettingError, match="cannot write"):
            write_bytes(b"data", path)
    assert names(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions, links and devices")
def test_permissions_links_and_devices(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    write_bytes(b"one", target)
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~umask
    target.chmod(0o640)
    link.symlink_to("target")
    write_bytes(b"two", link)
    assert link.is_symlink()
    assert target.read_bytes() == b"two"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    write_bytes(b"gone", os.devnull)
    assert not Path(os.devnull).is_file()
    loop = tmp_path / "loop"
    loop.symlink_to("loop")
    with pytest.raises(SettingError, match="cannot write"):
        write_bytes(b"data", loop)
