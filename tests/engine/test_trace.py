"""Trace and progress: every byte, every call, every value, and shares that only grow."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import semcodec
from semcodec.contracts.context import part
from semcodec.discovery import catalog
from semcodec.engine.memo import Memo
from semcodec.engine.progress import Meter
from semcodec.engine.trace import Trace
from semcodec.errors import PluginBroken

Picture = NDArray[np.uint8]
pytestmark = pytest.mark.usefixtures("rehearsal")
NAMES = ["flat-dct", "guided-dct", "hyperprior", "any-width", "carved-jpeg", "opaque-jpeg"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["file", "wire"])
def test_sections_sum_to_the_file(name: str, form: Any, photo: Picture) -> None:
    codec = semcodec.load(name)
    trace = Trace()
    data = codec.encode(photo, form=form, trace=trace)
    assert sum(trace.sections.values()) == len(data)
    assert tuple(trace.sections) == ("header", *codec.sections)
    assert trace.digest == codec.digest
    assert not trace.values
    sizes = {part.name: part.size for part in semcodec.inspect(data).parts}
    assert all(sizes[section] == trace.sections[section] for section in codec.sections)


def test_what_a_memo_gave_counts_with_the_time_and_cost_it_had(photo: Picture) -> None:
    codec = semcodec.load("hyperprior")
    memo = Memo(search=True)
    first, again = Trace(), Trace()
    data = codec.encode(photo, memo=memo, trace=first)
    assert codec.encode(photo.copy(), memo=memo, trace=again) == data
    assert first.reused == 0 < again.reused
    assert again.costs == first.costs
    assert "forward" in {step.call for step in first.steps}
    assert "forward" not in {step.call for step in again.steps}


def test_a_stage_that_two_streams_share_costs_once(
    photo: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    codec = semcodec.load("hyperprior")
    blocks = type(codec.pipeline.places["image.stages.0"].component)
    monkeypatch.setattr(blocks, "cost", lambda self, shape, side: (5, 7))
    memo = Memo(search=True)
    for _ in range(2):
        trace = Trace()
        codec.encode(photo, trace=trace, memo=memo)
        shared = [path for path in ("hyper.stages.0", "image.stages.0") if path in trace.costs]
        assert len(shared) == 1


def test_steps_are_the_calls_in_order_with_their_times(photo: Picture) -> None:
    codec = semcodec.load("flat-dct")
    trace = Trace()
    data = codec.encode(photo, trace=trace)
    calls = [(s.component, s.call) for s in trace.steps]
    assert calls.index(("dct@1", "layout")) < calls.index(("dct@1", "forward"))
    assert calls.index(("dct@1", "forward")) < calls.index(("uniform@1", "quantize"))
    assert calls.index(("uniform@1", "quantize")) < calls.index(("dct-context@1", "code"))
    assert calls[-1] == ("range@1", "finish")
    assert ("dct@1", "inverse") not in calls  # nothing needs the decoded value
    assert {s.node for s in trace.steps} == {
        "image.stages.0",
        "image.stages.1",
        "image.model",
        "image.coder",
    }
    assert all(s.seconds >= 0 for s in trace.steps)
    assert trace.seconds == pytest.approx(math.fsum(s.seconds for s in trace.steps))
    back = Trace()
    codec.decode(data, trace=back)
    assert ("dct@1", "inverse") in [(s.component, s.call) for s in back.steps]
    assert back.digest == codec.digest


def test_settings_are_those_used(photo: Picture) -> None:
    trace = Trace()
    semcodec.load("carved-dct").encode(photo, settings={"share": 0.1}, trace=trace)
    assert trace.settings == {"image/step": 16.0, "share": 0.1}
    trace = Trace()
    codec = semcodec.load("flat-dct")
    data = codec.encode(photo, target_bytes=1500, trace=trace)
    assert trace.settings == codec.settings(data)
    assert trace.trials == 6  # of 61 values


def test_values_in_between_are_kept_on_request(photo: Picture) -> None:
    codec = semcodec.load("guided-dct")
    coded, decoded = Trace(keep=True), Trace(keep=True)
    data = codec.encode(photo, trace=coded)
    picture = codec.decode(data, trace=decoded)
    assert set(coded.values) == {"@image", "@saliency", "map"}  # the encoder need not decode more
    assert set(decoded.values) == {"map", "image"}
    assert (coded.values["map"] == decoded.values["map"]).all()  # the loop is closed
    assert (decoded.values["image"] == picture).all()
    assert coded.values["@saliency"].shape == photo.shape[:2]


def test_a_search_shows_the_trial_that_won(photo: Picture) -> None:
    codec = semcodec.load("guided-dct")
    trace = Trace(keep=True)
    data = codec.encode(photo, target_bytes=1500, trace=trace)
    alone = Trace(keep=True)
    assert codec.encode(photo, settings=trace.settings, trace=alone) == data
    assert trace.sections == alone.sections
    assert set(trace.values) == set(alone.values)


def costly(cost: Callable[..., Any]) -> str:
    @semcodec.component
    class Costly(semcodec.Transform):
        consumes = semcodec.Image
        produces = semcodec.Image
        determinism = "bitexact"

        def forward(self, value: Any, guides: Any, ctx: Any) -> Any:
            return value

        def inverse(self, value: Any, guides: Any, ctx: Any) -> Any:
            return value

    Costly.cost = lambda self, shape, side: cost(shape, side)  # type: ignore[attr-defined]
    return semcodec.register(Costly, "local.costly")


def around(id_: str) -> dict[str, Any]:
    stages = [{"use": id_}, {"use": "dct"}, {"use": "uniform"}]
    stream = {"stages": stages, "model": {"use": "dct-context"}, "coder": {"use": "range"}}
    return {"semcodec": 1, "streams": {"image": stream}}


def test_costs_are_what_components_state_for_each_side(photo: Picture) -> None:
    sides = {"encode": 3, "decode": 5}
    codec = semcodec.load(around(costly(lambda shape, side: (7, sides[side] * shape.pixels))))
    coded, decoded = Trace(), Trace()
    codec.decode(codec.encode(photo, trace=coded), trace=decoded)
    assert coded.costs == {"image.stages.0": (7, 3 * 67 * 93)}
    assert decoded.costs == {"image.stages.0": (7, 5 * 67 * 93)}


def test_a_component_need_not_state_a_cost(photo: Picture) -> None:
    trace = Trace()
    semcodec.load(around(costly(lambda shape, side: None))).encode(photo, trace=trace)
    assert trace.costs == {}


@pytest.mark.parametrize("name", NAMES)
def test_progress_grows_from_0_to_1(name: str, photo: Picture) -> None:
    codec = semcodec.load(name)
    for work in (
        lambda tell: codec.encode(photo, progress=tell),
        lambda tell: codec.decode(codec.encode(photo), progress=tell),
        lambda tell: semcodec.decode(codec.encode(photo), progress=tell),
    ):
        told: list[tuple[float, str]] = []
        work(lambda share, what: told.append((share, what)))  # noqa: B023
        shares = [share for share, _ in told]
        assert shares == sorted(shares)
        assert shares[0] == 0
        assert told[-1] == (1.0, "done")
        assert all(isinstance(what, str) and what for _, what in told)


def test_progress_of_a_search_is_one_whole(photo: Picture) -> None:
    shares: list[float] = []
    codec = semcodec.load("flat-dct")
    codec.encode(photo, target_bytes=1500, progress=lambda share, what: shares.append(share))
    assert shares == sorted(shares)
    assert len(set(shares)) > 6
    assert (shares[0], shares[-1]) == (0, 1)


@pytest.mark.parametrize("coder", ["range", "rans"])
def test_progress_moves_inside_long_coding(coder: str) -> None:
    """Of a large picture every part of the work reports more than its beginning, on both sides."""
    picture = np.zeros((2600, 2600, 1), dtype=np.uint8)
    codec = semcodec.load("flat-dct", swap={"coder": coder})
    told: list[tuple[float, str]] = []
    data = codec.encode(picture, progress=lambda share, what: told.append((share, what)))
    for what in ("transforming", "quantizing", "coding"):
        assert len({share for share, said in told if said == what}) > 1, what
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    told.clear()
    semcodec.decode(data, progress=lambda share, what: told.append((share, what)))
    for what in ("coding", "transforming back"):
        assert len({share for share, said in told if said == what}) > 1, what


def test_a_meter_puts_wild_reports_right() -> None:
    told: list[float] = []
    meter = Meter(lambda share, what: told.append(share))
    for share in (0.2, 0.1, -3.0, float("nan"), 0.5, 7.0, 0.9):
        meter(share, "x")
    assert told == [0.2, 0.2, 0.2, 0.2, 0.5, 1.0, 1.0]
    told.clear()
    meter = Meter(lambda share, what: told.append(share))
    part(meter, 0, 4)(0.5, "x")
    part(meter, 1, 4)(float("nan"), "x")
    part(meter, 1, 4)(9.0, "x")
    part(part(meter, 3, 4), 1, 2)(0.5, "x")
    assert told == [0.125, 0.25, 0.5, 0.9375]


class Stop(Exception):
    """The caller's own."""


