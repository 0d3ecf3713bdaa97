from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from semcodec.components.dct import Dct, cosines, inverse_matrix
from semcodec.contracts.params import parameters
from semcodec.contracts.values import Image, Latent

MATRICES = {
    4: "f3d5c6aa74403c2562b4ee221998285e0ded3bb61d0e6960ce8e32ddaeb42c63",
    8: "bf7d5f289fc2d42ce14fffb34cf9fd8fa1b7e9b7d1a0f20eda7f6353f342c658",
    16: "3265c7e2866e178fe990c00ccb891e1053f5830038196198924001dda4109101",
}
PICTURES = {
    (4, "420", 3): "99a3c9912dc9b786bcc961ea8a98f54bf587d2c3af06214253665a46f4464a98",
    (8, "420", 3): "2e1ebe162d491c6d67b9d538aeae92cc8b5dba1698709fc8b9ca3493695a2f7f",
    (16, "420", 3): "e6ffe4559713878d507312fe374fbe41c4712b100f731ff4a7adafde88a69225",
    (8, "444", 3): "3177003542c1fa805608c051c3ed2727597a46e7802955574aaaececc40c0e05",
    (8, "420", 1): "b298ca830240e3d8490de52f76930793a0bd1247476d332a670abcf46b55821f",
}
SIZES = [(1, 1), (1, 5000), (5000, 1), (17, 33), (16, 16), (2, 3), (64, 48), (1031, 7)]


def picture(height: int, width: int, channels: int) -> np.ndarray:
    y, x, c = np.mgrid[0:height, 0:width, 0:channels]
    wave = 127.5 + 60 * np.sin(x / 7 + c) + 60 * np.cos(y / 5 - c)
    return np.rint(wave).astype(np.uint8)


def numbers(shape: tuple[int, ...], spread: int) -> np.ndarray:
    """Integers from a linear congruential generator, the same everywhere."""
    count = math.prod(shape)
    state, out = 1, []
    for _ in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        out.append((state >> 8) % (2 * spread + 1) - spread)
    return np.array(out, dtype=np.float32).reshape(shape)


@pytest.mark.parametrize("block", [4, 8, 16])
def test_inverse_matrix_is_pinned_and_far_from_rounding_ties(block):
    exact = cosines(block) * 2**15
    assert (np.abs(exact - np.floor(exact) - 0.5) > 0.005).all()
    matrix = inverse_matrix(block)
    assert hashlib.sha256(matrix.astype("<i4").tobytes()).hexdigest() == MATRICES[block]
    assert not matrix.flags.writeable


@pytest.mark.parametrize("block", [4, 8, 16])
def test_forward_basis_is_orthonormal(block):
    assert np.allclose(cosines(block) @ cosines(block).T, np.eye(block), atol=1e-14)


@pytest.mark.parametrize("block", [4, 8, 16])
def test_sums_of_the_inverse_stay_exact_in_float64(block):
    worst = np.abs(inverse_matrix(block)).sum(axis=0).max()
    bound = 2**13 * 2**4 * int(worst) ** 2
    # Beside the sum, the level shift and the half of the final rounding, at the sum's scale.
    assert bound + (2048 * 2 + 1) * 2**29 < 2**53


@pytest.mark.parametrize("chroma", ["420", "444"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("block", [4, 8, 16])
@pytest.mark.parametrize("size", SIZES)
def test_layout_describes_what_forward_gives(context, size, block, channels, chroma):
    stage = Dct(block=block, chroma=chroma)
    value = picture(*size, channels)
    ctx = context(Image.of(value), stage)
    latent = stage.forward(value, {}, ctx)
    assert isinstance(ctx.coded, Latent)
    assert ctx.coded.check(latent) == ""
    assert np.isfinite(latent).all()
    assert sum(r * c for r, c in ctx.coded.grid) == ctx.coded.shape[0]
    decoded = stage.inverse(latent, {}, ctx)
    assert ctx.shape.check(decoded) == ""


@given(
    value=hnp.arrays(
        np.uint8,
        st.tuples(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 3])),
    ),
    block=st.sampled_from([4, 8, 16]),
)
@settings(max_examples=60, deadline=None)
def test_whole_chroma_comes_back_within_two_levels(context, value, block):
    stage = Dct(block=block, chroma="444")
    ctx = context(Image.of(value), stage)
    decoded = stage.inverse(stage.forward(value, {}, ctx), {}, ctx)
    assert np.abs(decoded.astype(int) - value).max() <= 2


