"""Measures decoded pictures; a metric that cannot is shown as unavailable and stops nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from semcodec.compare.model import MetricUse
from semcodec.contracts.kinds import Metric, SetMetric
from semcodec.contracts.values import Map
from semcodec.engine.inputs import take_input
from semcodec.errors import PluginError, SemcodecError
from semcodec.spec.build import build_component

__all__ = ["Gauge", "gauges"]


@dataclass(frozen=True, slots=True)
class Gauge:
    """A metric ready to use, or the reason why it is not.

    Attributes:
        use: what was asked for.
        metric: the metric; None where there is none.
        reason: why it cannot be used and what to do; empty where it can.
    """

    use: MetricUse
    metric: Metric | None
    reason: str = ""

    @property
    def compares_sets(self) -> bool:
        """Whether it is a metric of whole sets, which rows have no value of."""
        return isinstance(self.metric, SetMetric)

    @property
    def version(self) -> str:
        """Its version; empty where there is no metric."""
        return str(self.metric.version) if self.metric is not None else ""

    def measure(
        self, reference: NDArray[Any], decoded: NDArray[Any], beside: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Give the entry of a row.

        Args:
            reference: the picture that was coded.
            decoded: what came of it.
            beside: masks and label maps that belong to the picture, by name.
        """
        value, error = None, self.reason
        if not error and self.compares_sets:
            error = "it compares sets of pictures; its values stand in sets.json"
        if not error:
            try:
                value = self._compute(reference, decoded, beside)
            except SemcodecError as failure:
                error = str(failure)
            except Exception as failure:  # anybody's metric; it must not cost the row
                error = f"failed: {type(failure).__name__}: {failure}"
        return self.entry(value, error)

    def summarise(self, pairs: Iterable[tuple[NDArray[Any], NDArray[Any]]]) -> dict[str, Any]:
        """Give the entry of a set: of pairs of an original and what came of it."""
        value, error = None, self.reason
        if not error:
            try:
                assert isinstance(self.metric, SetMetric)
                value = float(self.metric.summarise([self.metric.observe(*p) for p in pairs]))
            except SemcodecError as failure:
                error = str(failure)
            except Exception as failure:  # as above
                error = f"failed: {type(failure).__name__}: {failure}"
        return self.entry(value, error)

    def entry(self, value: float | None, error: str) -> dict[str, Any]:
        """Make the entry of a row.

        JSON has no infinite numbers. The best there can be, such as the PSNR of equal pictures, is
        a result and marked as ``infinite``; NaN and the worst there can be are errors.
        """
        higher = bool(self.metric is None or self.metric.higher_is_better)
        infinite = value == (math.inf if higher else -math.inf)
        if value is not None and not math.isfinite(value):
            error = error if infinite else f"gave {value}"
            value = None
        return {
            "value": value,
            "infinite": infinite,
            "version": self.version,
            "parameters": dict(self.use.parameters),
            "unit": str(self.metric.unit) if self.metric is not None else "",
            "higher_is_better": higher,
            "error": error,
        }

    def _compute(
        self, reference: NDArray[Any], decoded: NDArray[Any], beside: Mapping[str, Any]
    ) -> float:
        assert self.metric is not None
        if not self.metric.ports:
            return float(self.metric.compute(reference, decoded))
        height, width = reference.shape[:2]
        guides = {
            name: take_input(name, beside[name], Map(height, width))
            if port.type is Map
            else beside[name]
            for name, port in self.metric.ports.items()
            if name in beside
        }
        return float(self.metric.compare(reference, decoded, guides))


def gauges(uses: Sequence[MetricUse]) -> list[Gauge]:
    """Make the metrics.

    Those that are not installed, or lack weights or a package, say so in every row; parameters
    that make no sense are an error.

    Raises:
        SpecError: parameters of a metric make no sense.
    """
    return [_gauge(use) for use in uses]


def _gauge(use: MetricUse) -> Gauge:
    try:
        made = build_component({**use.parameters, "use": use.use}, kind="metric", where=use.name)
    except PluginError as error:
        return Gauge(use, None, f"unavailable: {error}")
    assert isinstance(made, Metric)
    try:
        missing = made.missing()
    except Exception as error:
        missing = f"{type(error).__name__}: {error}"
    return Gauge(use, made, f"unavailable: {missing}" if missing else "")
