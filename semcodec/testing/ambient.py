"""Notes who asks for the clock, for chance, for the environment or for the network."""

from __future__ import annotations

import contextlib
import datetime
import os
import random
import secrets
import socket
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from types import FrameType, ModuleType
from typing import Any

import numpy as np

from semcodec.testing.lines import frame_within, short_path

__all__ = ["watched"]

_KIT = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - compared with frames
# Libraries may look at the clock for their own ends; what they draw reaches the result.
_OWN: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        time,
        (
            "time",
            "time_ns",
            "monotonic",
            "monotonic_ns",
            "perf_counter",
            "perf_counter_ns",
            "process_time",
            "process_time_ns",
            "localtime",
            "gmtime",
            "ctime",
            "strftime",
        ),
    ),
    (os, ("getenv", "getpid")),
)
_DEEP: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        random,
        (
            "random",
            "randint",
            "randrange",
            "choice",
            "choices",
            "shuffle",
            "sample",
            "uniform",
            "gauss",
            "normalvariate",
            "getrandbits",
            "randbytes",
            "triangular",
            "betavariate",
        ),
    ),
    (
        np.random,
        (
            "rand",
            "randn",
            "randint",
            "random",
            "random_sample",
            "normal",
            "uniform",
            "choice",
            "permutation",
            "shuffle",
            "standard_normal",
            "bytes",
            "laplace",
            "poisson",
        ),
    ),
    (os, ("urandom",)),
    (secrets, ("token_bytes", "token_hex", "randbits", "randbelow", "choice")),
    (uuid, ("uuid1", "uuid4")),
    (socket, ("socket", "create_connection", "getaddrinfo")),
)
_UNSEEDED: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (np.random, ("default_rng", "RandomState")),
    (random, ("Random",)),
)


class _Log:
    def __init__(self, home: str) -> None:
        self.home = home
        self.seen: list[tuple[str, str]] = []

    def note(self, what: str, *, deep: bool) -> None:
        """Note a call by the package's own code: its own, or any far below it."""
        frame: FrameType | None = sys._getframe(2)
        while frame is not None:
            path = frame.f_code.co_filename
            if frame_within(path, self.home) and not frame_within(path, _KIT):
                self.seen.append((what, short_path(path, frame.f_lineno)))
                return
            frame = frame.f_back if deep else None


def _reporting(log: _Log, name: str, original: Any, group: object) -> Any:
    def call(*args: Any, **keywords: Any) -> Any:
        if group is not _UNSEEDED or not (args or keywords):
            log.note(name, deep=group is not _OWN)
        return original(*args, **keywords)

    return call


def _dated(log: _Log, original: type) -> type:
    def report(name: str) -> Any:
        def call(cls: Any, *args: Any) -> Any:
            log.note(f"datetime.{original.__name__}.{name}", deep=False)
            return getattr(original, name)(*args)

        return classmethod(call)

    names = [name for name in ("now", "today", "utcnow") if hasattr(original, name)]
    return type(original.__name__, (original,), {name: report(name) for name in names})


class _Environment:
    """Stands before ``os.environ``."""

    def __init__(self, log: _Log, original: Any) -> None:
        self.__dict__["_log"], self.__dict__["_original"] = log, original

    def __getattr__(self, name: str) -> Any:
        self._log.note("os.environ", deep=False)
        return getattr(self._original, name)

    def __getitem__(self, key: str) -> Any:
        self._log.note(f"os.environ[{key!r}]", deep=False)
        return self._original[key]

    def __setitem__(self, key: str, value: str) -> None:
        self._original[key] = value

    def __delitem__(self, key: str) -> None:
        del self._original[key]

    def __contains__(self, key: object) -> bool:
        self._log.note(f"os.environ ({key!r})", deep=False)
        return key in self._original

    def __iter__(self) -> Iterator[str]:
        return iter(self._original)

    def __len__(self) -> int:
        return len(self._original)


@contextlib.contextmanager
def watched(home: str) -> Iterator[list[tuple[str, str]]]:
    """Note every such call that a package's code makes, itself or through what it calls.

    The calls work as ever. Names that the package's modules imported for themselves are watched
    too.

    Args:
        home: folder of the package.

    Yields:
        The list of calls: what was asked for, and ``path:line``. It grows.
    """
    log = _Log(home)
    swaps: list[tuple[Any, str, Any, Any]] = []
    for group in (_OWN, _DEEP, _UNSEEDED):
        for module, names in group:
            for name in names:
                original = getattr(module, name, None)
                if original is not None:
                    label = f"{module.__name__}.{name}"
                    made = _reporting(log, label, original, group)
                    swaps.append((module, name, original, made))
    swaps += [
        (datetime, "datetime", datetime.datetime, _dated(log, datetime.datetime)),
        (datetime, "date", datetime.date, _dated(log, datetime.date)),
        (os, "environ", os.environ, _Environment(log, os.environ)),
    ]
    by_identity = {id(original): made for _, _, original, made in swaps}
    own = [m for m in list(sys.modules.values()) if _belongs(m, home)]
    for module in own:
        for name, held in list(vars(module).items()):
            if id(held) in by_identity:
                swaps.append((module, name, held, by_identity[id(held)]))
    with contextlib.ExitStack() as stack:
        for holder, name, original, made in swaps:
            stack.callback(_set(holder, name, original))
            setattr(holder, name, made)
        yield log.seen


def _set(holder: Any, name: str, value: Any) -> Callable[[], None]:
    return lambda: setattr(holder, name, value)


def _belongs(module: ModuleType | None, home: str) -> bool:
    path = getattr(module, "__file__", None)
    return bool(path) and frame_within(str(path), home) and not frame_within(str(path), _KIT)
