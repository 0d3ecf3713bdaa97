"""Targets: never exceeded, the best that the grid has, and no stage run twice for nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import semcodec
from semcodec.engine.target import Target, Trial, most_trials, search
from semcodec.errors import ComponentNotFound, SettingError, TargetError
from semcodec.graph.grid import Grid
from semcodec.graph.model import Setting
from semcodec.graph.model import Target as Parameter

Picture = NDArray[np.uint8]


def setting(levels: int, direction: Any) -> Setting:
    return Setting(
        name="quality",
        target=Parameter(node="x", name="quality"),
        grid=Grid(low=1, high=levels, levels=levels),
        bytes=direction,
        default=0,
    )


def tried(sizes: list[int], tries: list[int]) -> Callable[[int], Trial[int]]:
    def attempt(index: int) -> Trial[int]:
        tries.append(index)
        return Trial(index, sizes[index], sizes[index])

    return attempt


@given(
    st.lists(st.integers(1, 10**6), min_size=2, max_size=300, unique=True),
    st.integers(1, 10**6),
    st.sampled_from(("increasing", "decreasing")),
)
def test_a_monotone_setting_gives_the_best_of_all_in_few_trials(
    sizes: list[int], limit: int, direction: str
) -> None:
    sizes = sorted(sizes, reverse=direction == "decreasing")
    tries: list[int] = []
    quality = setting(len(sizes), direction)
    goal = Target(quantity="bytes", value=limit)
    fitting = [size for size in sizes if size <= limit]
    if fitting:
        assert search(quality, goal, tried(sizes, tries)).size == max(fitting)
    else:
        with pytest.raises(TargetError) as caught:
            search(quality, goal, tried(sizes, tries))
        assert caught.value.reached == min(sizes)
    assert len(tries) == len(set(tries)) <= most_trials(quality)


@given(
    st.lists(st.integers(1, 10**4), min_size=2, max_size=100),
    st.lists(st.integers(-40, 40), min_size=100, max_size=100),
    st.integers(1, 10**4),
)
def test_a_setting_that_is_nearly_monotone_never_exceeds(
    sizes: list[int], noise: list[int], limit: int
) -> None:
    sizes = [max(1, a + b) for a, b in zip(sorted(sizes), noise, strict=False)]
    quality = setting(len(sizes), "increasing")
    tries: list[int] = []
    try:
        found = search(quality, Target(quantity="bytes", value=limit), tried(sizes, tries))
    except TargetError:
        assert all(sizes[i] > limit for i in tries)
    else:
        assert found.size == max(sizes[i] for i in tries if sizes[i] <= limit) <= limit


@given(st.lists(st.integers(1, 50), min_size=2, max_size=60), st.integers(1, 50))
def test_scan_tries_everything(sizes: list[int], limit: int) -> None:
    quality = setting(len(sizes), "scan")
    goal = Target(quantity="bytes", value=limit)
    fitting = [size for size in sizes if size <= limit]
    tries: list[int] = []
    if fitting:
        assert search(quality, goal, tried(sizes, tries)).size == max(fitting)
    else:
        with pytest.raises(TargetError):
            search(quality, goal, tried(sizes, tries))
    assert tries == list(range(len(sizes)))


@given(
    st.lists(st.floats(10, 60), min_size=2, max_size=60, unique=True),
    st.floats(10, 60),
    st.booleans(),
)
def test_a_quality_is_reached_with_the_smallest_file(
    qualities: list[float], wanted: float, higher: bool
) -> None:
    qualities = sorted(qualities, reverse=not higher)  # better the larger the file
    quality = setting(len(qualities), "increasing")
    goal = Target(quantity="psnr", value=wanted, higher_is_better=higher)

    def attempt(index: int) -> Trial[int]:
        return Trial(index, 100 + index, qualities[index])

    good = [i for i, q in enumerate(qualities) if (q >= wanted if higher else q <= wanted)]
    if good:
        assert search(quality, goal, attempt).result == min(good)
    else:
        with pytest.raises(TargetError) as caught:
            search(quality, goal, attempt)
        assert caught.value.reached == qualities[-1]


@pytest.mark.parametrize("name", ["flat-dct", "webp"])
def test_targets_of_real_codecs_against_every_value_of_their_grid(
    name: str, photo: Picture
) -> None:
    codec = semcodec.load(name)
    [rate] = [s for s in (*codec.pipeline.wire, *codec.pipeline.encode) if s.bytes]
    sizes = [len(codec.encode(photo, settings={rate.name: v})) for v in rate.grid.values]
    steps = np.diff(sizes if rate.bytes == "increasing" else sizes[::-1])
    monotone = (steps >= 0).all()
    for limit in (min(sizes), *np.linspace(min(sizes), max(sizes) + 50, 7).astype(int)):
        data = codec.encode(photo, target_bytes=int(limit))
        assert len(data) <= limit
        best = max(size for size in sizes if size <= limit)
        assert len(data) == best or (not monotone and len(data) >= best - 100)
        bpp = 8 * int(limit) / (photo.shape[0] * photo.shape[1])
        assert codec.encode(photo, target_bpp=bpp) == data
    with pytest.raises(TargetError, match=f"the smallest file has {min(sizes)}") as caught:
        codec.encode(photo, target_bytes=min(sizes) - 1)
    assert caught.value.reached == min(sizes)


def test_the_limit_counts_the_form_that_is_written(photo: Picture) -> None:
    codec = semcodec.load("flat-dct")
    for form in ("file", "wire"):
        size = len(codec.encode(photo, form=form, settings={"step": 16}))  # type: ignore[arg-type]
        assert len(codec.encode(photo, form=form, target_bytes=size)) == size  # type: ignore[arg-type]
        smaller = codec.encode(photo, form=form, target_bytes=size - 1)  # type: ignore[arg-type]
        assert len(smaller) < size


@pytest.mark.parametrize("metric", ["psnr", "mse"])
def test_a_metric_is_reached_with_the_smallest_file_of_the_grid(
    metric: str, photo: Picture
) -> None:
    from semcodec.engine.target import measure

    codec = semcodec.load("flat-dct")
    files = [codec.encode(photo, settings={"step": s}) for s in codec.pipeline.wire[0].grid.values]
    found = [(measure(metric, photo, codec.decode(data)), data) for data in files]
    values = [value for value, _ in found]
    for wanted in (values[10], values[40], (values[20] + values[21]) / 2):
        good = [d for v, d in found if (v >= wanted if metric == "psnr" else v <= wanted)]
        made = codec.encode(photo, target=(metric, wanted))
        assert len(made) == min(map(len, good))
    impossible = 99.0 if metric == "psnr" else 0.0
    with pytest.raises(TargetError, match=f"reaches {metric} of at") as caught:
        codec.encode(photo, target=(metric, impossible))
    best = max(values) if metric == "psnr" else min(values)
    assert caught.value.reached == best


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"target_bytes": 100, "target_bpp": 1}, "at most one"),
        ({"target_bytes": 0}, "above 0, got 0"),
        ({"target_bpp": -1.0}, "above 0, got -1"),
        ({"target_bpp": float("nan")}, "expected a number as target of bpp, got nan"),
        ({"target_bytes": "100"}, "expected a number as target of bytes, got '100'"),
        ({"target_bytes": True}, "expected a number"),
        ({"target": "psnr"}, "such as ('psnr', 35.0)"),
        ({"target": ("psnr", "high")}, "expected a number as target of psnr"),
        ({"target": ("psnr",)}, "such as ('psnr', 35.0)"),
        ({"target_bytes": 900, "settings": {"step": 3}}, "give one of them"),
    ],
)
def test_wrong_targets(options: dict[str, Any], says: str, photo: Picture) -> None:
    with pytest.raises(SettingError) as caught:
        semcodec.load("flat-dct").encode(photo, **options)
    assert says in str(caught.value)


def test_a_metric_that_nobody_provides(photo: Picture) -> None:
    with pytest.raises(ComponentNotFound, match="psnrr"):
        semcodec.load("flat-dct").encode(photo, target=("psnrr", 30))


def test_a_pipeline_without_a_rate_setting(
    spec: Callable[..., dict[str, Any]], photo: Picture
) -> None:
    with pytest.raises(SettingError, match="no setting that is known to move") as caught:
        semcodec.load(spec()).encode(photo, target_bytes=1000)
    assert "bytes: increasing" in caught.value.hint


@pytest.fixture
def counter() -> list[str]:
    """A filter and a saliency source that note every call."""
    calls: list[str] = []

    @semcodec.component
    class Note(semcodec.Transform):
        consumes = semcodec.Image
        produces = semcodec.Image
        encode_only = True

        def forward(self, value: Any, guides: Any, ctx: Any) -> Any:
            calls.append("filter")
            return value

    @semcodec.component
    class Watch(semcodec.SaliencySource):
        def saliency(self, image: Any, guides: Any, ctx: Any) -> Any:
            calls.append("saliency")
            return np.ones(image.shape[:2], dtype=np.float32)

    semcodec.register(Note, "local.note")
    semcodec.register(Watch, "local.watch")
    return calls


@pytest.mark.usefixtures("rehearsal")
def test_stages_before_the_setting_run_once(counter: list[str], photo: Picture) -> None:
    form = {
        "semcodec": 1,
        "saliency": {"use": "local.watch"},
        "streams": {
            "geometry": {
                "from": "saliency",
                "stages": [{"use": "rehearsal.columns"}],
                "model": {"use": "plane-context"},
                "coder": {"use": "range"},
            },
            "image": {
                "stages": [
                    {"use": "rehearsal.carve", "guides": {"geometry": "geometry"}},
                    {"use": "local.note"},
                    {"use": "pipeline", "of": "flat-dct"},
                ],
            },
        },
    }
    codec = semcodec.load(form)
    trace = semcodec.Trace()
    data = codec.encode(photo, target_bytes=2000, trace=trace)
    assert len(data) <= 2000
    assert trace.trials > 3
    # The map guides carving by its decoded value, which every trial decodes anew.
    assert sorted(counter) == ["filter", "saliency"]
    counter.clear()
    codec.encode(photo)
    assert sorted(counter) == ["filter", "saliency"]  # nothing is kept between encodes


def test_two_streams_that_begin_alike_run_their_stages_once(
    counter: list[str], photo: Picture
) -> None:
    @semcodec.component
    class First(semcodec.Decoder):
        ports = {"a": semcodec.Port(semcodec.Image), "b": semcodec.Port(semcodec.Image)}  # noqa: RUF012

        def decode(self, inputs: Any, ctx: Any) -> Any:
            return inputs["a"]

    semcodec.register(First, "local.first")
    stages = [{"use": "local.note"}, {"use": "dct"}]
    stream = {"model": {"use": "dct-context"}, "coder": {"use": "range"}}
    codec = semcodec.load(
        {
            "semcodec": 1,
            "streams": {
                "a": {"stages": [*stages, {"use": "uniform", "step": 8}], **stream},
                "b": {"stages": [*stages, {"use": "uniform", "step": 64}], **stream},
            },
            "decoder": {"use": "local.first", "inputs": {"a": "a", "b": "b"}},
        }
    )
    trace = semcodec.Trace()
    codec.encode(photo, trace=trace)
    assert counter == ["filter"]
    assert [s.call for s in trace.steps if s.component == "dct@1"].count("forward") == 1


def test_noise_is_not_shared_between_nodes(photo: Picture) -> None:
    """Two equal stages that draw noise have seeds of their own, so neither takes the other's."""

    @semcodec.component
    class Dither(semcodec.Transform):
        consumes = semcodec.Image
        produces = semcodec.Latent
        determinism = "seeded"

        def layout(self, shape: Any, guides: Any, ctx: Any) -> Any:
            return semcodec.Latent(shape.shape)

        def forward(self, value: Any, guides: Any, ctx: Any) -> Any:
            return value + ctx.uniform(value.shape) * 100

        def inverse(self, value: Any, guides: Any, ctx: Any) -> Any:
            back = value - ctx.uniform(value.shape) * 100
            return np.clip(np.rint(back), 0, 255).astype(np.uint8)

    @semcodec.component
    class Mean(semcodec.Decoder):
        ports = {  # noqa: RUF012
            "a": semcodec.Port(semcodec.Image, exact=False),
            "b": semcodec.Port(semcodec.Image, exact=False),
        }

        def decode(self, inputs: Any, ctx: Any) -> Any:
            return ((inputs["a"].astype(int) + inputs["b"]) // 2).astype(np.uint8)

    semcodec.register(Dither, "local.dither")
    semcodec.register(Mean, "local.mean")
    stream = {
        "stages": [{"use": "local.dither"}, {"use": "uniform", "step": 4, "rounding": 0.5}],
        "model": {"use": "laplace", "scale": 9},
        "coder": {"use": "range"},
    }
    codec = semcodec.load(
        {
            "semcodec": 1,
            "streams": {"a": stream, "b": stream},
            "decoder": {"use": "local.mean", "inputs": {"a": "a", "b": "b"}},
        }
    )
    decoded = semcodec.decode(codec.encode(photo))
    assert np.abs(decoded.astype(int) - photo).max() <= 3
