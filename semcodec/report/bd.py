"""Bjøntegaard's deltas, by the package ``bjontegaard``."""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from semcodec.errors import SettingError
from semcodec.report.curves import front

__all__ = ["METHODS", "Delta", "Method", "bd_quality", "bd_rate", "missing_package", "provenance"]

Method = Literal["pchip", "akima", "cubic"]
METHODS: tuple[Method, ...] = ("pchip", "akima", "cubic")
"""Interpolations of the logarithm of the rate over quality: piecewise cubic and monotone (JCTVC,
the default), Akima's (JVET's later choice), and one cubic through all points (VCEG-M33)."""

_LEAST = {"pchip": 2, "akima": 2, "cubic": 4}


@dataclass(frozen=True, slots=True)
class Delta:
    """A difference of two curves.

    Attributes:
        value: percent for a rate, the metric's unit for a quality; None where there is none.
        overlap: share of the span of both curves on which they were compared, 0 to 1.
        reason: why there is no value.
        low: where the comparison begins, in the unit of the axis on which curves must overlap: the
            metric's for a rate, bits a pixel for a quality; NaN where they do not.
        high: where it ends.
        points: rates of the curve that has fewer, once those that a cheaper one beats are out.
    """

    value: float | None
    overlap: float = 0.0
    reason: str = ""
    low: float = math.nan
    high: float = math.nan
    points: int = 0


def missing_package() -> str:
    """Say what to install where the package is absent; empty where it is there."""
    try:
        importlib.import_module("bjontegaard")
    except ImportError:
        return 'BD-rate needs the package bjontegaard: pip install "semcodec[report]"'
    return ""


def provenance(method: Method) -> str:
    """Name the package, its version and the interpolation, as it stands beside every figure."""
    from importlib.metadata import version

    return f"bjontegaard {version('bjontegaard')}, {method} interpolation of log rate"


def bd_rate(
    anchor: Iterable[tuple[float, float]],
    test: Iterable[tuple[float, float]],
    *,
    higher_is_better: bool = True,
    method: Method = "pchip",
) -> Delta:
    """Compare the rates of two curves at equal quality.

    G. Bjøntegaard, "Calculation of average PSNR differences between RD-curves", ITU-T VCEG-M33,
    2001: the mean difference of the logarithms of the rates over the common qualities. What a
    cheaper point of the same curve equals or beats is left out first (:func:`front`).

    Args:
        anchor: (rate, value) of the reference, rates positive.
        test: (rate, value) of the tested codec.
        higher_is_better: direction of the metric; where lower is better, its negative is quality.
        method: one of ``METHODS``.

    Returns:
        Percent of rate that the test takes more than the anchor (negative: it saves). No value,
        with the reason, where a curve has too few rising points or the two share no quality.

    Raises:
        SettingError: the package is absent, or there is no such method.
    """
    package = _package(method)
    sign = 1.0 if higher_is_better else -1.0
    curves = [front((rate, sign * value) for rate, value in points) for points in (anchor, test)]
    points = min(map(len, curves))
    reason = _too_few(points, method)
    if reason:
        return Delta(None, reason=reason, points=points)
    overlap, low, high = _overlap(*([value for _, value in curve] for curve in curves))
    if overlap <= 0:
        return Delta(None, reason="the curves share no quality", points=points)
    percent = package.bd_rate(
        *_columns(curves), method=method, require_matching_points=False, min_overlap=0
    )
    low, high = sorted((sign * low, sign * high))
    return _delta(float(percent), overlap, low, high, points)


def bd_quality(
    anchor: Iterable[tuple[float, float]],
    test: Iterable[tuple[float, float]],
    *,
    higher_is_better: bool = True,
    method: Method = "pchip",
) -> Delta:
    """Compare the qualities of two curves at equal rate, over the logarithm of the rate.

    Args:
        anchor: (rate, value) of the reference.
        test: (rate, value) of the tested codec.
        higher_is_better: direction of the metric.
        method: one of ``METHODS``.

    Returns:
        By how much the test is better, in the metric's unit and whatever its direction; the
        classical BD-PSNR for PSNR. No value, with the reason, as in :func:`bd_rate`.

    Raises:
        SettingError: the package is absent, or there is no such method.
    """
    package = _package(method)
    sign = 1.0 if higher_is_better else -1.0
    curves = [front((rate, sign * value) for rate, value in points) for points in (anchor, test)]
    points = min(map(len, curves))
    reason = _too_few(points, method)
    if reason:
        return Delta(None, reason=reason, points=points)
    overlap, low, high = _overlap(*([math.log(rate) for rate, _ in curve] for curve in curves))
    if overlap <= 0:
        return Delta(None, reason="the curves share no rate", points=points)
    gain = package.bd_psnr(
        *_columns(curves), method=method, require_matching_points=False, min_overlap=0
    )
    return _delta(float(gain), overlap, math.exp(low), math.exp(high), points)


def _package(method: Method) -> Any:
    if method not in METHODS:
        raise SettingError(
            f"expected an interpolation of {', '.join(METHODS)}, got {method!r}",
            hint="pchip is the usual choice.",
        )
    missing = missing_package()
    if missing:
        raise SettingError(missing, hint='pip install "semcodec[report]"')
    return importlib.import_module("bjontegaard")


def _too_few(points: int, method: Method) -> str:
    least = _LEAST[method]
    if points >= least:
        return ""
    return f"{method} needs {least} rates of rising quality, a curve has {points}"


def _overlap(one: list[float], other: list[float]) -> tuple[float, float, float]:
    """Give the share of both spans that is common, and its ends."""
    low, high = max(one[0], other[0]), min(one[-1], other[-1])
    return (high - low) / (max(one[-1], other[-1]) - min(one[0], other[0])), low, high


def _columns(curves: list[list[tuple[float, float]]]) -> list[list[float]]:
    return [[point[axis] for point in curve] for curve in curves for axis in (0, 1)]


def _delta(value: float, overlap: float, low: float, high: float, points: int) -> Delta:
    # One cubic through points that bunch up can leave the range of floats.
    if not math.isfinite(value):
        reason = "the interpolation gives no finite difference"
        return Delta(None, overlap, reason, low, high, points)
    return Delta(value, overlap, "", low, high, points)
