"""Controls and seeds: what a viewer may change, and what noise follows from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

import semcodec
from semcodec import Decoder, Ge, Image, Port, component
from semcodec.errors import DecodeError, GraphError, SettingError
from semcodec.wire import from_file

Picture = NDArray[np.uint8]
pytestmark = pytest.mark.usefixtures("rehearsal")


def test_width_is_the_viewers(photo: Picture) -> None:
    codec = semcodec.load("any-width")
    data = codec.encode(photo)
    plain = codec.decode(data)
    assert plain.shape == photo.shape
    assert (codec.decode(data, controls={}) == plain).all()
    assert (codec.decode(data, controls={"width": 0}) == plain).all()
    for width in (75, 80, 93):
        made = semcodec.decode(data, controls={"width": width})
        assert made.shape == (67, width, 3)
    assert (semcodec.decode(data) == plain).all()  # an override leaves no trace
    [first, second] = codec.decode_many([data, data], controls={"width": 75})
    assert (first == second).all()
    assert first.shape == (67, 75, 3)


def test_realism_is_the_viewers(photo: Picture) -> None:
    codec = semcodec.load("two-streams-and-a-seed")
    data = codec.encode(photo)
    plain = semcodec.decode(data)
    assert (semcodec.decode(data, controls={"realism": 0.5}) == plain).all()
    noise = [
        float(np.abs(semcodec.decode(data, controls={"realism": r}).astype(int) - bare).mean())
        for bare in [semcodec.decode(data, controls={"realism": 0}).astype(int)]
        for r in (0, 0.25, np.float32(0.5), 1)
    ]
    assert noise == sorted(noise)
    assert noise[0] == 0 < noise[1]


@pytest.mark.parametrize(
    ("name", "controls", "says"),
    [
        ("any-width", {"widht": 3}, "no control 'widht'"),
        ("any-width", {"width": -1}, "at least 0, got -1"),
        ("any-width", {"width": 2.5}, "valid integer"),
        ("any-width", {"width": "wide"}, "expected a number, got 'wide'"),
        ("any-width", {"width": None}, "expected a number, got None"),
        ("any-width", {"width": True}, "expected a number, got True"),
        ("any-width", {"width": object()}, "expected a number"),
        ("two-streams-and-a-seed", {"realism": 1.01}, "at most 1, got 1.01"),
        ("two-streams-and-a-seed", {"realism": float("nan")}, "at least 0, got nan"),
        ("flat-dct", {"realism": 1}, "no control 'realism'"),
    ],
)
def test_wrong_controls(name: str, controls: dict[str, Any], says: str, photo: Picture) -> None:
    data = semcodec.load(name).encode(photo)
    for decode in (semcodec.decode, semcodec.load(name).decode):
        with pytest.raises(SettingError) as caught:
            decode(data, controls=controls)
        assert says in str(caught.value)


@component
class Picky(Decoder):
    """Refuses what it finds too much once it sees the picture."""

    ports: ClassVar[Mapping[str, Port]] = {"picture": Port(Image, exact=False)}

    level: Annotated[int, Ge(0)] = 0

    def decode(self, inputs: Any, ctx: Any) -> Any:
        """Give the picture back."""
        if self.level > inputs["picture"].mean():
            raise SettingError("expected a level of at most the mean")
        return inputs["picture"]


def test_what_a_component_says_of_a_control_is_no_damage(photo: Picture) -> None:
    semcodec.register(Picky, "local.picky")
    spec: dict[str, Any] = {
        "semcodec": 1,
        "name": "picky",
        "streams": {"image": {"stages": [{"use": "pipeline", "of": "flat-dct"}]}},
        "decoder": {"use": "local.picky", "inputs": {"picture": "image"}},
        "controls": {"level": {"path": "decoder.level", "min": 0}},
    }
    codec = semcodec.load(spec)
    data = codec.encode(photo)
    assert codec.decode(data, controls={"level": 1}).shape == photo.shape
    with pytest.raises(SettingError, match="a level of at most the mean"):
        codec.decode(data, controls={"level": 256})
    # Where nobody chose it, the file is what cannot be trusted.
    other = semcodec.load(spec, set={"decoder.level": 256})
    data = other.encode(photo)
    with pytest.raises(DecodeError, match="failed in decode: expected a level"):
        other.decode(data)


def seeded(**parts: Any) -> dict[str, Any]:
    form = dict(semcodec.load("two-streams-and-a-seed").pipeline.form)
    return {**form, **parts}


def grain(data: bytes, **controls: Any) -> Picture:
    return semcodec.decode(data, controls={"realism": 1, **controls})


def test_without_a_seed_the_payload_gives_it(photo: Picture) -> None:
    codec = semcodec.load("two-streams-and-a-seed")
    data = codec.encode(photo)
    assert (grain(data) == grain(data)).all()
    assert (grain(data) == grain(codec.encode(photo, form="wire"))).all()
    assert (grain(data) == grain(codec.encode(photo, detached=True))).all()
    other = photo.copy()
    other[:] = 255 - other
    one, two = (
        grain(d).astype(int) - semcodec.decode(d, controls={"realism": 0})
        for d in (data, codec.encode(other))
    )
    assert abs(np.corrcoef(one[..., 0].ravel(), two[..., 0].ravel())[0, 1]) < 0.2


def test_a_seed_in_the_spec_is_every_files(photo: Picture) -> None:
    seven, eight = (semcodec.load(seeded(seed=s)) for s in (7, 8))
    assert seven.digest != eight.digest
    assert (grain(seven.encode(photo)) != grain(eight.encode(photo))).any()
    pictures = [np.full_like(photo, 128), np.full_like(photo, 90)]
    pictures[0][:30] = 60
    noises = []
    for picture in pictures:
        data = seven.encode(picture)
        bare = semcodec.decode(data, controls={"realism": 0})
        noises.append((grain(data).astype(int) - bare)[..., 0].ravel())
    assert np.corrcoef(*noises)[0, 1] > 0.95


def test_a_seed_on_the_wire_costs_its_bits_and_is_chosen_by_the_encoder(photo: Picture) -> None:
    wire = {"seed": {"path": "seed", "values": [0, 1, 2, 2**40]}}
    codec = semcodec.load(seeded(seed=0, wire=wire))
    files = [codec.encode(photo, settings={"seed": s}) for s in (0, 1, 2, 2**40)]
    assert len({len(from_file(data)) for data in files}) == 1
    pictures = [grain(data) for data in files]
    for i, one in enumerate(pictures):
        assert codec.settings(files[i]) == {"seed": (0, 1, 2, 2**40)[i]}
        assert all((one != other).any() for other in pictures[:i])
    fixed = semcodec.load(seeded(seed=1))
    assert (grain(fixed.encode(photo)) == pictures[1]).all()


def test_a_seed_that_the_viewer_may_choose(photo: Picture) -> None:
    codec = semcodec.load(seeded(controls={"seed": {"path": "seed"}}))
    data = codec.encode(photo)
    plain = semcodec.decode(data)
    one, two = (semcodec.decode(data, controls={"seed": s}) for s in (1, 2))
    assert (one != two).any()
    assert (one != plain).any()
    assert (semcodec.decode(data, controls={"seed": 2**64 - 1}) != one).any()
    for wrong in (-1, 2**64, 0.5, "7", True, None):
        with pytest.raises(SettingError, match="control 'seed'"):
            semcodec.decode(data, controls={"seed": wrong})


def test_a_control_that_steers_the_bits_is_refused() -> None:
    with pytest.raises(GraphError, match="steers how bits are read"):
        semcodec.load(seeded(controls={"side": {"path": "colours.quantizer.step"}}))
