"""Laws of the three codecs, called directly."""

from __future__ import annotations

import inspect
import io

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import ImageFile, features
from semcodec_anchors.pillow import Avif, Jpeg, WebP

from semcodec.contracts.params import parameters
from semcodec.contracts.values import Blob, Image
from semcodec.errors import ContainerError, ImageError

CODECS = {"jpeg": Jpeg(), "webp": WebP(), "avif": Avif(speed=10)}
CASES = [(n, c) for n, codec in CODECS.items() for c in codec.channels]
MAGIC = {"jpeg": (0, b"\xff\xd8\xff"), "webp": (8, b"WEBP"), "avif": (4, b"ftypavif")}


def psnr(a, b):
    return 10 * np.log10(255**2 / max(1e-9, np.mean((a.astype(float) - b.astype(float)) ** 2)))


@pytest.mark.parametrize(("name", "channels"), CASES)
@pytest.mark.parametrize("size", [(1, 1), (17, 31), (48, 64)])
def test_what_is_coded_comes_back_alike(name, channels, size, context, photo):
    picture, codec = photo(*size, channels), CODECS[name]
    before = picture.copy()
    ctx = context(picture)
    assert codec.accepts(ctx.shape) == ""
    blob = codec.forward(picture, {}, ctx)
    decoded = codec.inverse(blob, {}, ctx)
    assert codec.layout(ctx.shape, {}, ctx).check(blob) == ""
    assert ctx.shape.check(decoded) == ""
    assert decoded.flags.writeable
    assert np.array_equal(picture, before)
    assert psnr(picture, decoded) > 24
    at, magic = MAGIC[name]
    assert blob[at : at + len(magic)] == magic


@pytest.mark.parametrize(("name", "channels"), CASES)
def test_bytes_repeat_and_carry_no_metadata(name, channels, context, photo):
    picture, codec = photo(40, 56, channels), CODECS[name]
    ctx = context(picture)
    blob = codec.forward(picture, {}, ctx)
    assert codec.forward(picture, {}, ctx) == blob
    info = Pillow.open(io.BytesIO(blob)).info
    assert not info.keys() & {"exif", "icc_profile", "xmp", "comment", "dpi"}


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (Jpeg(quality=10), Jpeg(quality=90)),
        (WebP(quality=10), WebP(quality=90)),
        (Avif(quality=10, speed=10), Avif(quality=90, speed=10)),
        (Jpeg(subsampling="4:2:0"), Jpeg(subsampling="4:4:4")),
        (Avif(subsampling="4:2:0", speed=10), Avif(subsampling="4:4:4", speed=10)),
        (WebP(effort=6), WebP(effort=0)),
        (Jpeg(optimize=True, progressive=False), Jpeg(optimize=False, progressive=False)),
        (WebP(alpha_quality=0), WebP(alpha_quality=100)),
    ],
    ids=lambda codec: str(codec),
)
def test_parameters_reach_the_encoder(low, high, context, photo):
    picture = photo(96, 128, 4 if isinstance(low, WebP) else 3)
    ctx = context(picture)
    assert len(low.forward(picture, {}, ctx)) < len(high.forward(picture, {}, ctx))


def test_progressive_is_written_as_asked(context, photo):
    picture = photo(32, 32, 3)
    ctx = context(picture)
    start_of_frame = {False: b"\xff\xc0\x00\x11", True: b"\xff\xc2\x00\x11"}
    for progressive, marker in start_of_frame.items():
        assert marker in Jpeg(progressive=progressive).forward(picture, {}, ctx)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_lossless_webp_keeps_every_value(channels, context):
    picture = np.random.default_rng(0).integers(0, 256, (19, 23, channels)).astype(np.uint8)
    ctx = context(picture)
    codec = WebP(lossless=True)
    assert np.array_equal(codec.inverse(codec.forward(picture, {}, ctx), {}, ctx), picture)


def test_noise_fits_into_jpeg_at_any_quality(context):
    picture = np.random.default_rng(1).integers(0, 256, (256, 256, 3)).astype(np.uint8)
    ctx = context(picture)
    before = ImageFile.MAXBLOCK
    for quality in (50, 80, 94, 95, 100):
        for progressive in (False, True):
            codec = Jpeg(quality=quality, subsampling="4:4:4", progressive=progressive)
            decoded = codec.inverse(codec.forward(picture, {}, ctx), {}, ctx)
            assert decoded.shape == picture.shape
    assert before == ImageFile.MAXBLOCK