@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_what_a_callback_raises_is_the_callers(after: int, photo: Picture) -> None:
    def stop(share: float, what: str) -> None:
        counted.append(share)
        if len(counted) == after:
            raise Stop

    codec = semcodec.load("flat-dct")  # the DCT reports from within its own methods
    data = codec.encode(photo)
    for work in (
        lambda: codec.encode(photo, progress=stop),
        lambda: codec.encode(photo, progress=stop, target_bytes=1500),
        lambda: semcodec.decode(data, progress=stop),
    ):
        counted: list[float] = []
        try:
            work()
        except Stop:
            assert len(counted) == after
        else:
            assert len(counted) < after


def test_a_cost_that_fails(photo: Picture) -> None:
    def fail(shape: Any, side: str) -> None:
        raise ZeroDivisionError("by nought")

    with pytest.raises(PluginBroken, match=r"local\.costly@1 at image\.stages\.0 failed in cost"):
        semcodec.load(around(costly(fail))).encode(photo, trace=Trace())
    with pytest.raises(PluginBroken, match="failed in cost: TypeError"):
        semcodec.load(around(costly(lambda shape, side: 7))).encode(photo, trace=Trace())
    semcodec.load(around(costly(fail))).encode(photo)  # nobody asked


def test_a_step_that_fails_is_shown_too(photo: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    id_ = costly(lambda shape, side: None)
    codec = semcodec.load(around(id_))
    trace = Trace()
    monkeypatch.setattr(catalog().component(id_), "forward", lambda *args: 1 / 0)
    with pytest.raises(PluginBroken):
        codec.encode(photo, trace=trace)
    assert trace.steps[-1].call == "forward"
