"""A choice between codecs: the winner's own file, never worse than the best candidate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import semcodec
from semcodec.engine.target import measure
from semcodec.errors import ImageError, SettingError, SpecError, TargetError

Picture = NDArray[np.uint8]
NAMES = ["jpeg", "flat-dct", "webp"]


def choice(**choose: Any) -> dict[str, Any]:
    return {"semcodec": 1, "name": "best", "candidates": NAMES, "choose": choose}


def singles(photo: Picture, **options: Any) -> dict[str, bytes]:
    return {name: semcodec.load(name).encode(photo, **options) for name in NAMES}


def test_bytes_takes_the_smallest_file(photo: Picture) -> None:
    trace = semcodec.Trace()
    codec = semcodec.load(choice(metric="bytes"))
    data = codec.encode(photo, trace=trace)
    files = singles(photo)
    assert data == min(files.values(), key=len) == files[trace.chosen]
    assert trace.digest == semcodec.load(trace.chosen).digest
    assert trace.trials == 3
    assert sum(trace.sections.values()) == len(data)
    assert semcodec.load({**choice(), "choose": {"metric": "bytes"}}).encode(photo) == data


@pytest.mark.parametrize("size", [900, 1200, 2500])
def test_at_one_size_it_is_never_worse_than_the_best_candidate(size: int, photo: Picture) -> None:
    codec = semcodec.load(choice(metric="psnr", within=0))
    data = codec.encode(photo, target_bytes=size)
    assert len(data) <= size
    best = max(
        measure("psnr", photo, semcodec.decode(d))
        for d in singles(photo, target_bytes=size).values()
    )
    assert measure("psnr", photo, semcodec.decode(data)) == best


def test_at_one_quality_it_takes_the_smallest(photo: Picture) -> None:
    codec = semcodec.load(choice(metric="bytes"))
    data = codec.encode(photo, target=("psnr", 33))
    assert len(data) == min(map(len, singles(photo, target=("psnr", 33)).values()))


def test_within_trades_quality_for_size(photo: Picture) -> None:
    files = singles(photo, target_bytes=1500)
    scores = {name: measure("psnr", photo, semcodec.decode(d)) for name, d in files.items()}
    for within in (0.0, 0.3, 1.0, 100.0):
        codec = semcodec.load(choice(metric="psnr", within=within))
        good = [n for n in NAMES if scores[n] >= max(scores.values()) - within]
        winner = min(good, key=lambda n: len(files[n]))
        assert codec.encode(photo, target_bytes=1500) == files[winner]


def test_a_lower_metric_is_better(photo: Picture) -> None:
    codec = semcodec.load(choice(metric="mse"))
    files = singles(photo)
    best = min(files.values(), key=lambda d: measure("mse", photo, semcodec.decode(d)))
    assert codec.encode(photo) == best


def test_the_file_decodes_by_anything(photo: Picture) -> None:
    codec = semcodec.load(choice(metric="bytes"))
    data = codec.encode(photo)
    assert (codec.decode(data) == semcodec.decode(data)).all()
    assert codec.encode_many([photo, photo[:20]]) == [data, codec.encode(photo[:20])]
    for one, other in zip(codec.decode_many([data]), [semcodec.decode(data)], strict=True):
        assert (one == other).all()


def test_candidates_that_cannot_are_passed_over(photo: Picture) -> None:
    deep = semcodec.register(_Deep, "local.deep")
    spec = {"semcodec": 1, "name": "deep", "transform": {"use": deep}}
    codec = semcodec.load({**choice(metric="bytes"), "candidates": ["flat-dct", spec]})
    trace = semcodec.Trace()
    data = codec.encode(photo.astype(np.uint16) * 257, trace=trace)
    assert trace.chosen == "deep"
    assert semcodec.decode(data).dtype == np.uint16
    with pytest.raises(ImageError, match=r"no candidate can: flat-dct: dct.*; deep: ") as caught:
        codec.encode(np.zeros((4, 4, 4), np.uint8))
    assert "local.deep" in str(caught.value)
    size = min(len(semcodec.load("flat-dct").encode(photo, settings={"step": 128})), 10**6)
    small = semcodec.load(choice(metric="psnr"))
    assert len(small.encode(photo, target_bytes=size)) <= size
    with pytest.raises(TargetError, match=r"no candidate can: jpeg: .*; flat-dct: .*; webp: "):
        small.encode(photo, target_bytes=40)


@semcodec.component
class _Deep(semcodec.Transform):
    """16-bit pictures as they are."""

    consumes = semcodec.Image
    produces = semcodec.Blob

    def accepts(self, shape: Any) -> str:
        return "" if shape.depth == 16 else "expected 16 bits"

    def layout(self, shape: Any, guides: Any, ctx: Any) -> Any:
        return semcodec.Blob()

    def forward(self, value: Any, guides: Any, ctx: Any) -> bytes:
        return bytes(value.tobytes())

    def inverse(self, value: bytes, guides: Any, ctx: Any) -> Any:
        return np.frombuffer(value, np.uint16).reshape(ctx.shape.shape)


@pytest.mark.usefixtures("rehearsal")
def test_each_candidate_gets_the_inputs_that_it_takes(photo: Picture) -> None:
    codec = semcodec.load({**choice(metric="bytes"), "candidates": ["decoder-masks", "webp"]})
    assert codec.inputs == {"caption": "text"}
    codec.encode(photo, inputs={"caption": "a cat"})
    with pytest.raises(SettingError, match="takes no input 'captoin'") as caught:
        codec.encode(photo, inputs={"captoin": "a cat"})
    assert "caption" in caught.value.hint


def test_what_only_one_codec_has(photo: Picture) -> None:
    codec = semcodec.load(choice(metric="bytes"))
    assert codec.name == "best"
    assert repr(codec) == "<Candidates jpeg, flat-dct, webp>"
    for ask in (
        lambda: codec.digest,
        lambda: codec.full_digest,
        lambda: codec.code,
        lambda: codec.sections,
        codec.lock,
        lambda: codec.settings(b""),
    ):
        with pytest.raises(SettingError, match="chooses between codecs") as caught:
            ask()
        assert "jpeg, flat-dct, webp" in caught.value.hint
    with pytest.raises(SettingError, match="no parameters"):
        semcodec.load(choice(metric="bytes"), set={"quantizer.step": 3})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"candidates": ["jpeg"]}, "expected a list of 2"),
        ({"choose": {"metric": 3}}, "'metric'"),
        ({"choose": {"metric": "psnr", "within": -1}}, "at least 0"),
        ({"chose": {}}, "choose"),
    ],
)
def test_wrong_choices(change: dict[str, Any], says: str) -> None:
    with pytest.raises(SpecError, match=says):
        semcodec.load({**choice(metric="bytes"), **change})


def test_progress_is_one_whole(photo: Picture) -> None:
    shares: list[float] = []
    codec = semcodec.load(choice(metric="bytes"))
    codec.encode(photo, target_bytes=2000, progress=lambda share, what: shares.append(share))
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= 0.1
    assert shares[-1] == 1