@pytest.mark.parametrize(
    ("codec", "shape", "word"),
    [
        (Jpeg(), Image(8, 8, 4), "alpha"),
        (Jpeg(), Image(8, 8, 2), "alpha"),
        (WebP(), Image(8, 8, 2), "alpha"),
        (Avif(), Image(8, 8, 2), "alpha"),
        (Jpeg(), Image(8, 8, 3, 16), "to_depth8"),
        (WebP(), Image(8, 8, 1, 16), "to_depth8"),
        (Avif(), Image(8, 8, 4, 16), "to_depth8"),
        (Jpeg(), Image(1, 65501, 3), "65500"),
        (WebP(), Image(16384, 1, 3), "16383"),
        (Avif(), Image(32769, 1, 3), "32768"),
        (WebP(), Image(16383, 16383, 3), "pixels"),
    ],
)
def test_what_a_format_cannot_hold_is_refused(codec, shape, word, context):
    assert word in codec.accepts(shape)
    if shape.pixels < 10**6:
        with pytest.raises(ImageError, match=word):
            codec.forward(np.zeros(shape.shape, shape.dtype), {}, context(shape))


@pytest.mark.parametrize("codec", [Jpeg(), WebP(), Avif(speed=10)])
def test_the_longest_side_is_really_held(codec, context, photo):
    picture = photo(1, codec.side, 3)
    ctx = context(picture)
    assert codec.accepts(ctx.shape) == ""
    assert codec.inverse(codec.forward(picture, {}, ctx), {}, ctx).shape == picture.shape


@pytest.mark.parametrize("name", CODECS)
def test_another_size_is_refused_before_its_pixels_are_decoded(name, context, photo, monkeypatch):
    codec, picture = CODECS[name], photo(24, 32, 3)
    blob = codec.forward(picture, {}, context(picture))

    def never(self):
        raise AssertionError("pixels were decoded")

    for cls in type(codec.open(io.BytesIO(blob))).__mro__[:-1]:
        if "load" in cls.__dict__:
            monkeypatch.setattr(cls, "load", never)
    for shape in (Image(32, 24), Image(24, 33), Image(23, 32), Image(1, 1)):
        with pytest.raises(ContainerError, match="32x24"):
            codec.inverse(blob, {}, context(shape))
    with pytest.raises(ContainerError, match="16"):
        codec.inverse(blob, {}, context(Image(24, 32, 3, 16)))


