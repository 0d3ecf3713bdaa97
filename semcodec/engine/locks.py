"""Reads the lock that travels in a private codec's file: text that anybody may have written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from semcodec.errors import ContainerError, LimitError
from semcodec.spec.canonical import canonical

__all__ = ["MOST_COMPONENTS", "MOST_LEVELS", "damaged_lock", "read_lock"]

MOST_COMPONENTS = 256
"""Components of an embedded lock; each may take time in proportion to the picture."""

MOST_LEVELS = 1 << 18
"""Values of all its wire settings together, of which a list is made."""


def read_lock(lock: bytes) -> dict[str, Any]:
    """Read an embedded lock.

    Args:
        lock: its bytes, expanded.

    Returns:
        The decode form, as data; its structure is not looked at.

    Raises:
        ContainerError: it is no canonical JSON object.
        LimitError: it asks for more components or more levels than any codec needs.
    """
    try:
        form = json.loads(lock.decode("utf-8"), parse_constant=_no_constant)
        if not isinstance(form, dict):
            raise ValueError(f"expected a mapping, got {type(form).__name__}")
        if canonical(form) != lock:
            raise ValueError("expected canonical JSON, got JSON written otherwise")
        pairs = list(_pairs(form))
    except (ValueError, OverflowError, RecursionError) as error:
        raise damaged_lock(error) from None
    components = sum(key == "use" for key, _ in pairs)
    levels = sum(value for key, value in pairs if key == "levels" and isinstance(value, int))
    for what, count, most in (
        ("components", components, MOST_COMPONENTS),
        ("levels of settings", levels, MOST_LEVELS),
    ):
        if count > most:
            raise LimitError(
                f"embedded lock: expected at most {most} {what}, got {count}",
                hint="No codec is that large: the file is damaged or hostile.",
            )
    return form


def damaged_lock(error: Exception) -> ContainerError:
    """Make the error of a lock that cannot be read."""
    what = str(error) or type(error).__name__
    if isinstance(error, KeyError):
        what = f"no {what}"
    return ContainerError(
        f"embedded lock: {what:.200}", hint="The data is damaged or cut short; fetch it again."
    )


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key, item
            yield from _pairs(item)
    elif isinstance(value, list):
        for item in value:
            yield from _pairs(item)
