"""Laws of the raw video streams: colour, bytes that repeat, hostile data, missing programs."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from semcodec_anchors import process
from semcodec_anchors.needs import NEEDS, needed
from semcodec_anchors.video import Hevc, SvtAv1, Vvc
from semcodec_anchors.yuv import Layout

from semcodec.contracts.params import parameters
from semcodec.contracts.values import Image
from semcodec.errors import ContainerError, ImageError, PluginError, UnknownCodec

CODECS = {"hevc": Hevc(preset="fast"), "svt-av1": SvtAv1(preset=10), "vvc": Vvc(preset="faster")}
LAYOUTS = (Layout(8), Layout(10, halved=True))
ffmpeg = pytest.mark.skipif(find_spec("imageio_ffmpeg") is None, reason=NEEDS[0].remedy)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_gray_comes_back_exactly(layout):
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    assert np.array_equal(layout.picture(layout.planes(ramp), 1), ramp)
    planes = layout.planes(np.repeat(ramp, 3, axis=2))
    assert all((plane == 1 << (layout.depth - 1)).all() for plane in planes[1:])
    back = layout.picture(planes, 3).astype(int)
    assert np.abs(back - ramp).max() == 0


def test_gray_alone_needs_no_chroma():
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    layout = Layout(8, mono=True)
    [plane] = layout.planes(ramp)
    assert layout.size(16, 16) == plane.nbytes == 256
    assert np.array_equal(layout.picture([plane], 1), ramp)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_samples_are_those_of_the_standard(layout):
    """ITU-T H.273, equations 20 to 22 and 38 to 40: BT.601, full range."""
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (200, 40, 90)]
    for colour in colours:
        r, g, b = (value / 255 for value in colour)
        y = 0.299 * r + 0.587 * g + 0.114 * b
        wanted = [y, (b - y) / 1.772, (r - y) / 1.402]
        picture = np.full((4, 6, 3), colour, np.uint8)
        planes = layout.planes(picture)
        assert [plane.shape for plane in planes] == layout.shapes(4, 6)
        for index, (plane, value) in enumerate(zip(planes, wanted, strict=True)):
            middle = (1 << (layout.depth - 1)) if index else 0
            assert (plane == min(layout.top, np.floor(layout.top * value + middle + 0.5))).all()
        assert np.abs(layout.picture(planes, 3).astype(int) - picture).max() <= 1


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_full_chroma_loses_a_level_at_most_by_rounding(seed):
    picture = np.random.default_rng(seed).integers(0, 256, (6, 8, 3)).astype(np.uint8)
    layout = Layout(8)
    assert np.abs(layout.picture(layout.planes(picture), 3).astype(int) - picture).max() <= 2


def test_extreme_samples_neither_wrap_nor_leave_the_range():
    for layout in LAYOUTS:
        rng = np.random.default_rng(layout.depth)
        planes = [
            rng.choice([0, layout.top], shape).astype(layout.dtype) for shape in layout.shapes(8, 8)
        ]
        y, _, cr = (p.astype(float) for p in planes)
        if not layout.halved:
            middle = 1 << (layout.depth - 1)
            red = np.clip(np.floor(y + 1.402 * (cr - middle) + 0.5), 0, 255)
            assert np.abs(layout.picture(planes, 3)[..., 0] - red).max() <= 1
        flat = [np.full(s, layout.top, layout.dtype) for s in layout.shapes(8, 8)]
        assert (layout.picture(flat, 3)[..., 0] == 255).all()
        assert (layout.picture(flat, 3)[..., 2] == 255).all()


def test_halved_chroma_is_placed_in_the_middle_of_its_four_pixels():
    layout = Layout(10, halved=True)
    picture = np.zeros((4, 8, 3), np.uint8)
    picture[:, 4:] = (255, 0, 0)
    planes = layout.planes(picture)
    assert (planes[2][:, :2] == 512).all()
    back = layout.picture(planes, 3)
    assert np.array_equal(back, np.repeat(back[:1], 4, axis=0))
    # A step between two chroma samples: three quarters and one quarter on either side of it.
    sample = [int(v) for v in planes[2][0]]
    quarter = sample[1] + (sample[2] - sample[1]) / 4
    luma = int(planes[0][0, 3])
    assert back[0, 3, 0] == np.clip(round((luma + 1.402 * (quarter - 512)) * 255 / 1023), 0, 255)


@ffmpeg
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(1, 1), (17, 31), (65, 90)])
@pytest.mark.parametrize("name", CODECS)
def test_what_is_coded_comes_back_alike_and_its_bytes_repeat(name, size, channels, context, photo):
    picture, codec = photo(*size, channels), CODECS[name]
    ctx = context(picture)
    blob = codec.forward(picture, {}, ctx)
    decoded = codec.inverse(blob, {}, ctx)
    assert ctx.shape.check(decoded) == ""
    assert np.abs(decoded.astype(float) - picture).mean() < 12
    assert codec.forward(picture, {}, ctx) == blob


@ffmpeg
@pytest.mark.parametrize("name", CODECS)
def test_a_finer_quantizer_takes_more_bytes_and_gives_a_better_picture(name, context, photo):
    picture = photo(64, 96, 3)
    ctx = context(picture)
    made = []
    for qp in (20, 45):
        codec = type(CODECS[name])(qp=qp, preset=CODECS[name].preset)
        blob = codec.forward(picture, {}, ctx)
        error = np.mean((codec.inverse(blob, {}, ctx).astype(float) - picture) ** 2)
        made.append((len(blob), -error))
    assert made[0][0] > made[1][0]
    assert made[0][1] > made[1][1]


def units(stream):
    """Types of NAL units that follow three-byte start codes, by the byte that holds each."""
    found = re.findall(rb"\x00\x00\x01(..)", stream, re.DOTALL)
    return [(head[0], head[1]) for head in found]


@ffmpeg
def test_streams_hold_parameter_sets_and_a_picture_and_nothing_else(context, photo):
    picture = photo(64, 64, 3)
    ctx = context(picture)
    hevc = [first >> 1 & 63 for first, _ in units(CODECS["hevc"].forward(picture, {}, ctx))]
    assert hevc == [32, 33, 34, 20]  # VPS, SPS, PPS, IDR_N_LP
    vvc = [second >> 3 for _, second in units(CODECS["vvc"].forward(picture, {}, ctx))]
    assert vvc[:2] == [15, 16]  # SPS, PPS
    assert vvc[-1] == 8  # IDR_N_LP
    assert set(vvc[2:-1]) <= {17}  # APS: filters
    stream = CODECS["svt-av1"].forward(picture, {}, ctx)
    kinds = []
    while stream:
        kinds.append(stream[0] >> 3 & 15)
        size, shift, at = 0, 0, 1
        while True:
            size |= (stream[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if not stream[at - 1] & 128:
                break
        stream = stream[at + size :]
    assert kinds == [2, 1, 6]  # temporal delimiter, sequence header, frame


@ffmpeg
@pytest.mark.parametrize("name", CODECS)
def test_no_names_versions_or_options_are_written(name, context, photo):
    picture = photo(48, 40, 3)
    blob = CODECS[name].forward(picture, {}, context(picture))
    assert not re.search(rb"[A-Za-z0-9 .=:/-]{12,}", blob)


@ffmpeg
@pytest.mark.parametrize("name", CODECS)
def test_another_size_or_codec_is_refused(name, context, photo):
    codec, picture = CODECS[name], photo(72, 104, 3)
    blob = codec.forward(picture, {}, context(picture))
    for shape in (Image(104, 72), Image(80, 104), Image(8, 8), Image(400, 400)):
        with pytest.raises(ContainerError, match=codec.label):
            codec.inverse(blob, {}, context(shape))
    with pytest.raises(ContainerError, match="16"):
        codec.inverse(blob, {}, context(Image(72, 104, 3, 16)))
    for other, another in CODECS.items():
        if other != name:
            with pytest.raises(ContainerError):
                another.inverse(blob, {}, context(picture))


@ffmpeg
def test_gray_and_colour_are_not_mistaken_for_one_another(context, photo):
    gray = photo(64, 64, 1)
    blob = CODECS["hevc"].forward(gray, {}, context(gray))
    with pytest.raises(ContainerError, match="mono"):
        CODECS["hevc"].inverse(blob, {}, context(Image(64, 64, 3)))


@ffmpeg
@pytest.mark.parametrize("name", CODECS)
def test_damaged_streams_give_a_picture_or_a_container_error(name, context, photo):
    codec, picture = CODECS[name], photo(64, 72, 3)
    ctx = context(picture)
    blob = codec.forward(picture, {}, ctx)
    rng = np.random.default_rng(7)
    attempts = [b"", b"\0", blob[:4], blob[: len(blob) // 2], rng.bytes(500), b"\xff" * 300]
    for _ in range(12):
        altered = bytearray(blob)
        for at in rng.integers(0, len(blob), 3):
            altered[at] ^= 1 << rng.integers(0, 8)
        attempts.append(bytes(altered))
    refused = 0
    for attempt in attempts:
        try:
            decoded = codec.inverse(attempt, {}, ctx)
        except ContainerError:
            refused += 1
        else:
            assert ctx.shape.check(decoded) == ""
    assert refused >= 5


@ffmpeg
def test_a_stream_of_a_large_picture_is_refused_before_it_is_decoded(context, photo):
    large = photo(1200, 1400, 3)
    blob = CODECS["hevc"].forward(large, {}, context(large))
    with pytest.raises(ContainerError):
        CODECS["hevc"].inverse(blob, {}, context(Image(64, 64)))


@ffmpeg
def test_too_long_is_ended_and_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    words = ["-re", "-f", "lavfi", "-i", "testsrc", "-f", "rawvideo"]
    with pytest.raises(process.Failed, match="within 0 s"):
        process.run_to_file(words, b"", seconds=0.3, memory=1 << 30)
    assert list(tmp_path.iterdir()) == []


@ffmpeg
def test_an_encoder_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(process.Failed):
        process.run_to_file(
            ["-f", "nothing-of-this-name", "-i", "pipe:0"], b"", seconds=9, memory=0
        )
    assert list(tmp_path.iterdir()) == []


@ffmpeg
def test_reports_that_the_environment_asks_for_are_not_written(
    tmp_path, monkeypatch, context, photo
):
    monkeypatch.setenv("FFREPORT", f"file={tmp_path}/report.log")
    monkeypatch.chdir(tmp_path)
    picture = photo(16, 16, 3)
    codec, ctx = CODECS["hevc"], context(picture)
    codec.inverse(codec.forward(picture, {}, ctx), {}, ctx)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: need.module)
def test_what_is_missing_says_what_to_install(need, monkeypatch):
    monkeypatch.setitem(sys.modules, need.module, None)
    with pytest.raises(PluginError, match=need.package) as caught:
        needed(need.module).load()
    assert caught.value.hint == f'pip install "semcodec-anchors[{need.extra}]"'


@pytest.mark.parametrize("name", CODECS)
def test_without_ffmpeg_both_ways_say_what_to_install(name, monkeypatch, context, photo):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    picture = photo(8, 8, 3)
    codec = CODECS[name]
    for call, value, kind in (
        (codec.forward, picture, PluginError),
        (codec.inverse, b"abc", UnknownCodec),
    ):
        with pytest.raises(kind) as caught:
            call(value, {}, context(picture))
        assert caught.value.hint == 'pip install "semcodec-anchors[ffmpeg]"'


@ffmpeg
def test_a_program_that_does_not_start_is_a_plugin_error(tmp_path, monkeypatch):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "absent"))
    with pytest.raises(PluginError, match="does not start"):
        process.run([], b"", seconds=1, memory=0)


@pytest.mark.parametrize(
    ("shape", "word"),
    [
        (Image(8, 8, 4), "alpha"),
        (Image(8, 8, 2), "alpha"),
        (Image(8, 8, 3, 16), "to_depth8"),
        (Image(1, 8193, 3), "8192"),
        (Image(8192, 8192, 3), "pixels"),
    ],
)
@pytest.mark.parametrize("name", CODECS)
def test_what_is_not_taken_is_refused(name, shape, word, context):
    assert word in CODECS[name].accepts(shape)
    if shape.pixels < 10**6:
        with pytest.raises(ImageError, match=word):
            CODECS[name].forward(np.zeros(shape.shape, shape.dtype), {}, context(shape))


@pytest.mark.parametrize("name", CODECS)
def test_every_parameter_is_the_encoders(name):
    assert all(p.encode_only and p.doc for p in parameters(type(CODECS[name])))


def test_importing_the_modules_imports_none_of_the_packages():
    code = (
        "import sys, semcodec_anchors.video, semcodec_anchors.files;"
        f"print(*sorted({{{', '.join(repr(n.module) for n in NEEDS)}}} & set(sys.modules)))"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout.split() == []
