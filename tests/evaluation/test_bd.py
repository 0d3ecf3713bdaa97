"""Laws of the BD-rate."""

from __future__ import annotations

import math
from types import ModuleType

import pytest

CURVE = [(0.1, 24.0), (0.2, 26.5), (0.4, 29.5), (0.8, 33.0), (1.6, 37.0), (3.2, 41.0)]


def test_a_curve_against_itself_is_nought(bd: ModuleType) -> None:
    assert bd.bd_rate(CURVE, CURVE) == (0.0, 1.0)


@pytest.mark.parametrize("factor", [0.5, 0.9, 1.25])
def test_a_constant_factor_of_rate_is_found_in_any_band(bd: ModuleType, factor: float) -> None:
    other = [(rate * factor, quality) for rate, quality in CURVE]
    for band in [(0.0, math.inf), (0.2, 1.5)]:
        delta = bd.bd_rate(CURVE, other, band)
        assert delta.percent == pytest.approx(100 * (factor - 1))
        assert delta.covered == 1.0


def test_both_ways_multiply_to_one(bd: ModuleType) -> None:
    other = [(0.12, 25.0), (0.3, 29.0), (0.7, 33.1), (1.9, 38.0)]
    there, back = bd.bd_rate(CURVE, other).percent, bd.bd_rate(other, CURVE).percent
    assert (1 + there / 100) * (1 + back / 100) == pytest.approx(1.0, rel=1e-4)


def test_only_the_band_counts(bd: ModuleType) -> None:
    other = [(rate * (1 if rate < 1 else 5), quality) for rate, quality in CURVE]
    assert bd.bd_rate(CURVE, other, (0.1, 0.4)).percent == pytest.approx(0.0, abs=1e-6)
    assert bd.bd_rate(CURVE, other, (1.6, 3.2)).percent > 300


def test_it_tells_how_much_of_the_band_was_compared(bd: ModuleType) -> None:
    half = bd.bd_rate(CURVE, CURVE[3:], (0.2, 3.2))
    assert half.covered == pytest.approx((41.0 - 33.0) / (41.0 - 26.5), abs=1e-3)
    apart = bd.bd_rate(CURVE, [(1.0, 50.0), (2.0, 60.0)])
    assert math.isnan(apart.percent)
    assert apart.covered == 0.0


def test_a_setting_that_another_beats_is_left_out(bd: ModuleType) -> None:
    worse = [(0.5, 29.4), (0.4, 29.0), (1.7, 37.0)]
    assert bd.front([*worse, *CURVE]) == CURVE
    assert bd.bd_rate(CURVE, [*CURVE, *worse]) == (0.0, 1.0)


def test_figures_of_another_implementation(bd: ModuleType) -> None:
    """What ``bjontegaard`` 1.3.0 gives for these curves with method ``pchip``."""
    anchor = [(9487.76, 40.037), (4593.60, 38.615), (2486.44, 36.845), (1358.24, 34.851)]
    other = [(9787.80, 40.121), (4469.00, 38.651), (2451.52, 36.970), (1356.24, 34.987)]
    assert bd.bd_rate(anchor, other).percent == pytest.approx(-4.4175, abs=1e-3)


def test_a_point_is_no_curve(bd: ModuleType) -> None:
    with pytest.raises(ValueError, match="two rising points"):
        bd.bd_rate(CURVE, [(1.0, 30.0), (2.0, 29.0)])