@pytest.mark.parametrize("size", SIZES)
def test_halved_chroma_keeps_gray_and_flat_colour(context, size):
    stage = Dct()
    gray = np.repeat(picture(*size, 1), 3, axis=2)
    flat = np.broadcast_to(np.array([250, 3, 40], dtype=np.uint8), (*size, 3))
    for value in (gray, flat):
        ctx = context(Image.of(value), stage)
        decoded = stage.inverse(stage.forward(value, {}, ctx), {}, ctx)
        assert np.abs(decoded.astype(int) - value).max() <= 1


def test_halved_chroma_keeps_a_ramp_of_colour_in_place(context):
    """A half-sample shift between the two chroma filters would show as an error of the slope."""
    ramp = np.tile(np.arange(0, 256, 4, dtype=np.uint8), (64, 1))
    for plane in (ramp, ramp.T):
        value = np.stack([plane, 255 - plane, np.full_like(plane, 90)], axis=2)
        stage = Dct()
        ctx = context(Image.of(value), stage)
        decoded = stage.inverse(stage.forward(value, {}, ctx), {}, ctx)
        assert np.abs(decoded[2:-2, 2:-2].astype(int) - value[2:-2, 2:-2]).max() <= 1


def test_flat_picture_has_only_dc_of_block_times_level(context):
    stage = Dct(block=8, chroma="444")
    value = np.full((16, 24, 1), 138, dtype=np.uint8)
    latent = stage.forward(value, {}, context(Image.of(value), stage))
    assert np.allclose(latent[:, 0, 0], 8 * 10, atol=1e-3)
    latent[:, 0, 0] = 0
    assert np.abs(latent).max() < 1e-3


def test_vertical_frequency_comes_first(context):
    stage = Dct(block=8)
    y = np.arange(8)
    wave = 128 + 100 * np.cos(np.pi * 3 * (2 * y + 1) / 16)
    value = np.repeat(np.rint(wave).astype(np.uint8)[:, None], 8, axis=1)[..., None]
    latent = stage.forward(value, {}, context(Image.of(value), stage))
    assert np.unravel_index(np.abs(latent[0]).argmax(), (8, 8)) == (3, 0)


def test_strips_do_not_show(context, monkeypatch):
    value = picture(131, 45, 3)
    stage = Dct()
    ctx = context(Image.of(value), stage)
    latent = stage.forward(value, {}, ctx)
    decoded = stage.inverse(latent, {}, ctx)
    monkeypatch.setattr("semcodec.components.dct._STRIP", 1)
    assert np.allclose(stage.forward(value, {}, ctx), latent, atol=1e-3)
    assert (stage.inverse(latent, {}, ctx) == decoded).all()


