"""Arguments of the wrong kind, refused where they come in."""

from __future__ import annotations

import operator
from numbers import Real
from typing import Any

from semcodec.errors import SettingError

__all__ = ["number", "one_of", "whole"]


def whole(name: str, value: Any) -> int:
    """Take a whole number: an int or what stands for one, as numpy's do.

    Raises:
        SettingError: it is another kind of value.
    """
    try:
        if not isinstance(value, bool):
            return operator.index(value)
    except TypeError:
        pass
    raise SettingError(f"expected {name} as a whole number, got {value!r}")


def number(name: str, value: Any) -> float:
    """Take a real number.

    Raises:
        SettingError: it is another kind of value.
    """
    if isinstance(value, Real) and value is not True and value is not False:
        try:
            return float(value)
        except OverflowError:
            pass
    raise SettingError(f"expected {name} as a number, got {value!r}")


def one_of(name: str, value: Any, known: tuple[str, ...]) -> None:
    """See that a value is a known one.

    Raises:
        SettingError: it is another one.
    """
    if value not in known:
        raise SettingError(f"expected {name} of {', '.join(known)}, got {value!r}")