@pytest.mark.parametrize("name", CODECS)
def test_every_truncation_and_foreign_format_is_a_container_error(name, context, photo):
    codec, picture = CODECS[name], photo(16, 24, 3)
    ctx = context(picture)
    blob = codec.forward(picture, {}, ctx)
    for end in range(0, len(blob) - 3, max(1, len(blob) // 60)):
        with pytest.raises(ContainerError):
            codec.inverse(blob[:end], {}, ctx)
    for other, another in CODECS.items():
        if other != name:
            with pytest.raises(ContainerError):
                codec.inverse(another.forward(picture, {}, ctx), {}, ctx)


@pytest.mark.parametrize("name", CODECS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
@pytest.mark.filterwarnings("ignore")
def test_altered_bytes_give_a_picture_or_a_container_error(name, data, context, photo):
    codec, picture = CODECS[name], photo(16, 24, 3)
    ctx = context(picture)
    blob = bytearray(codec.forward(picture, {}, ctx))
    for _ in range(data.draw(st.integers(1, 4))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    try:
        decoded = codec.inverse(bytes(blob), {}, ctx)
    except ContainerError:
        return
    assert ctx.shape.check(decoded) == ""


def test_animations_and_cmyk_are_refused(context):
    frames = [Pillow.new("RGB", (8, 8), color) for color in ("red", "blue")]
    for codec, label in ((WebP(), "WEBP"), (Avif(), "AVIF")):
        buffer = io.BytesIO()
        frames[0].save(buffer, label, save_all=True, append_images=frames[1:])
        with pytest.raises(ContainerError, match="frames"):
            codec.inverse(buffer.getvalue(), {}, context(Image(8, 8)))
    buffer = io.BytesIO()
    Pillow.new("CMYK", (8, 8)).save(buffer, "JPEG")
    with pytest.raises(ContainerError, match="CMYK"):
        Jpeg().inverse(buffer.getvalue(), {}, context(Image(8, 8)))


@pytest.mark.parametrize("codec", [Jpeg(), WebP(), Avif()])
def test_every_parameter_is_the_encoders_and_documented(codec):
    assert parameters(type(codec))
    for parameter in parameters(type(codec)):
        assert parameter.encode_only
        assert parameter.doc


@pytest.mark.parametrize("codec", [Jpeg(), WebP(), Avif()])
def test_every_option_that_pillow_reads_is_given(codec):
    """A new option of Pillow's, or a new name, shows here instead of in the bytes."""
    Pillow.init()
    source = inspect.getsource(Pillow.SAVE[codec.label.upper()])
    asked = {part.split('"')[1] for part in source.split("info.get(")[1:] if '"' in part[:2]}
    # "progression" is an old name of "progressive"; a single picture has no "duration", and no
    # "append_images".
    asked -= {"progression", "duration", "append_images"}
    assert asked <= codec.options(Image(8, 8)).keys()


# Two rows of three pixels, red and blue, written by libjpeg-turbo, libwebp and libaom.
GOLDEN = {
    "jpeg": (
        "ffd8ffe000104a46494600010100000100010000ffdb0043000302020302020303030304030304050805"
        "050404050a070706080c0a0c0c0b0a0b0b0d0e12100d0e110e0b0b1016101113141515150c0f17181614"
        "1812141514ffdb00430103040405040509050509140d0b0d141414141414141414141414141414141414"
        "1414141414141414141414141414141414141414141414141414141414141414ffc00011080002000303"
        "011100021101031101ffc40014000100000000000000000000000000000008ffc4001a10000007000000"
        "0000000000000000000000010304145392ffc4001501010100000000000000000000000000000508ffc4"
        "001b110000070100000000000000000000000000020305165493d1ffda000c03010002110311003f0035"
        "4d717abb3150c719692599380991bd5d5743f47fffd9",
        [
            [[200, 40, 40], [200, 40, 40], [200, 40, 40]],
            [[41, 60, 199], [41, 60, 199], [41, 60, 199]],
        ],
    ),
    "webp": (
        "5249464622000000574542505650384c160000002f024000000f700a9483211f0574fe63097310d1ff10",
        [
            [[200, 40, 40], [200, 40, 40], [200, 40, 40]],
            [[40, 60, 200], [40, 60, 200], [40, 60, 200]],
        ],
    ),
    "avif": (
        "00000020667479706176696600000000617669666d6966316d6961664d413141000000eb6d6574610000"
        "00000000002168646c72000000000000000070696374000000000000000000000000000000000e706974"
        "6d0000000000010000001e696c6f63000000004400000100010000000100000113000000360000002869"
        "696e660000000000010000001a696e6665020000000001000061763031436f6c6f72000000006a697072"
        "700000004b6970636f000000146973706500000000000000030000000200000010706978690000000003"
        "0808080000000c617631438120000000000013636f6c726e636c780001000d0006800000001769706d61"
        "0000000000000001000104010283040000003e6d64617412000a0838042b480868348032281202434a80"
        "41041f200000ff5c10ff67b602d986cea5e20242b541d9bcbccd0c182f4cfc53db6260",
        [
            [[199, 39, 39], [199, 39, 39], [199, 39, 39]],
            [[39, 60, 201], [39, 60, 201], [39, 60, 201]],
        ],
    ),
}


@pytest.mark.parametrize("name", CODECS)
def test_golden_files_decode(name, context):
    blob, expected = GOLDEN[name]
    decoded = CODECS[name].inverse(bytes.fromhex(blob), {}, context(Image(2, 3, 3)))
    assert np.abs(decoded.astype(int) - expected).max() <= 1


def test_pillow_has_all_three_formats():
    for feature in ("jpg", "webp", "avif"):
        assert features.check(feature)
    assert isinstance(Jpeg().layout(Image(1, 1), {}, None), Blob)
