"""The metrics log: JSON lines in bits a pixel and dB, never raw."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from semcodec_torch.training.task import Terms

__all__ = ["Log", "Means", "decibels"]


def decibels(mse: float) -> float:
    """Turn a mean squared error of pixels in [0, 1] into PSNR, ``-10 log10 mse``.

    Returns:
        dB; infinite where the error is zero.
    """
    return math.inf if mse <= 0 else -10 * math.log10(mse)


class Means:
    """Means of terms over steps, kept on the device so that no step waits for it."""

    def __init__(self) -> None:
        self._sums: dict[str, Any] = {}
        self._count = 0

    def add(self, terms: Terms) -> None:
        """Add the terms of a step."""
        named = {
            "loss_bpp": terms.loss,
            **{f"{name}_bpp": rate for name, rate in terms.rates.items()},
            **{f"{name}_db": error for name, error in terms.errors.items()},
        }
        for name, value in named.items():
            self._sums[name] = self._sums.get(name, 0) + value.detach().float()
        self._count += 1

    def take(self) -> dict[str, float]:
        """Give the means since the last call, errors in dB of their mean, and start anew."""
        means = {name: float(total) / self._count for name, total in self._sums.items()}
        self._sums, self._count = {}, 0
        return {n: decibels(v) if n.endswith("_db") else v for n, v in means.items()}


class Log:
    """A file of JSON lines that a killed run goes on with.

    Args:
        path: the file; created, or cut back to the step that the run resumes at.
        step: rows of later steps are of a part of the run that was lost, and are dropped.
    """

    def __init__(self, path: Path, step: int = 0) -> None:
        self._path = path
        kept = [row for row in self.read(path) if row.get("step", 0) <= step] if step else []
        path.write_text("".join(map(_line, kept)), encoding="utf-8")

    def write(self, row: Mapping[str, Any]) -> None:
        """Append a row."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(_line(row))

    @staticmethod
    def read(path: Path) -> list[dict[str, Any]]:
        """Read the rows of a log; a line that a kill cut short ends it."""
        rows: list[dict[str, Any]] = []
        if path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    rows.append(json.loads(line))
                except ValueError:
                    break
        return rows


def _line(row: Mapping[str, Any]) -> str:
    rounded = {k: float(f"{v:.6g}") if isinstance(v, float) else v for k, v in row.items()}
    return json.dumps(rounded) + "\n"
