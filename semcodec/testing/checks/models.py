"""Levels 1 and 2: entropy models."""

from __future__ import annotations

from typing import Any

import numpy as np

from semcodec.components.coders import Range
from semcodec.contracts.coding import AdaptivePass, TablePass
from semcodec.discovery.scan import last_line
from semcodec.testing.check import Fault, check
from semcodec.testing.compare import difference
from semcodec.testing.passes import coded, decoded, drive

__all__: list[str] = []


@check(1, "model")
def passes_cover(subject: Any) -> None:
    """The passes cover every symbol exactly once, with indexes that have a table."""
    for case in subject.cases():
        problem = _uncovered(_items(subject, case), case.shape.size)
        if problem:
            raise Fault(f"passes on {case.label}: {problem}", subject.where("passes"))


def _items(subject: Any, case: Any) -> list[Any]:
    ctx = case.context("encode", case.shape, case.shape)
    made: list[Any] = subject.attempt(
        case, drive, subject.component, case.shape, case.given("decode"), ctx, case.value
    )
    return made


def _uncovered(items: list[Any], size: int) -> str:
    seen = np.zeros(size, dtype=np.int64)
    for item in items:
        if isinstance(item, AdaptivePass):
            seen += 1
            continue
        if not isinstance(item, TablePass):
            return f"expected a TablePass or an AdaptivePass, got {type(item).__name__}"
        positions = np.arange(size) if item.positions is None else np.asarray(item.positions)
        if positions.ndim != 1 or positions.dtype.kind not in "iu":
            return f"positions must be int64 in one dimension, got {positions.dtype}"
        if positions.size and not 0 <= positions.min() <= positions.max() < size:
            return f"a position lies outside the {size} symbols"
        indexes = np.asarray(item.indexes)
        if indexes.dtype.kind not in "iu":
            return f"indexes must be integers, got {indexes.dtype}"
        if indexes.size and not 0 <= indexes.min() <= indexes.max() < len(item.tables):
            return f"an index has none of the {len(item.tables)} tables"
        np.add.at(seen, positions, 1)
    if (seen == 1).all():
        return ""
    missed, twice = int((seen == 0).sum()), int((seen > 1).sum())
    return f"of {size} symbols, {missed} are in no pass and {twice} in several"


@check(2, "model")
def model_round_trips(subject: Any) -> None:
    """Symbols coded by the model and the range coder come back, decoded as a decoder does it."""
    for case in subject.cases():
        if _uncovered(_items(subject, case), case.shape.size):
            continue  # passes-cover says so
        ctxs = [case.context(side, case.shape, case.shape) for side in ("encode", "decode")]
        given = case.given("decode")
        try:
            data = coded(
                subject.component, case.shape, given, ctxs[0], case.value, Range().encoder()
            )
            back = decoded(subject.component, case.shape, given, ctxs[1], Range().decoder(data))
            found = difference(case.value, back)
        except Exception as error:  # a coder fails in any way on indexes that disagree
            found = last_line(error.__cause__ or error)
        if found:
            raise Fault(
                f"{case.label}: what comes back is not what was coded: {found}; passes may depend "
                "on symbols already known, on decoded guides and on nothing else",
                subject.where("passes"),
            )
