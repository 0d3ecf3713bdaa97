"""A progress bar."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["bar"]

_PARTS = 1000


@contextmanager
def bar(label: str) -> Iterator[Callable[[float], None]]:
    """Draw a bar on standard error; give what moves it to a share in [0, 1]."""
    import click

    with click.progressbar(length=_PARTS, label=label, file=sys.stderr) as on:
        reached = 0

        def move(share: float) -> None:
            nonlocal reached
            now = int(share * _PARTS)
            on.update(now - reached)
            reached = now

        yield move
