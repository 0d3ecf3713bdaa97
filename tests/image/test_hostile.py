"""Whatever is fed to read_image, only ImageError comes out."""

from __future__ import annotations

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from semcodec.errors import ImageError
from semcodec.image import read_image

FORMATS = ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "PPM", "BMP", "GIF"]


def sample(saved, kind):
    array = np.random.default_rng(0).integers(0, 256, (12, 10, 3)).astype(np.uint8)
    return saved(Pillow.fromarray(array), kind)


@pytest.mark.parametrize(
    ("source", "word"),
    [
        (b"", "no bytes"),
        (b"hello, this is text", "68 65 6c 6c"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "25 21 50 53"),
        ("no/such/file.png", "no such file"),
        ("a\0b.png", "cannot be read"),
        (io.StringIO("text"), "expected bytes"),
        (None, "NoneType"),
        (3, "int"),
    ],
    ids=["empty", "text", "postscript", "absent", "nul", "text-file", "none", "number"],
)
def test_no_picture(source, word):
    with pytest.raises(ImageError, match=word):
        read_image(source)


def test_folders_and_empty_files(tmp_path):
    with pytest.raises(ImageError, match="folder"):
        read_image(tmp_path)
    (tmp_path / "empty.png").touch()
    with pytest.raises(ImageError, match=r"empty\.png.*no bytes"):
        read_image(tmp_path / "empty.png")


@pytest.mark.parametrize("kind", FORMATS)
def test_a_truncated_file_is_refused_unless_all_its_pixels_are_there(kind, saved):
    data = sample(saved, kind)
    whole = read_image(data)
    ends = {*range(1, len(data), max(1, len(data) // 80)), *range(len(data) - 40, len(data))}
    for end in ends:
        try:
            read = read_image(data[:end])
        except ImageError:
            continue
        assert end > len(data) - 24
        assert np.array_equal(read, whole)


@pytest.mark.parametrize("kind", FORMATS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(edits=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=5))
@pytest.mark.filterwarnings("ignore")
def test_altered_files_give_a_picture_or_an_image_error(kind, edits, saved):
    data = bytearray(sample(saved, kind))
    for place, value in edits:
        # Half of the edits go to the first hundred bytes, where sizes and offsets stand.
        span = min(len(data), 100) if value % 2 else len(data)
        data[int(place * span)] = value
    try:
        read = read_image(bytes(data), max_pixels=10**6)
    except ImageError:
        return
    assert read.dtype in (np.uint8, np.uint16)
    assert read.ndim == 3


@settings(max_examples=100, deadline=None)
@given(
    head=st.sampled_from(
        [
            *(
                b"\xff\xd8\xff",
                b"\x89PNG\r\n\x1a\n",
                b"RIFF\0\0\0\0WEBPVP8X",
                b"\0\0\0\x1cftypavif",
            ),
            *(b"II*\0", b"MM\0*", b"II+\0", b"P6 ", b"P1", b"BM", b"GIF89a", b""),
        ]
    ),
    tail=st.binary(max_size=200),
)
@pytest.mark.filterwarnings("ignore")
def test_garbage_behind_a_magic_number(head, tail):
    try:
        read_image(head + tail, max_pixels=10**6)
    except ImageError:
        return


class TestLimit:
    """The size is checked before anything is decoded, whatever Pillow's own limit."""

    def test_a_bomb_is_refused_from_its_header(self, png):
        data = bytearray(png(1, [b"\0"], 8, 0))
        data[16:24] = struct.pack(">II", 2**15, 2**15)
        data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
        with pytest.raises(ImageError, match="32768x32768") as caught:
            read_image(bytes(data))
        assert "--max-pixels" in caught.value.hint

    @pytest.mark.parametrize("kind", FORMATS)
    def test_the_limit_is_exact(self, kind, saved):
        data = sample(saved, kind)
        assert read_image(data, max_pixels=120).shape[:2] == (12, 10)
        with pytest.raises(ImageError, match="at most 119"):
            read_image(data, max_pixels=119)

    def test_pillow_images_are_limited_too(self):
        with pytest.raises(ImageError, match="at most 3"):
            read_image(Pillow.new("L", (2, 2)), max_pixels=3)

    @pytest.mark.parametrize("kind", FORMATS)
    @pytest.mark.parametrize("own", [1, 100])
    def test_pillows_own_limit_neither_warns_nor_raises_nor_changes(
        self, kind, own, saved, monkeypatch
    ):
        data = sample(saved, kind)
        monkeypatch.setattr(Pillow, "MAX_IMAGE_PIXELS", own)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert read_image(data).shape == (12, 10, 3)
        with pytest.raises(ImageError, match="at most 50"):
            read_image(data, max_pixels=50)
        assert own == Pillow.MAX_IMAGE_PIXELS
