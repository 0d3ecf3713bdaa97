"""Laws of the figures: BD-rates, intervals, wins, averages, the objective."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcodec.errors import SettingError
from semcodec.report.analysis import analyse
from semcodec.report.bd import METHODS, Method, bd_quality, bd_rate
from semcodec.report.curves import common_ground, curves_of, front
from semcodec.report.objective import Objective, check_objective, outcomes
from semcodec.report.paired import duels, interval
from semcodec.report.rows import rows_of
from semcodec.report.run import read_run

pytest.importorskip("bjontegaard", reason='needs pip install "semcodec[report]"')

Rows = list[dict[str, Any]]
Write = Callable[..., Path]
CURVE = [(0.1, 27.0), (0.25, 30.5), (0.5, 33.5), (1.0, 37.0), (1.4, 38.0)]

curves = st.lists(
    st.tuples(st.floats(0.01, 4), st.floats(20, 50)), min_size=4, max_size=8, unique_by=lambda p: p
)


@pytest.mark.parametrize("method", METHODS)
def test_a_codec_against_itself(method: Method) -> None:
    assert bd_rate(CURVE, CURVE, method=method).value == pytest.approx(0, abs=1e-9)
    assert bd_quality(CURVE, CURVE, method=method).value == pytest.approx(0, abs=1e-9)
    assert bd_rate(CURVE, CURVE, method=method).overlap == 1


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("factor", [0.5, 0.9, 1.1, 3.0])
def test_shifted_rates(method: Method, factor: float) -> None:
    test = [(factor * rate, value) for rate, value in CURVE]
    assert bd_rate(CURVE, test, method=method).value == pytest.approx(100 * (factor - 1))


def test_the_figure_is_the_integral_that_it_is_said_to_be() -> None:
    """By trapezoids under SciPy's curves, over what both reach; beaten points are out."""
    from scipy.interpolate import PchipInterpolator

    other = [(0.12, 27.5), (0.3, 32.0), (0.35, 31.0), (0.7, 36.0), (1.6, 39.5)]
    found = bd_rate(CURVE, other)
    kept = [point for point in other if point != (0.35, 31.0)]
    assert (found.low, found.high) == (27.5, 38.0)
    assert found.overlap == pytest.approx((38 - 27.5) / (39.5 - 27))
    assert found.points == 4
    grid = np.linspace(27.5, 38.0, 20001)
    one, two = (
        PchipInterpolator([value for _, value in points], [math.log(rate) for rate, _ in points])
        for points in (CURVE, kept)
    )
    mean = np.trapezoid(two(grid) - one(grid), grid) / (38.0 - 27.5)
    assert found.value == pytest.approx(100 * math.expm1(mean), abs=1e-4)


def test_shifted_qualities() -> None:
    test = [(rate, value + 0.7) for rate, value in CURVE]
    assert bd_quality(CURVE, test).value == pytest.approx(0.7)


def test_a_distance_is_turned_round() -> None:
    anchor = [(rate, 50 - value) for rate, value in CURVE]
    test = [(1.1 * rate, value) for rate, value in anchor]
    assert bd_rate(anchor, test, higher_is_better=False).value == pytest.approx(10)
    assert bd_quality(anchor, anchor, higher_is_better=False).value == pytest.approx(0, abs=1e-9)


@given(curves, curves)
@settings(max_examples=50)
def test_any_points_give_a_finite_figure_or_a_reason(
    one: list[tuple[float, float]], other: list[tuple[float, float]]
) -> None:
    for method in METHODS:
        found = bd_rate(one, other, method=method)
        assert (found.value is None) == bool(found.reason)
        assert found.value is None or math.isfinite(found.value)


@given(curves, st.randoms())
def test_a_front_rises_and_ignores_order(
    points: list[tuple[float, float]], shuffle: random.Random
) -> None:
    kept = front(points)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(kept))
    other = points.copy()
    shuffle.shuffle(other)
    assert front(other) == kept


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (CURVE, CURVE[:1], "needs 2 rates"),
        (CURVE, [(0.1, 50.0), (0.2, 60.0)], "share no quality"),
        ([], CURVE, "needs 2 rates"),
    ],
)
def test_no_figure_without_a_reason(
    one: list[tuple[float, float]], other: list[tuple[float, float]], reason: str
) -> None:
    assert reason in bd_rate(one, other).reason


def test_an_unknown_interpolation() -> None:
    with pytest.raises(SettingError, match="pchip"):
        bd_rate(CURVE, CURVE, method="spline")  # type: ignore[arg-type]


def test_an_interval_covers() -> None:
    """Of 95 % intervals of 24 normal values about 93 % hold the mean; 150 give or take 4 %."""
    noise = np.random.default_rng(5)
    held = 0
    for _ in range(150):
        found = interval(noise.normal(2.0, 1.0, 24).tolist(), resamples=499)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 2.0 <= found.high
    assert 0.86 <= held / 150 <= 0.99


