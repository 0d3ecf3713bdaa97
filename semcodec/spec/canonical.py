"""Canonical JSON and the digests over it (RFC 8785, JSON Canonicalization Scheme).

Keys are sorted by UTF-16 code units, there is no white space, and numbers are written as
ECMAScript does, so 24 and 24.0 are one value and equal data has equal bytes on every machine.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

__all__ = ["canonical", "digest"]


def canonical(value: Any) -> bytes:
    """Serialise data of the JSON kinds.

    Raises:
        ValueError: a number that is not finite, a whole number that binary64 cannot hold (JSON
            readers do not agree on it), half a surrogate pair, or a value of no JSON kind.
    """
    return _write(value).encode("utf-8", "strict")


def digest(value: Any) -> bytes:
    """SHA-256 of the canonical form, 32 bytes."""
    return hashlib.sha256(canonical(value)).digest()


def _write(value: Any) -> str:
    if value is None or isinstance(value, (bool, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        return _whole(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("expected text as keys")
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{_write(k)}:{_write(value[k])}" for k in keys) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_write, value)) + "]"
    raise ValueError(f"expected data of the JSON kinds, got {type(value).__name__}")


def _whole(value: int) -> str:
    if abs(value) <= 2**53:
        return str(value)
    if abs(value) < 2**1023:
        nearest = float(value)
        text = _number(nearest)
        if int(nearest) == value or text == str(value):
            return text
    raise ValueError("expected a whole number that binary64 holds, got one beyond 2**53")


def _number(value: float) -> str:
    """Write a number as ECMAScript's Number::toString does."""
    if not math.isfinite(value):
        raise ValueError(f"expected a finite number, got {value}")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    padded = whole + fraction
    digits = padded.lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(padded) - len(digits))
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    power = point - 1
    head = digits[0] + (f".{digits[1:]}" if count > 1 else "")
    return f"{sign}{head}e{'+' if power > 0 else '-'}{abs(power)}"
