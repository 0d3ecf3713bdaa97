"""Processes that end with the one that started them, hold to one thread, and can be replaced."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from typing import Any

__all__ = ["Process", "follow_parent", "single_thread"]

_THREADS = (
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def follow_parent() -> None:
    """End this process when its parent does, however that ends, and leave Ctrl-C to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        # An executor's worker holds both ends of its queue's pipe, so it never sees it close.
        threading.Thread(target=_watch, args=(parent.sentinel,), daemon=True).start()


def _watch(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


@contextlib.contextmanager
def single_thread() -> Iterator[None]:
    """Hold what is started inside to one thread; libraries read this once, when they load."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class Process:
    """One process that runs calls one after another; a new one takes over where it dies."""

    def __init__(
        self,
        begin: Callable[..., None],
        arguments: Sequence[Any],
        end: Callable[[], None] | None = None,
    ) -> None:
        """Describe the process; the first call starts it.

        Args:
            begin: called in it before all else.
            arguments: what ``begin`` is given.
            end: called in it at last, for what must end before it can: its own processes.
        """
        self._begin = begin
        self._end = end
        self._arguments = tuple(arguments)
        self._executor: ProcessPoolExecutor | None = None
        self._pid: Future[int] | None = None

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Call a function in the process; BrokenProcessPool comes back where it dies of it."""
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                1,
                mp_context=get_context("spawn"),
                initializer=self._begin,
                initargs=self._arguments,
            )
            with single_thread():
                self._pid = self._executor.submit(os.getpid)
        return self._executor.submit(function, *arguments)

    def kill(self) -> None:
        """End the process in the middle of what it does; its call gives BrokenProcessPool."""
        if self._pid is not None:
            with contextlib.suppress(Exception):
                os.kill(self._pid.result(timeout=10), getattr(signal, "SIGKILL", signal.SIGTERM))

    def forget(self) -> None:
        """Give up a process that has died; the next call starts another."""
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = self._pid = None

    def close(self, *, now: bool = False) -> None:
        """End the process: after what it is doing, or now."""
        if now:
            self.kill()
        elif self._executor is not None and self._end is not None:
            with contextlib.suppress(Exception):
                self._executor.submit(self._end).result()
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
        self._executor = self._pid = None
