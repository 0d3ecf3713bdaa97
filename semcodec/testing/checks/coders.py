"""Level 2: entropy coders are lossless, on whatever a model may ask of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from semcodec.coding.primitives import DCT, LABELS, PLANE, SEQUENCE
from semcodec.contracts.coding import AdaptivePass, Tables
from semcodec.contracts.values import Symbols
from semcodec.discovery.scan import last_line
from semcodec.testing.check import Fault, check
from semcodec.testing.compare import difference
from semcodec.testing.scripts import skewed_tables
from semcodec.testing.values import generator, sample

__all__: list[str] = []

_BOUND = 1 << 30
_SETTINGS = settings(
    max_examples=40,
    deadline=None,
    database=None,
    derandomize=True,
    report_multiple_bugs=False,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
_FEW = Tables.from_frequencies([[5, 0, 1, 1], [0, 0, 0, 1], [1, 0, 0, 0]], offsets=[0, -1, 3])


def _round_trip(subject: Any, calls: list[Any], what: str) -> None:
    """Code calls of (symbols, indexes, tables, end) in one session, and decode them again."""
    try:
        session = subject.component.encoder()
        for symbols, indexes, tables, _ in calls:
            session.code(_ints(symbols), _ints(indexes), tables)
        data = session.finish()
        reader = subject.component.decoder(data)
        back = [reader.code(_ints(indexes), tables, end) for _, indexes, tables, end in calls]
        reader.finish()
    except Exception as error:
        raise Fault(f"{what}: {last_line(error)}\n  {_short(calls)}", _line(subject)) from error
    for number, ((symbols, *_), found) in enumerate(zip(calls, back, strict=True)):
        problem = difference(_ints(symbols), np.asarray(found).astype(np.int32))
        if problem:
            message = f"{what}: call {number} does not come back: {problem}\n  {_short(calls)}"
            raise Fault(message, _line(subject))


def _ints(values: Any) -> Any:
    return np.array(values, dtype=np.int32)


def _short(calls: list[Any]) -> str:
    text = "; ".join(f"symbols {list(map(int, c[0]))} tables {list(map(int, c[1]))}" for c in calls)
    return text if len(text) <= 400 else f"{text[:397]}..."


def _line(subject: Any) -> str:
    session = type(subject.component.encoder())
    from semcodec.testing.lines import line_of

    return line_of(session, "code") or str(subject.where("encoder"))


def _inside(tables: Tables, pairs: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """Turn numbers into table indexes and symbols that the tables hold themselves."""
    indexes = [table % len(tables) for table, _ in pairs]
    kept = [i for i in indexes if tables.lengths[i] > 1]
    symbols = [
        int(tables.offsets[i]) + number % int(tables.lengths[i] - 1)
        for i, (_, number) in zip(indexes, pairs, strict=True)
        if tables.lengths[i] > 1
    ]
    return symbols, kept


_PAIRS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 400)), max_size=60)


@check(2, "coder")
def coder_lossless(subject: Any) -> None:
    """Symbols that their tables hold come back: none, one, constant, rare, of many tables."""

    @_SETTINGS
    @given(_PAIRS, st.booleans(), st.integers(1, 4))
    def law(pairs: list[tuple[int, int]], skewed: bool, times: int) -> None:
        tables = skewed_tables() if skewed else _FEW
        symbols, indexes = _inside(tables, pairs)
        _round_trip(subject, [(symbols * times, indexes * times, tables, None)], "symbols")

    law()
    for count in (0, 1, 3000):
        _round_trip(subject, [([3] * count, [0] * count, _FEW_HIGH, None)], "one constant symbol")


_FEW_HIGH = Tables.from_frequencies([[60000, 3, 1]], offsets=[3])


@check(2, "coder")
def coder_escapes(subject: Any) -> None:
    """Symbols outside their tables come back, up to 2**30 and down to -2**30."""
    edges = [-_BOUND, _BOUND, -1, 0, 1, 255, -256, 65535, -65536]
    for tables in (_FEW, skewed_tables()):
        for table in range(len(tables)):
            _round_trip(subject, [(edges, [table] * len(edges), tables, None)], "escapes")

    @_SETTINGS
    @given(st.lists(st.tuples(st.integers(-_BOUND, _BOUND), st.integers(0, 4)), max_size=20))
    def law(pairs: list[tuple[int, int]]) -> None:
        symbols, indexes = [s for s, _ in pairs], [i for _, i in pairs]
        _round_trip(subject, [(symbols, indexes, skewed_tables(), None)], "escapes")

    law()


@check(2, "coder")
def coder_sessions(subject: Any) -> None:
    """Several calls and streams in one session come back call for call, early ends included."""
    ended = [4, 3, 4, 5, 3]

    @_SETTINGS
    @given(st.lists(_PAIRS, max_size=5))
    def law(calls: list[list[tuple[int, int]]]) -> None:
        script = [
            (*_inside(tables, pairs), tables, None)
            for number, pairs in enumerate(calls)
            for tables in [skewed_tables() if number % 2 else _FEW]
        ]
        _round_trip(subject, script, "several calls")

    law()
    _ends(subject, ended)


def _ends(subject: Any, values: list[int]) -> None:
    """A call that an end symbol stops, between two others."""
    before = ([3, 4], [0, 0], _FEW_HIGH, None)
    try:
        session = subject.component.encoder()
        session.code(_ints(before[0]), _ints(before[1]), _FEW_HIGH)
        session.code(_ints([*values, 9]), _ints([0] * (len(values) + 1)), _FEW_HIGH)
        session.code(_ints(before[0]), _ints(before[1]), _FEW_HIGH)
        reader = subject.component.decoder(session.finish())
        back = [reader.code(_ints(before[1]), _FEW_HIGH)]
        back.append(reader.code(_ints([0] * 40), _FEW_HIGH, 9))
        back.append(reader.code(_ints(before[1]), _FEW_HIGH))
        reader.finish()
    except Exception as error:
        raise Fault(f"an end symbol: {last_line(error)}", _line(subject)) from error
    wanted = [before[0], [*values, 9], before[0]]
    found = [list(map(int, each)) for each in back]
    if found != wanted:
        raise Fault(f"an end symbol: {wanted} comes back as {found}", _line(subject))


@check(2, "coder")
def coder_adaptive(subject: Any) -> None:
    """Every primitive of the core codes and decodes, with masks, grids and early ends."""
    rng = generator("adaptive")
    grid = ((3, 4), (2, 2), (2, 2))
    mask = rng.random((9, 11)) < 0.7
    listed = [
        (PLANE, (), Symbols((9, 11), low=-3, high=9)),
        (PLANE, (), Symbols((9, 11), low=0, high=9, mask=mask)),
        (LABELS, (), Symbols((2, 9, 11), low=0, high=3)),
        (DCT, (), Symbols((20, 8, 8), grid)),
        (SEQUENCE, (1,), Symbols((80,), low=0, high=255, end=0)),
        (SEQUENCE, (), Symbols((51,), low=0, high=255, end=256)),
        (SEQUENCE, (2,), Symbols((9,), low=3, high=3, end=-400)),
    ]
    work = [
        (sample(symbols, rng), symbols, AdaptivePass(primitive=number, params=params))
        for number, params, symbols in listed
    ]
    for values, _, _ in work:
        values.setflags(write=False)
    try:
        session = subject.component.encoder()
        for values, symbols, adaptive in work:
            session.adapt(values, symbols, adaptive)
        reader = subject.component.decoder(session.finish())
        back = [reader.adapt(symbols, adaptive) for _, symbols, adaptive in work]
        reader.finish()
    except Exception as error:
        raise Fault(f"adaptive passes: {last_line(error)}", _line(subject)) from error
    for (values, symbols, adaptive), found in zip(work, back, strict=True):
        problem = difference(values, np.asarray(found).astype(np.int32))
        if problem:
            message = f"primitive {adaptive.primitive} on {symbols}: {problem}"
            raise Fault(message, _line(subject))
