"""Laws of JPEG 2000, JPEG XL and HEIC, called directly."""

from __future__ import annotations

import io
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image as Pillow
from semcodec_anchors.files import Heic, Jpeg2000, JpegXl
from semcodec_anchors.needs import needed

from semcodec.contracts.params import parameters
from semcodec.contracts.values import Image
from semcodec.errors import ContainerError, ImageError, PluginError, UnknownCodec


def _case(codec, module):
    reason = needed(module).remedy if module else ""
    absent = bool(module) and find_spec(module) is None
    return pytest.param(codec, marks=pytest.mark.skipif(absent, reason=reason), id=codec.label)


CODECS = [
    _case(Jpeg2000(ratio=8), ""),
    _case(JpegXl(effort=3), "pillow_jxl"),
    _case(Heic(preset="fast"), "pillow_heif"),
]


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (17, 31), (48, 64)])
@pytest.mark.parametrize("codec", CODECS)
def test_what_is_coded_comes_back_alike_and_its_bytes_repeat(codec, size, context, photo):
    for channels in codec.channels:
        picture = photo(*size, channels)
        ctx = context(picture)
        assert codec.accepts(ctx.shape) == ""
        blob = codec.forward(picture, {}, ctx)
        decoded = codec.inverse(blob, {}, ctx)
        assert ctx.shape.check(decoded) == ""
        assert np.abs(decoded.astype(float) - picture).mean() < 12
        assert codec.forward(picture, {}, ctx) == blob


@pytest.mark.parametrize(
    ("low", "high"),
    [
        pytest.param(Jpeg2000(ratio=40), Jpeg2000(ratio=10), id="ratio"),
        pytest.param(*(JpegXl(quality=q, effort=3) for q in (10, 90)), id="jxl"),
        pytest.param(*(Heic(quality=q) for q in (10, 90)), id="heic"),
    ],
)
def test_parameters_reach_the_encoder(low, high, context, photo):
    if low.label != "JPEG 2000":
        pytest.importorskip("pillow_jxl" if isinstance(low, JpegXl) else "pillow_heif")
    picture = photo(96, 128, 3)
    ctx = context(picture)
    assert len(low.forward(picture, {}, ctx)) < len(high.forward(picture, {}, ctx))


def test_chroma_of_heic_is_kept_as_asked(context):
    pytest.importorskip("pillow_heif")
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:, ::2] = (200, 60, 60)
    picture[:, 1::2] = (60, 90, 60)
    ctx = context(picture)
    errors = []
    for subsampling in ("4:4:4", "4:2:2", "4:2:0"):
        codec = Heic(quality=90, subsampling=subsampling)
        decoded = codec.inverse(codec.forward(picture, {}, ctx), {}, ctx)
        errors.append(np.abs(decoded.astype(float) - picture).mean())
    assert errors[0] < min(errors[1:]) / 2


@pytest.mark.parametrize("ratio", [10, 40])
def test_jpeg_2000_keeps_to_its_ratio(ratio, context):
    picture = np.random.default_rng(3).integers(0, 256, (128, 160, 3)).astype(np.uint8)
    size = len(Jpeg2000(ratio=ratio).forward(picture, {}, context(picture)))
    assert 0.8 * picture.size / ratio < size <= 1.02 * picture.size / ratio


@pytest.mark.parametrize("codec", CODECS)
def test_no_names_or_versions_are_written(codec, context, photo):
    picture = photo(40, 56, 3)
    blob = codec.forward(picture, {}, context(picture)).lower()
    for word in (b"openjpeg", b"created", b"x265", b"libheif", b"exif", b"options"):
        assert word not in blob


@pytest.mark.parametrize("codec", CODECS)
def test_another_size_is_refused(codec, context, photo):
    picture = photo(24, 32, 3)
    blob = codec.forward(picture, {}, context(picture))
    for shape in (Image(32, 24), Image(24, 33), Image(1, 1), Image(4000, 4000)):
        with pytest.raises(ContainerError, match="32x24"):
            codec.inverse(blob, {}, context(shape))