def reference(latent: np.ndarray, image: Image, block: int, half: bool) -> np.ndarray:
    """The inverse as docs/format-transforms.md words it, in Python's own integers."""
    matrix = [[int(v) for v in row] for row in inverse_matrix(block)]

    def fixed(value: float) -> int:
        if math.isnan(value):
            return 0
        if math.isinf(value):
            return int(math.copysign(2**17, value))
        return max(-(2**17), min(2**17, round(value * 16)))

    def plane(at: int, height: int, width: int) -> tuple[list[list[int]], int]:
        columns = -(-width // block)
        out = [[0] * width for _ in range(height)]
        places = range(block)
        for y in range(height):
            for x in range(width):
                number = at + (y // block) * columns + x // block
                total = sum(
                    coefficients[number][u][v] * matrix[u][y % block] * matrix[v][x % block]
                    for u in places
                    for v in places
                )
                out[y][x] = max(0, min(4080, ((total + 2**29) >> 30) + 2048))
        return out, at + columns * -(-height // block)

    coefficients = [[[fixed(float(v)) for v in row] for row in b] for b in latent]
    luma, at = plane(0, image.height, image.width)
    result = np.zeros(image.shape, dtype=np.uint8)
    if image.channels == 1:
        for y in range(image.height):
            for x in range(image.width):
                result[y, x, 0] = (luma[y][x] + 8) >> 4
        return result
    ratio = 2 if half else 1
    size = (-(-image.height // ratio), -(-image.width // ratio))
    blue, at = plane(at, *size)
    red, at = plane(at, *size)
    assert at == len(latent)

    def chroma(samples: list[list[int]], y: int, x: int) -> int:
        if not half:
            return 16 * samples[y][x]
        rows = ((y // 2, 3), (max(0, min(size[0] - 1, y // 2 + (1 if y % 2 else -1))), 1))
        columns = ((x // 2, 3), (max(0, min(size[1] - 1, x // 2 + (1 if x % 2 else -1))), 1))
        return sum(a * b * samples[i][j] for i, a in rows for j, b in columns)

    for y in range(image.height):
        for x in range(image.width):
            base = luma[y][x] * 2**17 + 2**20
            cb, cr = chroma(blue, y, x) - 2**15, chroma(red, y, x) - 2**15
            sums = (base + 11485 * cr, base - 2819 * cb - 5850 * cr, base + 14516 * cb)
            result[y, x] = [max(0, min(255, s >> 21)) for s in sums]
    return result


@pytest.mark.parametrize("spread", [40, 300, 20000])
@pytest.mark.parametrize(
    ("size", "channels", "block", "chroma"),
    [
        ((5, 7), 1, 4, "420"),
        ((9, 6), 3, 4, "420"),
        ((1, 1), 3, 8, "420"),
        ((11, 13), 3, 8, "444"),
        ((3, 17), 3, 16, "420"),
    ],
)
def test_inverse_is_the_integer_arithmetic_of_the_format(
    context, size, channels, block, chroma, spread
):
    stage = Dct(block=block, chroma=chroma)
    image = Image(*size, channels)
    ctx = context(image, stage)
    # Quarters of 1/16 exercise the rounding to fixed point, its ties included.
    latent = numbers(ctx.coded.shape, spread * 64) / np.float32(64)
    latent[0, 0, :3] = [np.nan, np.inf, -np.inf]
    latent[-1, -1, -3:] = [3.4e38, -1e-40, 0.03125]
    expected = reference(latent, image, block, chroma == "420")
    assert (stage.inverse(latent, {}, ctx) == expected).all()


@pytest.mark.parametrize(("block", "chroma", "channels"), PICTURES)
def test_inverse_is_pinned(context, block, chroma, channels):
    stage = Dct(block=block, chroma=chroma)
    ctx = context(Image(67, 93, channels), stage)
    decoded = stage.inverse(numbers(ctx.coded.shape, 100), {}, ctx)
    digest = hashlib.sha256(decoded.tobytes()).hexdigest()
    assert digest == PICTURES[block, chroma, channels]


def test_golden_block(context):
    stage = Dct(block=4)
    ctx = context(Image(4, 4, 1), stage)
    latent = np.zeros((1, 4, 4), dtype=np.float32)
    latent[0, 0, 0], latent[0, 0, 1], latent[0, 2, 0], latent[0, 3, 3] = -40, 100, -60.5, 33.25
    expected = bytes.fromhex("8a6f5f44 a0a1696a ac84865f 857a5349")
    assert stage.inverse(latent, {}, ctx).tobytes() == expected


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3.4e38, -3.4e38, 1e-45])
def test_any_float_decodes(context, value):
    stage = Dct()
    ctx = context(Image(20, 20, 3), stage)
    decoded = stage.inverse(np.full(ctx.coded.shape, value, dtype=np.float32), {}, ctx)
    assert ctx.shape.check(decoded) == ""
    zero = stage.inverse(np.zeros(ctx.coded.shape, dtype=np.float32), {}, ctx)
    assert (zero == 128).all()
    assert (decoded == zero).all() == (not abs(value) > 1)


def test_inputs_stay_as_they_are(context):
    stage = Dct()
    value = picture(20, 20, 3)
    ctx = context(Image.of(value), stage)
    value.setflags(write=False)
    latent = stage.forward(value, {}, ctx)
    latent.setflags(write=False)
    assert (stage.inverse(latent, {}, ctx) == stage.inverse(latent, {}, ctx)).all()


@pytest.mark.parametrize(
    ("image", "advice"),
    [
        (Image(8, 8, 3, 16), "convert it to 8 bits"),
        (Image(8, 8, 4), "flatten its alpha"),
        (Image(8, 8, 2), "flatten its alpha"),
        (Image(8, 8, 1), ""),
        (Image(8, 8, 3), ""),
    ],
)
def test_accepts_says_what_to_do(image, advice):
    answer = Dct().accepts(image)
    assert advice in answer
    assert bool(answer) == bool(advice)


def test_parameters_are_documented_and_decoded():
    found = {p.name: p for p in parameters(Dct)}
    assert list(found) == ["block", "chroma", "chroma_gain", "deblock"]
    assert all(p.doc and not p.encode_only for p in found.values())
