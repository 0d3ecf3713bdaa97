"""Runs tasks in several processes, those of one picture one after another where that is possible.

Every lane is one process with one task, so whichever task a process dies of is known, and the
other lanes go on.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from semcodec.compare.process import Process
from semcodec.errors import PluginBroken

__all__ = ["Call", "Lanes"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call to make in a lane.

    Attributes:
        home: what it works on; a lane prefers calls with the home that it had last.
        function: a function of a module.
        argument: what it is called with; must pickle.
    """

    home: Hashable
    function: Callable[..., Any]
    argument: tuple[Any, ...]


class Lanes:
    """Processes that make calls."""

    def __init__(
        self, count: int, begin: Callable[..., None], end: Callable[[], None], *arguments: Any
    ) -> None:
        """Describe the processes; each starts with its first call.

        Args:
            count: how many.
            begin: called in each at first.
            end: called in each at last.
            arguments: what ``begin`` is given.
        """
        self._lanes = [Process(begin, arguments, end) for _ in range(count)]

    def __enter__(self) -> Lanes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: object, trace: TracebackType | None
    ) -> None:
        for lane in self._lanes:
            lane.close(now=kind is not None)

    def run(
        self,
        calls: Iterable[Call],
        done: Callable[[Call, Any], None],
        *,
        timeout: float | None = None,
    ) -> None:
        """Make calls and hand each result over as it comes.

        Args:
            calls: in the order in which they should be begun.
            done: given a call and its result; a :class:`PluginBroken` where the process died, or
                was ended as the call took too long.
            timeout: most seconds of one call.

        Raises:
            Exception: whatever a call raises; the others are given up.
        """
        waiting = _Waiting(calls)
        homes: list[Hashable] = [None] * len(self._lanes)
        busy: dict[Future[Any], tuple[int, Call]] = {}
        ends: dict[Future[Any], float] = {}
        late: set[int] = set()
        while True:
            idle = set(range(len(self._lanes))) - {lane for lane, _ in busy.values()}
            for lane in sorted(idle):
                call = waiting.take(homes[lane])
                if call is None:
                    break
                homes[lane] = call.home
                future = self._submit(lane, call)
                busy[future] = (lane, call)
                if timeout is not None:
                    ends[future] = time.monotonic() + timeout
            if not busy:
                return
            rest = max(0.0, min(ends.values()) - time.monotonic()) if ends else None
            finished = wait(busy, timeout=rest, return_when=FIRST_COMPLETED).done
            for future in [each for each in ends if each not in finished]:
                if ends[future] <= time.monotonic():
                    lane = busy[future][0]
                    late.add(lane)
                    self._lanes[lane].kill()
                    del ends[future]  # the process is gone; its result comes as that of one dead
            for future in finished:
                lane, call = busy.pop(future)
                ends.pop(future, None)
                try:
                    result = future.result()
                except BrokenProcessPool:
                    self._lanes[lane].forget()
                    result = _too_slow(timeout) if lane in late else _dead()
                late.discard(lane)
                done(call, result)

    def _submit(self, lane: int, call: Call) -> Future[Any]:
        try:
            return self._lanes[lane].submit(call.function, *call.argument)
        except BrokenProcessPool:  # it died between two calls: of neither
            self._lanes[lane].forget()
            return self._lanes[lane].submit(call.function, *call.argument)

    def map(self, calls: Sequence[Call]) -> list[Any]:
        """Make calls and give their results in order; as :meth:`run` does."""
        results: dict[int, Any] = {}
        numbers = {id(call): number for number, call in enumerate(calls)}
        self.run(calls, lambda call, result: results.update({numbers[id(call)]: result}))
        return [results[number] for number in range(len(calls))]


def _dead() -> PluginBroken:
    return PluginBroken(
        "the process that worked on it died",
        hint="Too little memory, or a fault in a codec's native code.",
    )


def _too_slow(timeout: float | None) -> PluginBroken:
    return PluginBroken(
        f"it took more than {timeout:g} seconds, and was ended",
        hint="Raise the time limit, or leave this codec out.",
    )


class _Waiting:
    """Calls not begun yet, by home."""

    def __init__(self, calls: Iterable[Call]) -> None:
        self._queues: dict[Hashable, deque[Call]] = {}
        for call in calls:
            self._queues.setdefault(call.home, deque()).append(call)
        self._begun: set[Hashable] = set()

    def take(self, home: Hashable) -> Call | None:
        """Take the next call: of the same home, else of one that nobody has begun, else of any."""
        if home not in self._queues:
            if not self._queues:
                return None
            fresh = (each for each in self._queues if each not in self._begun)
            home = next(fresh, next(iter(self._queues)))
        self._begun.add(home)
        queue = self._queues[home]
        call = queue.popleft()
        if not queue:
            del self._queues[home]
        return call
