"""Runs an entropy model's program of passes, and codes symbols by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semcodec.contracts.coding import AdaptivePass, DecodeSession, EncodeSession, TablePass
from semcodec.contracts.context import Context
from semcodec.contracts.values import Symbols
from semcodec.testing.case import Given, invoke

__all__ = ["coded", "decoded", "drive", "recorded"]

Ints = NDArray[np.int32]
Pass = TablePass | AdaptivePass
_SPARE = 64


def _start(component: Any, symbols: Symbols, guides: Given, ctx: Context) -> Any:
    return invoke(component.passes, symbols, guides, ctx)


def _next(passes: Any, known: Ints | None) -> Any:
    def passes_() -> Any:
        try:
            return next(passes) if known is None else passes.send(known)
        except StopIteration:
            return None

    passes_.__name__ = "passes"
    return invoke(passes_)


def _read_only(known: Ints) -> Ints:
    view = known.view()
    view.setflags(write=False)
    return view


def drive(component: Any, symbols: Symbols, guides: Given, ctx: Context, values: Ints) -> list[Any]:
    """List the passes that a model yields while symbols with these values become known.

    More passes than symbols are cut off: such a program would never end.
    """
    passes = _start(component, symbols, guides, ctx)
    made: list[Any] = []
    known = np.zeros(symbols.shape, dtype=np.int32)
    item = _next(passes, None)
    while item is not None and len(made) < symbols.size + _SPARE:
        made.append(item)
        positions = getattr(item, "positions", None)
        if positions is None:
            known = np.array(values, dtype=np.int32)
        else:
            positions = np.asarray(positions)
            inside = positions[(positions >= 0) & (positions < known.size)]
            known.reshape(-1)[inside] = values.reshape(-1)[inside]
        item = _next(passes, _read_only(known))
    return made


def recorded(item: Any) -> Any:
    """Give what a pass says as plain data, to be compared."""
    if isinstance(item, AdaptivePass):
        return (item.primitive, tuple(item.params))
    if not isinstance(item, TablePass):
        return repr(item)
    return (
        item.tables.digest,
        np.array(item.indexes),
        None if item.positions is None else np.array(item.positions),
        None if item.means is None else np.array(item.means),
    )


def _spread(item: TablePass, symbols: Symbols) -> tuple[NDArray[np.int64], Ints]:
    """Positions of a pass that are coded at all, and the table of each."""
    every = np.arange(symbols.size, dtype=np.int64)
    positions = every if item.positions is None else np.asarray(item.positions)
    indexes = np.asarray(item.indexes)
    if indexes.size == positions.size:
        indexes = indexes.reshape(-1)
    indexes = np.broadcast_to(indexes, positions.shape)
    if symbols.mask is not None:
        kept = symbols.mask.reshape(-1)[positions]
        positions, indexes = positions[kept], indexes[kept]
    return positions, np.ascontiguousarray(indexes, dtype=np.int32)


def coded(
    component: Any,
    symbols: Symbols,
    guides: Given,
    ctx: Context,
    values: Ints,
    session: EncodeSession,
) -> bytes:
    """Code symbols by a model, as the engine does."""
    for item in drive(component, symbols, guides, ctx, values):
        if isinstance(item, AdaptivePass):
            session.adapt(values, symbols, item)
            continue
        positions, indexes = _spread(item, symbols)
        if symbols.end is None:
            row = values.reshape(-1)[positions]
        else:
            ended = [symbols.end] if values.size < symbols.size else []
            row = np.append(values, ended).astype(np.int32)
            indexes = indexes[: row.size]
        session.code(row, indexes, item.tables)
    return session.finish()


def decoded(
    component: Any, symbols: Symbols, guides: Given, ctx: Context, session: DecodeSession
) -> Ints:
    """Decode what :func:`coded` made."""
    passes = _start(component, symbols, guides, ctx)
    known = np.zeros(symbols.shape, dtype=np.int32)
    item = _next(passes, None)
    for _ in _bounded(symbols):
        if item is None:
            break
        if isinstance(item, AdaptivePass):
            known = session.adapt(symbols, item)
        else:
            positions, indexes = _spread(item, symbols)
            row = session.code(indexes, item.tables, symbols.end)
            if symbols.end is None:
                known.reshape(-1)[positions] = row
            else:
                known = row[:-1] if row.size and row[-1] == symbols.end else row
        item = _next(passes, _read_only(known))
    session.finish()
    return known


def _bounded(symbols: Symbols) -> Iterator[int]:
    return iter(range(symbols.size + _SPARE))
