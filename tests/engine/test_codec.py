"""Codec: pictures in every form, batches, file forms, settings, wrong arguments."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as Pil

import semcodec
from semcodec.discovery import catalog
from semcodec.engine import identity
from semcodec.errors import (
    ComponentNotFound,
    ContainerError,
    DecodeError,
    ImageError,
    IntegrityError,
    LimitError,
    PluginError,
    SettingError,
    UnknownCodec,
    WeightsError,
)
from semcodec.registry import Codec as Registered
from semcodec.registry import Provider, Register
from semcodec.registry.model import WireField

Picture = NDArray[np.uint8]
GOLDEN = "534d43583500169960ce18080705a27c24ca6264f140036d94"
GOLDEN_ROW = [
    0,
    8,
    21,
    30,
    40,
    50,
    63,
    72,
    79,
    89,
    102,
    111,
    118,
    128,
    141,
    150,
    160,
    170,
    183,
    192,
    199,
    209,
    222,
    231,
]
STREAMS = ["flat-dct", "guided-dct", "hyperprior", "carved-jpeg", "residual-layer", "opaque-jpeg"]


@pytest.fixture
def private(spec: Callable[..., dict[str, Any]]) -> semcodec.Codec:
    """A codec that no register knows."""
    return semcodec.load(spec(quantizer={"use": "uniform", "step": 20}, name="mine"))


def mirrored(photo: Picture) -> list[Any]:
    """Pictures of several sizes and channels, more than one batch of them."""
    gray = photo[..., :1]
    return (
        [photo, photo[::-1], photo[:40], photo[:, :17], photo, photo[::2, ::2]]
        + [np.roll(photo, k, axis=1) for k in range(5)]
        + [gray[:33], gray[:1, :1]]
    )


@pytest.mark.usefixtures("rehearsal")
@pytest.mark.parametrize("name", STREAMS)
def test_a_batch_equals_a_loop_in_bytes_and_pixels(name: str, photo: Picture) -> None:
    codec = semcodec.load(name)
    pictures = mirrored(photo)
    if name in ("hyperprior", "residual-layer"):
        pictures = [p for p in pictures if p.shape[2] == 3]
    files = codec.encode_many(pictures)
    assert files == [codec.encode(p) for p in pictures]
    decoded = codec.decode_many(files)
    for made, data, picture in zip(decoded, files, pictures, strict=True):
        assert made.shape == picture.shape
        assert (made == codec.decode(data)).all()
        assert (made == semcodec.decode(data)).all()


def test_a_batch_may_mix_settings(photo: Picture) -> None:
    codec = semcodec.load("flat-dct")
    files = [codec.encode(photo, settings={"step": step}) for step in (4, 64, 4, 20)]
    for made, data in zip(codec.decode_many(files), files, strict=True):
        assert (made == codec.decode(data)).all()
    assert codec.encode_many([], settings={"step": 4}) == []
    assert codec.decode_many(iter(())) == []
    [many] = codec.encode_many([photo], settings={"step": 64}, form="wire")
    assert many == codec.encode(photo, settings={"step": 64}, form="wire")


def test_every_form_of_a_picture_gives_the_same_file(photo: Picture, tmp_path: Path) -> None:
    codec = semcodec.load("flat-dct")
    path = tmp_path / "photo.png"
    Pil.fromarray(photo).save(path)
    expected = codec.encode(photo)
    for form in (
        path,
        str(path),
        path.read_bytes(),
        io.BytesIO(path.read_bytes()),
        Pil.fromarray(photo),
        np.asfortranarray(photo),
        photo.copy(),
    ):
        assert codec.encode(form) == expected
    gray = photo[..., 0]
    assert codec.encode(gray) == codec.encode(gray[..., None])
    assert codec.decode(codec.encode(gray)).shape == (*gray.shape, 1)


@pytest.mark.usefixtures("rehearsal")
@pytest.mark.parametrize("name", ["flat-dct", "guided-dct", "carved-dct", "any-width"])
@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (7, 9), (16, 16), (17, 31)])
def test_pictures_of_any_size(name: str, size: tuple[int, int]) -> None:
    rows, columns = np.mgrid[: size[0], : size[1]]
    ramp = ((rows + columns) % 256).astype(np.uint8)
    picture = np.stack([ramp, ramp[::-1], ramp[:, ::-1]], axis=2)
    codec = semcodec.load(name)
    for given_ in (picture, picture[..., :1]):
        assert codec.decode(codec.encode(given_)).shape == given_.shape


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from((1, 3)),
    st.floats(2, 128),
    st.randoms(use_true_random=False),
)
def test_any_picture_at_any_setting_comes_back_near_and_repeats(
    height: int, width: int, channels: int, step: float, random: Any
) -> None:
    generator = np.random.default_rng(random.getrandbits(32))
    picture = generator.integers(0, 256, (height, width, channels), dtype=np.uint8)
    codec = semcodec.load("flat-dct")
    data = codec.encode(picture, settings={"step": step})
    assert data == codec.encode(picture, settings={"step": step})
    decoded = codec.decode(data)
    assert decoded.shape == picture.shape
    if channels == 1:
        # A coefficient errs by at most 1 - 0.36 of a step, and the DCT of whole blocks is
        # orthonormal; half a level is for rounding.
        whole = (-(-height // 8) * 8) * (-(-width // 8) * 8)
        used = codec.settings(data)["step"]
        error = decoded.astype(float) - picture
        assert np.sqrt((error**2).sum()) <= (0.64 * used + 0.5) * np.sqrt(whole) + 1e-3


def test_inputs_are_left_alone(photo: Picture) -> None:
    picture = photo.copy()
    codec = semcodec.load("flat-dct")
    wanted = {"step": 12}
    data = bytearray(codec.encode(picture, settings=wanted))
    kept = bytes(data)
    decoded = codec.decode(data)  # type: ignore[arg-type]
    assert (picture == photo).all()
    assert wanted == {"step": 12}
    assert data == kept
    decoded[:] = 0  # the result is the caller's own
    assert (codec.decode(kept) != 0).any()


@pytest.mark.usefixtures("rehearsal")
def test_no_component_writes_to_what_it_is_given(photo: Picture) -> None:
    labels = (np.add.outer(np.arange(67) // 30, np.arange(93) // 50)).astype(np.int32)
    labels.setflags(write=False)  # as the picture is: a component that writes would fail
    for name in catalog().pipelines():
        codec = semcodec.load(name)
        inputs: dict[str, Any] = {"labels": labels, "caption": "sharp"}
        given_ = {key: value for key, value in inputs.items() if key in codec.inputs}
        try:
            data = codec.encode(photo, inputs=given_)
        except WeightsError:
            continue  # it needs weights that nobody ships
        except PluginError as error:
            if "pip install" not in error.hint:
                raise
            continue  # it needs what only an extra of its plugin installs
        codec.decode(data)


def test_the_file_form_is_the_wire_form_and_six_bytes(photo: Picture) -> None:
    codec = semcodec.load("flat-dct")
    file, wire = codec.encode(photo), codec.encode(photo, form="wire")
    assert file[:4] == b"SMCX"
    assert file[4:-2] == wire
    assert (codec.decode(file) == codec.decode(wire)).all()
    assert (semcodec.decode(file) == semcodec.decode(wire)).all()
    with pytest.raises(SettingError, match="'file' or 'wire'"):
        codec.encode(photo, form="zip")  # type: ignore[arg-type]


def test_golden_file(spec: Callable[..., dict[str, Any]]) -> None:
    """Written once, decodes for ever: gray steps of 10 under a spec that no release can change."""
    form = spec(
        transform={"use": "dct@1", "block": 4, "chroma": "420"},
        quantizer={"use": "uniform@1", "step": 12, "rounding": 0.5},
        model={"use": "dct-context@1"},
        coder={"use": "range@1"},
        check=True,
    )
    data = bytes.fromhex(GOLDEN)
    ramp = np.repeat(np.arange(0, 240, 10, dtype=np.uint8)[None], 8, axis=0)
    codec = semcodec.load(form)
    assert codec.encode(ramp, detached=True) == data
    decoded = codec.decode(data)[..., 0]
    assert (decoded == decoded[0]).all()
    assert decoded[0].tolist() == GOLDEN_ROW


def test_a_private_codec_travels_in_its_file(private: semcodec.Codec, photo: Picture) -> None:
    assert private.code is None
    data = private.encode(photo)
    found = semcodec.inspect(data)
    assert (found.codec, found.name, found.digest) == ("embedded", "mine", private.digest)
    assert (semcodec.decode(data) == private.decode(data)).all()


def test_a_detached_file_needs_its_spec(private: semcodec.Codec, photo: Picture) -> None:
    data = private.encode(photo, detached=True)
    assert len(data) < len(private.encode(photo))
    assert semcodec.inspect(data).codec == "detached"
    with pytest.raises(UnknownCodec, match=private.digest[:8]) as caught:
        semcodec.decode(data)
    assert "semcodec decode FILE -p SPEC.yaml" in caught.value.hint
    assert (private.decode(data) == private.decode(private.encode(photo))).all()


@pytest.mark.usefixtures("rehearsal")
def test_a_detached_file_of_an_installed_pipeline_is_found(
    photo: Picture, uninstall: Callable[[], None]
) -> None:
    codec = semcodec.load("guided-dct")
    data = codec.encode(photo, detached=True)
    assert (semcodec.decode(data) == codec.decode(data)).all()
    uninstall()
    with pytest.raises(UnknownCodec):
        semcodec.decode(data)


@pytest.mark.usefixtures("rehearsal")
def test_an_embedded_codec_whose_plugin_is_gone(
    photo: Picture, uninstall: Callable[[], None]
) -> None:
    data = semcodec.load("guided-dct").encode(photo)
    semcodec.decode(data)
    uninstall()
    with pytest.raises(UnknownCodec, match=r"rehearsal\.guided-step"):
        semcodec.decode(data)


def registered(codec: semcodec.Codec, **changes: Any) -> Register:
    entry: dict[str, Any] = {
        "code": 40,
        "name": codec.name,
        "provider": "semcodec-rehearsal",
        "digest": codec.digest,
        "sections": codec.sections,
        "wire": tuple(WireField(name=s.name, levels=s.grid.levels) for s in codec.pipeline.wire),
        "status": "draft",
    }
    owner = Provider(
        prefix="rehearsal",
        distribution="semcodec-rehearsal",
        home="https://example.org",
        install="pip install semcodec-rehearsal",
        status="available",
    )
    return Register(providers=(owner,), codecs=(Registered(**{**entry, **changes}),))


@pytest.mark.usefixtures("rehearsal")
def test_registered_codecs(
    photo: Picture, monkeypatch: pytest.MonkeyPatch, uninstall: Callable[[], None]
) -> None:
    def use(register: Register) -> None:
        monkeypatch.setattr(identity, "load_register", lambda: register)
        for known in (identity._embedded, identity._registered, identity._detached):
            known.cache_clear()

    plain = semcodec.load("guided-dct").encode(photo, form="wire")
    use(registered(semcodec.load("guided-dct")))
    codec = semcodec.load("guided-dct")
    assert codec.code == 40
    data = codec.encode(photo, form="wire")
    # First byte, code, 2 bytes of digest, width, height; the settings follow.
    assert data[:6] == b"\x20" + bytes([40]) + bytes.fromhex(codec.digest[:4]) + bytes([93, 67])
    assert plain.endswith(data[6:])
    assert (semcodec.decode(data) == codec.decode(data)).all()

    use(Register(providers=(), codecs=()))
    with pytest.raises(UnknownCodec, match="wire code 40 is not in this release's register"):
        semcodec.decode(data)
    use(registered(codec, digest="0" * 64))
    with pytest.raises(UnknownCodec, match="another 'guided-dct'"):
        semcodec.decode(data)
    use(registered(codec, digest=codec.digest[:4] + "0" * 60))
    with pytest.raises(UnknownCodec, match="is not the registered one"):
        semcodec.decode(data)
    use(registered(codec))
    semcodec.decode(data)
    uninstall()
    with pytest.raises(UnknownCodec, match="not installed") as caught:
        semcodec.decode(data)
    assert "pip install semcodec-rehearsal" in caught.value.hint


@pytest.mark.parametrize(
    ("wanted", "value"),
    [(2, 2.0), (128, 128.0), (16, 16.0), (np.float32(16), 16.0), (np.int64(128), 128.0)],
)
def test_settings_move_to_their_grid(wanted: Any, value: float, photo: Picture) -> None:
    codec = semcodec.load("flat-dct")
    data = codec.encode(photo, settings={"step": wanted})
    assert codec.settings(data) == {"step": value}


def test_a_setting_between_two_values_takes_the_nearest_in_ratio(photo: Picture) -> None:
    codec = semcodec.load("flat-dct")
    values = codec.pipeline.wire[0].grid.values
    low, high = values[10], values[11]
    middle = (low * high) ** 0.5
    for wanted, value in ((middle * 0.999, low), (middle * 1.001, high)):
        assert codec.settings(codec.encode(photo, settings={"step": wanted})) == {"step": value}


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"stepp": 3}, "did you mean 'step'"),
        ({"step": 1}, "from 2 to 128, got 1"),
        ({"step": 129}, "from 2 to 128, got 129"),
        ({"step": float("nan")}, "got nan"),
        ({"step": "x"}, "got 'x'"),
        ({"step": [1]}, "expected a number or a word, got list"),
        ({"step": np.ones(2)}, "expected a number or a word, got ndarray"),
    ],
)
def test_wrong_settings(wanted: dict[str, Any], says: str, photo: Picture) -> None:
    codec = semcodec.load("flat-dct")
    with pytest.raises(SettingError, match="step") as caught:
        codec.encode(photo, settings=wanted)
    assert says in str(caught.value)
    with pytest.raises(SettingError):
        codec.encode_many([photo], settings=wanted)


def test_settings_of_another_codecs_file_are_not_guessed(
    private: semcodec.Codec, photo: Picture
) -> None:
    for function in (private.settings, private.decode):
        with pytest.raises(ContainerError, match="expected a file of mine"):
            function(semcodec.load("flat-dct").encode(photo))
        with pytest.raises(ContainerError, match="expected a file of mine"):
            function(semcodec.load("flat-dct", set={"transform.block": 4}).encode(photo))


@pytest.mark.usefixtures("rehearsal")
@pytest.mark.parametrize("name", ["flat-dct", "carved-jpeg", "hyperprior"])
@pytest.mark.parametrize(
    ("shape", "dtype", "says"),
    [
        ((8, 8, 4), np.uint8, "alpha|RGB"),
        ((8, 8, 2), np.uint8, "alpha|RGB"),
        ((8, 8, 3), np.uint16, "8 bits|8-bit"),
    ],
)
def test_alpha_and_16_bits_are_refused_with_what_to_do(
    name: str, shape: tuple[int, ...], dtype: Any, says: str
) -> None:
    with pytest.raises(ImageError, match=says) as caught:
        semcodec.load(name).encode(np.zeros(shape, dtype=dtype))
    if name == "flat-dct":
        assert "first" in str(caught.value)


@pytest.mark.parametrize(
    "image", ["nowhere.png", b"no picture", np.zeros((3, 3)), np.zeros((0, 3, 3), np.uint8), None]
)
def test_what_is_no_picture(image: Any) -> None:
    with pytest.raises(ImageError):
        semcodec.load("flat-dct").encode(image)


@pytest.mark.usefixtures("rehearsal")
@pytest.mark.parametrize(
    ("name", "inputs", "says"),
    [
        ("objects", {}, "needs the input 'labels' (labels)"),
        ("objects", {"labels": "a.png"}, "expected a NumPy array of int32, got str"),
        ("objects", {"labels": np.zeros((3, 3), np.int32)}, "expected shape (67, 93)"),
        ("objects", {"labels": np.full((67, 93), 16)}, "labels from 0 to 15, got 16 to 16"),
        ("objects", {"labels": np.full((67, 93), 2**32)}, "labels from 0 to 15, got 4294967296"),
        ("objects", {"labels": np.zeros((67, 93))}, "expected dtype int32, got float64"),
        ("decoder-masks", {}, "--input caption=TEXT"),
        ("decoder-masks", {"caption": 7}, "expected text, got int"),
        ("decoder-masks", {"caption": "x" * 201}, "at most 200 characters, got 201"),
        ("decoder-masks", {"caption": "a\0b"}, "without NUL"),
        ("decoder-masks", {"captoin": "x"}, "did you mean 'caption'"),
        ("flat-dct", {"mask": 1}, "takes no input 'mask'"),
    ],
)
def test_wrong_inputs(name: str, inputs: dict[str, Any], says: str, photo: Picture) -> None:
    with pytest.raises(SettingError) as caught:
        semcodec.load(name).encode(photo, inputs=inputs)
    assert says in str(caught.value)


@pytest.mark.usefixtures("rehearsal")
def test_inputs_may_have_any_form_that_loses_nothing(photo: Picture) -> None:
    codec = semcodec.load("objects")
    labels = np.add.outer(np.arange(67) // 30, np.arange(93) // 50)
    expected = codec.encode(photo, inputs={"labels": labels.astype(np.int32)})
    for dtype in (np.uint8, np.int64, np.uint16):
        assert codec.encode(photo, inputs={"labels": labels.astype(dtype)}) == expected
    assert codec.encode(photo, inputs={"labels": labels[..., None]}) == expected
    text = semcodec.load("decoder-masks")
    composed, apart = "caf\u00e9", "cafe\u0301"
    assert text.encode(photo, inputs={"caption": composed}) == text.encode(
        photo, inputs={"caption": apart}
    )


@pytest.mark.usefixtures("rehearsal")
def test_maps_may_be_bool_bytes_or_floats(photo: Picture) -> None:
    form = semcodec.load("guided-dct").pipeline.form
    form = {key: value for key, value in form.items() if key != "saliency"}
    form["streams"] = {**form["streams"], "map": {**form["streams"]["map"], "from": "where"}}
    codec = semcodec.load({**form, "inputs": {"where": {"type": "map"}}})
    assert codec.inputs == {"where": "map"}
    mask = np.zeros((67, 93), dtype=bool)
    mask[:, :40] = True
    expected = codec.encode(photo, inputs={"where": mask})
    assert expected != codec.encode(photo, inputs={"where": ~mask})
    for same in (
        mask.astype(np.uint8) * 255,
        mask.astype(np.float32),
        mask.astype(float),
        mask[..., None],
    ):
        assert codec.encode(photo, inputs={"where": same}) == expected
    for wrong, says in (
        (mask[:5], "expected shape"),
        (mask.astype(np.int32), "expected dtype float32"),
        (mask * 2.0, r"expected values in \[0, 1\]"),
        (np.where(mask, np.nan, 0), r"expected values in \[0, 1\]"),
    ):
        with pytest.raises(SettingError, match=says) as caught:
            codec.encode(photo, inputs={"where": wrong})
        assert "float in [0, 1]" in caught.value.hint


def test_a_codec_read_from_a_file_only_decodes(private: semcodec.Codec, photo: Picture) -> None:
    from semcodec.wire import from_file, read_header

    data = private.encode(photo)
    found = identity.codec_of(read_header(from_file(data))[0])
    assert found.digest == private.digest
    for encode in (found.encode, lambda p: found.encode_many([p])):
        with pytest.raises(SettingError, match="can only decode"):
            encode(photo)


def test_damage_names_the_right_error(photo: Picture) -> None:
    codec = semcodec.load("flat-dct")
    data = codec.encode(photo)
    for damaged, kind in (
        (b"", ContainerError),
        (data[:-1], IntegrityError),
        (data[:3], ContainerError),
        (data[4:], DecodeError),
        (b"\x89PNG" + data, ContainerError),
    ):
        with pytest.raises(kind):
            codec.decode(damaged)
    with pytest.raises(LimitError):
        codec.decode(data, max_pixels=67 * 93 - 1)
    codec.decode(data, max_pixels=67 * 93)


def test_registering_a_component_again_counts_at_once(
    spec: Callable[..., dict[str, Any]], photo: Picture
) -> None:
    """As in a notebook whose cell is run again after a correction."""

    def define(shift: int) -> None:
        @semcodec.component
        class Bias(semcodec.Transform):
            consumes = semcodec.Image
            produces = semcodec.Image
            determinism = "bitexact"

            def forward(self, value: Any, guides: Any, ctx: Any) -> Any:
                return value

            def inverse(self, value: Any, guides: Any, ctx: Any) -> Any:
                return value + np.uint8(shift)

        semcodec.register(Bias, "local.bias")

    define(1)
    stages = [{"use": "local.bias"}, {"use": "dct"}, {"use": "uniform"}]
    form = {
        "semcodec": 1,
        "streams": {"image": {"stages": stages, "model": "dct-context", "coder": "range"}},
    }
    data = semcodec.load(form).encode(photo)
    before = semcodec.decode(data)
    define(3)
    assert (semcodec.decode(data) - before == 2).all()


def test_names_and_digests() -> None:
    codec = semcodec.load("flat-dct")
    assert repr(codec) == f"<Codec flat-dct {codec.digest[:8]}>"
    assert len(codec.full_digest) == len(codec.digest) == 64
    assert codec.sections == ("image",)
    assert semcodec.load("flat-dct", set={"quantizer.rounding": 0.5}).digest == codec.digest
    assert semcodec.load("flat-dct", set={"quantizer.rounding": 0.5}).full_digest != (
        codec.full_digest
    )
    with pytest.raises(ComponentNotFound, match="flat-dtc"):
        semcodec.load("flat-dtc")


@pytest.mark.usefixtures("rehearsal")
def test_every_picture_of_many_has_its_own_inputs(photo):
    codec = semcodec.load("guided-dct", swap={"saliency": "mask"})
    masks = [np.zeros(photo.shape[:2], dtype=np.uint8) for _ in range(3)]
    masks[1][:40] = 255
    masks[2][:, 40:] = 255
    inputs = [{"mask": mask} for mask in masks]
    expected = [codec.encode(photo, inputs=each) for each in inputs]
    assert codec.encode_many([photo] * 3, inputs=inputs) == expected
    assert len(set(expected)) == 3
    for wrong in (inputs[:2], [*inputs, {}]):
        with pytest.raises(semcodec.errors.SettingError, match="as many inputs as pictures"):
            codec.encode_many([photo] * 3, inputs=wrong)
    with pytest.raises(semcodec.errors.SettingError):
        codec.encode_many([photo], inputs=[{"nonsense": 1}])