@pytest.mark.parametrize("codec", CODECS)
def test_truncations_and_foreign_formats_are_container_errors(codec, context, photo):
    picture = photo(16, 24, 3)
    ctx = context(picture)
    blob = codec.forward(picture, {}, ctx)
    for end in range(0, len(blob) // 2, max(1, len(blob) // 20)):
        with pytest.raises(ContainerError):
            codec.inverse(blob[:end], {}, ctx)
    for format_ in ("PNG", "JPEG"):
        buffer = io.BytesIO()
        Pillow.fromarray(picture).save(buffer, format_)
        with pytest.raises(ContainerError):
            codec.inverse(buffer.getvalue(), {}, ctx)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("codec", CODECS)
def test_altered_bytes_give_a_picture_or_a_container_error(codec, context, photo):
    picture = photo(16, 24, 3)
    ctx = context(picture)
    blob = codec.forward(picture, {}, ctx)
    rng = np.random.default_rng(11)
    for _ in range(60):
        altered = bytearray(blob)
        for at in rng.integers(0, len(blob), 2):
            altered[at] = rng.integers(0, 256)
        try:
            decoded = codec.inverse(bytes(altered), {}, ctx)
        except ContainerError:
            continue
        assert ctx.shape.check(decoded) == ""


def test_a_boxed_jpeg_2000_file_is_refused(context, photo):
    picture = photo(16, 24, 3)
    buffer = io.BytesIO()
    Pillow.fromarray(picture).save(buffer, "JPEG2000")
    with pytest.raises(ContainerError, match="codestream"):
        Jpeg2000().inverse(buffer.getvalue(), {}, context(picture))


@pytest.mark.parametrize(
    "size", [(8, 8), (256, 256), (257, 3), (3, 600), (100, 120), (30, 40), (1, 9000), (90, 160)]
)
def test_the_size_in_a_jpeg_xl_header_is_read_as_its_library_reads_it(size, context):
    module = pytest.importorskip("pillow_jxl")
    picture = np.full((*size, 3), 77, np.uint8)
    blob = JpegXl(effort=1).forward(picture, {}, context(picture))
    assert module.JpegXLImagePlugin.JXLImageFile(io.BytesIO(blob)).size == size[::-1]
    assert JpegXl().check(blob, Image(*size)) == ""
    assert "expected" in JpegXl().check(blob, Image(size[0] + 1, size[1]))
    assert "expected" in JpegXl().check(b"\0\0\0\x0cJXL ", Image(*size))
    assert "cut off" in JpegXl().check(blob[:3], Image(*size)) or size == (8, 8)


@pytest.mark.parametrize(
    ("codec", "module", "extra"),
    [(JpegXl(), "pillow_jxl", "jxl"), (Heic(), "pillow_heif", "heic")],
)
def test_without_the_package_both_ways_say_what_to_install(
    codec, module, extra, monkeypatch, context
):
    monkeypatch.setitem(sys.modules, module, None)
    picture = np.zeros((8, 8, 3), np.uint8)
    sound = b"\xff\x0a\x41\0\0\0"  # 8x8, as JPEG XL writes it
    for call, value, kind in (
        (codec.forward, picture, PluginError),
        (codec.inverse, sound, UnknownCodec),
    ):
        with pytest.raises(kind) as caught:
            call(value, {}, context(picture))
        assert caught.value.hint == f'pip install "semcodec-anchors[{extra}]"'


@pytest.mark.parametrize("codec", [Jpeg2000(), JpegXl(), Heic()])
def test_parameters_are_the_encoders_and_what_cannot_be_held_is_refused(codec, context):
    assert all(p.encode_only and p.doc for p in parameters(type(codec)))
    for shape in (Image(8, 8, 2), Image(8, 8, 3, 16), Image(1, codec.side + 1)):
        assert codec.accepts(shape)
    with pytest.raises(ImageError, match="to_depth8"):
        codec.forward(np.zeros((8, 8, 3), np.uint16), {}, context(Image(8, 8, 3, 16)))
