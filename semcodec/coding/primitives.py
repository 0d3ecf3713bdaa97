"""The numbers of the adaptive primitives, and what each can code.

They are part of the format (``docs/format-coding.md``): a number keeps its meaning for ever, a
better model gets a new one.
"""

from __future__ import annotations

from semcodec.contracts.coding import AdaptivePass
from semcodec.contracts.values import Symbols

__all__ = [
    "CAPTIONS",
    "DCT",
    "ENGLISH",
    "LABELS",
    "NOTHING",
    "PLANE",
    "SEQUENCE",
    "problem",
]

PLANE = 1
"""Maps of at most 256 levels, (height, width) or (planes, height, width)."""
DCT = 2
"""Blocks of quantised DCT coefficients, (blocks, side, side)."""
SEQUENCE = 3
"""Sequences of at most 256 levels that may end early; one parameter, the prior."""
NOTHING, ENGLISH, CAPTIONS = 0, 1, 2
"""Priors of SEQUENCE; no parameter is ``NOTHING``."""
LABELS = 5
"""Masks and label maps of at most 256 labels, in the shapes of PLANE."""

NAMES = {PLANE: "PLANE", DCT: "DCT", SEQUENCE: "SEQUENCE", LABELS: "LABELS"}
LEVELS = 256
BOUND = 1 << 30


def problem(symbols: Symbols, adaptive: AdaptivePass) -> str:
    """Say why a pass cannot code symbols so described, or an empty string: it can."""
    number, params = adaptive.primitive, adaptive.params
    if number not in NAMES:
        known = ", ".join(f"{name} ({n})" for n, name in NAMES.items())
        return f"expected one of the primitives {known}, got {number}"
    if params and (number != SEQUENCE or params not in ((NOTHING,), (ENGLISH,), (CAPTIONS,))):
        allowed = "(), (0,), (1,) or (2,)" if number == SEQUENCE else "()"
        return f"{NAMES[number]} expects the parameters {allowed}, got {params}"
    if not -BOUND <= symbols.low <= symbols.high <= BOUND:
        return f"expected symbols within +-2**30, got [{symbols.low}, {symbols.high}]"
    mask = symbols.mask
    if mask is not None and (mask.shape != symbols.shape or mask.dtype != bool):
        return f"expected a bool mask of shape {symbols.shape}, got {mask.dtype} {mask.shape}"
    reason = {PLANE: _plane, DCT: _dct, SEQUENCE: _sequence, LABELS: _plane}[number](symbols)
    return f"{NAMES[number]} expects {reason}" if reason else ""


def _plane(symbols: Symbols) -> str:
    if len(symbols.shape) not in (2, 3):
        return f"shape (height, width) or (planes, height, width), got {symbols.shape}"
    if symbols.end is not None:
        return f"no end symbol, got {symbols.end}"
    return _levels(symbols)


def _dct(symbols: Symbols) -> str:
    shape, grid = symbols.shape, symbols.grid
    if len(shape) != 3 or shape[1] != shape[2] or shape[1] not in (4, 8, 16):
        return f"shape (blocks, side, side) with side 4, 8 or 16, got {shape}"
    if any(len(plane) != 2 or min(plane) < 1 for plane in grid):
        return f"a grid of (rows, columns) of every plane, got {grid}"
    if sum(rows * columns for rows, columns in grid) != shape[0]:
        return f"a grid of {shape[0]} blocks, got {grid}"
    return f"no end symbol, got {symbols.end}" if symbols.end is not None else ""


def _sequence(symbols: Symbols) -> str:
    if len(symbols.shape) != 1:
        return f"one dimension, got shape {symbols.shape}"
    if symbols.mask is not None:
        return "no mask, got one: leave the symbols out instead"
    return _levels(symbols)


def _levels(symbols: Symbols) -> str:
    count = symbols.high - symbols.low + 1
    return f"at most {LEVELS} levels, got {count}" if count > LEVELS else ""
