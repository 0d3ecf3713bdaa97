"""Hostile input, in a process that may be killed: what goes wrong, what it costs, what it touches.

Python reports files, sockets, processes and unpickling to audit hooks, which cannot be taken out
again; so this runs in a process of its own.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tracemalloc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from semcodec.contracts.values import Image
from semcodec.discovery.scan import last_line
from semcodec.errors import DecodeError
from semcodec.testing.case import Case, MethodFailed
from semcodec.testing.check import PIPELINE
from semcodec.testing.drivers import Driver
from semcodec.testing.lines import frame_within, short_path, where_raised
from semcodec.testing.questions import driver_of, make
from semcodec.testing.values import damaged, generator, settled

__all__ = ["attack"]

Finding = tuple[str, str]
_WATCHED = frozenset(
    {
        "os.exec",
        "os.mkdir",
        "os.posix_spawn",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.system",
        "pickle.find_class",
        "shutil.rmtree",
        "socket.bind",
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.sendto",
        "subprocess.Popen",
    }
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
_GIB = 1 << 30


class _Watch:
    """An audit hook that refuses and notes every effect outside the process, while it is on."""

    def __init__(self) -> None:
        self.on = False
        self.home = ""
        self.seen: list[Finding] = []
        self.allowed: tuple[str, ...] = ("__pycache__", os.devnull)

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event == "open":
            path, mode, flags = args
            writes = (isinstance(mode, str) and set(mode) & set("wax+")) or flags & _WRITES
            if not writes or any(part in str(path) for part in self.allowed):
                return
        elif event not in _WATCHED:
            return
        self.seen.append((f"{event}({', '.join(map(repr, args[:2]))[:80]})", self._caller()))
        raise PermissionError(f"{event} while decoding")

    def _caller(self) -> str:
        frame = sys._getframe(2)
        while frame is not None:
            if frame_within(frame.f_code.co_filename, self.home):
                return short_path(frame.f_code.co_filename, frame.f_lineno)
            if frame.f_back is None:
                break
            frame = frame.f_back
        return ""


_watch = _Watch()


def attack(
    known: Mapping[str, Any], work: Sequence[tuple[Case, Any]], home: str, memory: int
) -> dict[str, list[Finding]]:
    """Give the decoder's half damaged values.

    Args:
        known: what to make, as :meth:`Subject.known_as` says.
        work: cases, and what the encoder's half made of them.
        home: folder of its package, to name its lines.
        memory: bytes that a call may allocate.

    Returns:
        What was found, each with the line to look at: under ``wrong`` exceptions that are no
        ``DecodeError`` and results that are not as described, under ``heavy`` calls that took too
        much memory, under ``effects`` what was done outside the process.

    Raises:
        MethodFailed: it cannot decode sound data here.
    """
    component, driver = make(**known), driver_of(known["kind"])
    found: dict[str, list[Finding]] = {"wrong": [], "heavy": [], "effects": []}
    _arm(home)
    for case, emitted in work:
        driver.decode(component, case.fresh(), emitted)  # fills caches: that may write and compile
        for label, value in [("sound data", emitted), *_attacks(known["kind"], case, emitted)]:
            with _room(memory):
                tracemalloc.start()
                _one(driver, component, case.fresh(), label, value, memory, found)
                tracemalloc.stop()
    return {name: list(dict.fromkeys(each)) for name, each in found.items()}


def _arm(home: str) -> None:
    from semcodec.coding.cache import writable_folder

    if not _watch.home:
        sys.addaudithook(_watch)
    _watch.home = home
    folder = writable_folder()
    _watch.allowed = ("__pycache__", os.devnull, *([str(folder)] if folder else []))


def _one(
    driver: Driver,
    component: Any,
    case: Case,
    label: str,
    value: Any,
    memory: int,
    found: dict[str, list[Finding]],
) -> None:
    _watch.seen = []
    problem = where = ""
    exhausted = False
    try:
        _watch.on = True
        results = driver.decode(component, case, value)
        _watch.on = False
        for name, (result, described) in results.items():
            if described is not None:
                problem = problem or _prefixed(name, settled(described, result)[1])
            elif driver is driver_of(PIPELINE):
                problem = problem or _prefixed(name, _no_picture(result))
    except MethodFailed as failed:
        _watch.on = False
        error = failed.__cause__
        assert error is not None
        exhausted = isinstance(error, MemoryError)
        where = where_raised(error, _watch.home)
        if not isinstance(error, DecodeError):
            problem = f"{failed.method} raised {last_line(error)}"
    finally:
        _watch.on = False
    peak = tracemalloc.get_traced_memory()[1]
    if _watch.seen:
        found["effects"] += _watch.seen
    elif exhausted or peak > memory:
        amount = "more memory than there is" if exhausted else f"{peak >> 20} MiB"
        found["heavy"].append((f"{label} ({case.label}): it took {amount}", where))
    elif problem:
        found["wrong"].append((f"{label} ({case.label}): {problem}", where))


def _prefixed(name: str, problem: str) -> str:
    return f"{name}: {problem}" if problem else ""


def _no_picture(result: Any) -> str:
    try:
        Image.of(result)
    except ValueError as error:
        return str(error)
    return ""


def _attacks(kind: str, case: Case, emitted: Any) -> Iterator[tuple[str, Any]]:
    rng = generator("attack", kind, case.label)
    assert case.coded is not None
    if kind == "decoder":
        for port, value in emitted.items():
            for label, bad in damaged(case.descriptions[port], value, rng):
                yield f"{label} at the port {port!r}", {**emitted, port: bad}
        return
    yield from damaged(case.coded, emitted, rng)
    if kind == PIPELINE:
        yield from _huge(emitted)


def _huge(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Headers that claim more than anybody may have."""
    from semcodec.wire.header import read_header, write_header

    header, rest = read_header(data)
    for width, height in ((2**32 - 1, 2**32 - 1), (2**20, 2**20), (2**31, 1)):
        claimed = write_header(replace(header, width=width, height=height))
        yield f"a header of {width}x{height}", claimed + data[rest:]


@contextlib.contextmanager
def _room(memory: int) -> Iterator[None]:
    """Let the process grow by a bounded amount, so that no input can take the machine down."""
    try:
        import resource
        from pathlib import Path

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (ImportError, OSError):
        yield  # elsewhere than on Linux, the parent's time limit has to do
        return
    before = resource.getrlimit(resource.RLIMIT_AS)
    wanted = pages * resource.getpagesize() + memory + 2 * _GIB
    limit = wanted if before[1] == resource.RLIM_INFINITY else min(wanted, before[1])
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