def test_an_interval_is_seeded_and_ignores_order() -> None:
    values = np.random.default_rng(0).normal(size=20).tolist()
    assert interval(values, seed=3) == interval(values[::-1], seed=3)
    assert interval(values, seed=3) != interval(values, seed=4)
    assert interval([2.0]).low is None


def test_wins_and_losses(rows: Rows) -> None:
    for line in rows:
        if line["cell"] == "two":
            line["metrics"]["psnr"]["value"] += {"a": 1.0, "b": -1.0, "c": 0.0}[line["image"]]
    made, _ = rows_of(rows)
    one, two = (curves_of(made, codec, "psnr") for codec in ("one", "two"))
    inside, outside = duels(one, two, [0.3, 2.0])
    assert (inside.wins, inside.losses, inside.ties, inside.absent) == (1, 1, 1, 0)
    assert inside.gains["a"] == pytest.approx(1)
    assert (outside.wins, outside.absent) == (0, 3)
    (turned,) = duels(two, one, [0.3])
    assert (turned.wins, turned.losses) == (inside.losses, inside.wins)
    one, two = (curves_of(made, codec, "mse") for codec in ("one", "two"))
    doubled = {rate: (bpp, 2 * mse) for rate, (bpp, mse) in one.images["a"].items()}
    worse = replace(two, images={**two.images, "a": doubled})
    (lower,) = duels(one, worse, [0.3], higher_is_better=False)
    assert (lower.wins, lower.losses, lower.ties) == (0, 1, 2)


def test_a_run_whose_second_codec_takes_a_tenth_more(rows: Rows, write_run: Write) -> None:
    for line in rows:
        if line["cell"] == "two":
            line["bpp"] *= 1.1
    found = analyse(read_run(write_run(rows)))
    assert "pchip" in found.provenance
    assert "bjontegaard" in found.provenance
    assert {one.metric for one in found.versus} == {"psnr", "mse"}
    for one in found.versus:
        assert one.average.value == pytest.approx(10)
        assert one.mean is not None
        assert (one.mean.mean, one.mean.low, one.mean.high) == pytest.approx((10, 10, 10))
        assert all(duel.losses == 3 for duel in one.duels)


def test_the_order_of_rows_does_not_matter(rows: Rows, write_run: Write) -> None:
    rows.append({**rows[0], "seed": 1, "bpp": 0.11})
    before = analyse(read_run(write_run(rows)))
    random.Random(1).shuffle(rows)
    assert analyse(read_run(write_run(rows))) == before


def test_means_are_over_the_same_pictures(rows: Rows) -> None:
    """The hard picture fails at one codec's lowest rate: that rate goes, the picture stays."""
    lost = {("two", "a", 0.1), ("two", "b", 0.1)}
    kept = [r for r in rows if (r["cell"], r["image"], r["rate"]["target_bpp"]) not in lost]
    made, _ = rows_of(kept)
    curves = [curves_of(made, codec, "psnr") for codec in ("one", "two")]
    ground = common_ground(curves)
    assert ground.images == ("a", "b", "c")
    assert ground.rates == {
        "one": ("0.1 bpp", "0.25 bpp", "0.5 bpp", "1 bpp"),
        "two": ("0.25 bpp", "0.5 bpp", "1 bpp"),
    }
    assert [place.pictures for place in curves[1].average(ground)] == [3, 3, 3]


def test_a_picture_that_fails_throughout_goes_for_all(rows: Rows) -> None:
    made, _ = rows_of([r for r in rows if (r["cell"], r["image"]) != ("two", "b")])
    curves = [curves_of(made, codec, "psnr") for codec in ("one", "two")]
    ground = common_ground(curves)
    assert ground.images == ("a", "c")
    first, second = (curve.average(ground) for curve in curves)
    assert [place.value for place in first] == [place.value for place in second]


def test_the_objective(rows: Rows) -> None:
    made, _ = rows_of(rows)
    wanted = Objective("mse", 2.0, "psnr", 0.1)
    (line,) = [r for r in made if (r.cell, r.image, r.rate) == ("one", "a", "1 bpp")]
    mse, psnr = line.value("mse"), line.value("psnr")
    assert mse is not None
    assert psnr is not None
    assert wanted.of(line) == pytest.approx(1 + 2 * mse - 0.1 * psnr)
    found = outcomes(made, wanted)
    assert [one.codec for one in found] == ["one", "two"]
    assert found[0].best == found[1].best
    assert found[0].best <= min(found[0].rates.values())
    plain = outcomes(made, Objective())
    assert plain[0].best == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        (Objective("psnr", 1.0), "lower is better"),
        (Objective("", 0, "mse", 1.0), "higher is better"),
        (Objective("lpips", 1.0), "a metric of the run"),
        (Objective("mse", -1.0), "at least 0"),
    ],
)
def test_an_objective_that_points_the_wrong_way(
    objective: Objective, expected: str, rows: Rows, write_run: Write
) -> None:
    with pytest.raises(SettingError, match=expected):
        check_objective(objective, read_run(write_run(rows)).metrics)
