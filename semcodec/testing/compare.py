"""Whether two results are the same: exactly, or as a determinism class promises."""

from __future__ import annotations

from typing import Any

import numpy as np

from semcodec.contracts.values import Symbols

__all__ = ["difference", "snapshot"]

_LEVELS = 2.0 / 255
_RELATIVE = 1e-3


def difference(left: Any, right: Any, promise: str = "bitexact") -> str:
    """Say how two results differ beyond what is promised; empty if they do not.

    Args:
        left: a result: arrays, numbers, text, bytes, descriptions, or containers of them.
        right: another.
        promise: ``stable`` allows two levels of 255 in pictures, maps and numbers relative to the
            largest; every other class allows nothing.
    """
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        return _arrays(left, right, promise)
    if isinstance(left, Symbols) and isinstance(right, Symbols):
        return difference(left.mask, right.mask) if left == right else f"{left} and {right}"
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys():
            return f"{sorted(left)} and {sorted(right)}"
        found = ((key, difference(left[key], right[key], promise)) for key in left)
        return next((f"{key}: {text}" for key, text in found if text), "")
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        if len(left) != len(right):
            return f"{len(left)} results and {len(right)}"
        pairs = zip(left, right, strict=True)
        return next((d for a, b in pairs if (d := difference(a, b, promise))), "")
    if isinstance(left, float) and isinstance(right, float):
        return _arrays(np.array(left), np.array(right), promise)
    if left is right or (type(left) is type(right) and left == right):
        return ""
    return f"{_short(left)} and {_short(right)}"


def _arrays(left: Any, right: Any, promise: str) -> str:
    if left.shape != right.shape or left.dtype != right.dtype:
        return f"{left.dtype} {left.shape} and {right.dtype} {right.shape}"
    if np.array_equal(left, right, equal_nan=left.dtype.kind == "f"):
        return ""
    apart = left.astype(np.float64) - right.astype(np.float64)
    most = float(np.abs(apart).max())
    if promise == "stable" and most <= _allowed(left):
        return ""
    unequal = int(np.count_nonzero(~(left == right)))
    return f"{unequal} of {left.size} entries differ, by at most {most:g}"


def _allowed(array: Any) -> float:
    if array.dtype.kind == "u":
        return _LEVELS * float(np.iinfo(array.dtype).max)
    return _RELATIVE * max(1.0, float(np.abs(array).max()))


def snapshot(value: Any) -> Any:
    """Copy a value to compare it with later; what is not data stays as it is."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return {key: snapshot(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return tuple(snapshot(item) for item in value)
    return value


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
