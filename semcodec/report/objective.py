"""The composite of rate, semantics and quality."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from semcodec.errors import SettingError
from semcodec.report.rows import Measure, Row

__all__ = ["Objective", "Outcome", "check_objective", "outcomes"]


@dataclass(frozen=True, slots=True)
class Objective:
    """``J = R + λ_Φ D_Φ - λ_ψ Q_ψ``, the objective of the DARE project; lower is better.

    Attributes:
        semantic: id of the semantic distance ``D_Φ``, lower is better; empty for none.
        semantic_weight: ``λ_Φ`` in bits a pixel for each unit of the distance.
        quality: id of the quality ``Q_ψ``, higher is better; empty for none.
        quality_weight: ``λ_ψ`` in bits a pixel for each unit of the quality.
    """

    semantic: str = ""
    semantic_weight: float = 0.0
    quality: str = ""
    quality_weight: float = 0.0

    def of(self, row: Row) -> float | None:
        """Give ``J`` of a row in bits a pixel; None where a figure is missing."""
        total = row.bpp
        for metric, weight in (
            (self.semantic, self.semantic_weight),
            (self.quality, -self.quality_weight),
        ):
            if not metric:
                continue
            value = row.value(metric)
            if value is None:
                return None
            total += weight * value
        return total if row.coded else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A codec under the objective.

    Attributes:
        codec: its name.
        best: mean over the pictures of the least ``J`` that one of the rates gives.
        pictures: how many.
        rates: mean ``J`` at each rate.
    """

    codec: str
    best: float
    pictures: int
    rates: dict[str, float]


def check_objective(objective: Objective, metrics: dict[str, Measure]) -> None:
    """Refuse an objective whose terms point the wrong way.

    Args:
        objective: what is asked for.
        metrics: those of the run, by id.

    Raises:
        SettingError: a metric has no value in the run, its direction is the wrong one, or a
            weight is negative.
    """
    for metric, weight, higher, term in (
        (objective.semantic, objective.semantic_weight, False, "semantic distance"),
        (objective.quality, objective.quality_weight, True, "quality"),
    ):
        if not metric:
            continue
        if metric not in metrics:
            raise SettingError(
                f"objective: expected a metric of the run as {term}, got {metric!r}",
                hint=f"The run has {', '.join(metrics) or 'none'}.",
            )
        if metrics[metric].higher_is_better != higher:
            better = "higher" if higher else "lower"
            raise SettingError(
                f"objective: expected a {term}, of which {better} is better; {metric} is not so"
            )
        if not weight >= 0:
            raise SettingError(f"objective: expected a weight of at least 0, got {weight:g}")


def outcomes(rows: Iterable[Row], objective: Objective) -> list[Outcome]:
    """Rank codecs, best first, over the pictures on which all of them have a value."""
    found: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for row in sorted(rows, key=lambda row: (row.cell, row.image, row.rate, row.seed)):
        total = objective.of(row)
        if total is not None:
            known = found[row.cell][row.image]
            known[row.rate] = min(total, known.get(row.rate, total))
    shared = set.intersection(*(set(images) for images in found.values())) if found else set()
    made = []
    for codec, images in found.items():
        chosen = [images[image] for image in sorted(shared)]
        if not chosen:
            continue
        rates = sorted(set.intersection(*(set(points) for points in chosen)))
        made.append(
            Outcome(
                codec=codec,
                best=sum(min(points.values()) for points in chosen) / len(chosen),
                pictures=len(chosen),
                rates={
                    rate: sum(points[rate] for points in chosen) / len(chosen) for rate in rates
                },
            )
        )
    return sorted(made, key=lambda outcome: (outcome.best, outcome.codec))
