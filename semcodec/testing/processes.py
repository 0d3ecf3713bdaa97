"""Other processes, started once a session: each with its own hash seed and number of threads."""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import queue
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import semcodec
from semcodec.testing.lines import frame_within, short_path

__all__ = ["SETTINGS", "ProcessFailed", "ask"]

_THREADS = ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMBA", "VECLIB_MAXIMUM", "NUMEXPR")
_MANY = str(max(2, os.cpu_count() or 2))
SETTINGS: Mapping[str, tuple[str, str]] = {
    "plain": ("0", "1"),
    "hashed": ("1", "1"),
    "threaded": ("0", _MANY),
}
"""Hash seed and number of threads, by name."""
_SPARE = 15.0
_AT = re.compile(r'File "(?P<path>[^"]+)", line (?P<line>\d+)')


class ProcessFailed(Exception):
    """The other process could not answer.

    Attributes:
        message: why.
        where: ``path:line`` to look at; may be empty.
        ended: whether the process ended, by itself or because it took too long.
    """

    def __init__(self, message: str, where: str = "", *, ended: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.ended = ended


def ask(setting: str, function: Any, *args: Any, limit: float, home: str = "") -> Any:
    """Call a function of this package in another process.

    Args:
        setting: which process, one of :data:`SETTINGS`.
        function: a function at the top of a module.
        args: what can be pickled.
        limit: seconds that it may take.
        home: folder of the package whose lines are to be named.

    Raises:
        ProcessFailed: it raised, took too long, or took its process down.
    """
    process = _processes.get(setting)
    if process is None or not process.alive:
        process = _processes[setting] = _Process(*SETTINGS[setting])
    question = {
        "ask": f"{function.__module__}:{function.__name__}",
        "arguments": pickle.dumps(args),
        "limit": limit,
        "home": home,
        "path": list(sys.path),
        "folder": str(Path.cwd()),
    }
    return process.ask(question, limit, home)


class _Process:
    def __init__(self, seed: str, threads: str) -> None:
        root = str(Path(semcodec.__file__).parents[1])
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([root, *filter(None, sys.path)]),
            "PYTHONHASHSEED": seed,
            **{f"{name}_NUM_THREADS": threads for name in _THREADS},
        }
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "semcodec.testing.worker"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
        )
        self._answers: queue.Queue[Any] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.alive = True

    def _listen(self) -> None:
        assert self._popen.stdout is not None
        try:
            while True:
                self._answers.put(pickle.load(self._popen.stdout))  # noqa: S301 - our own child
        except Exception:
            self._answers.put(None)

    def ask(self, question: Mapping[str, Any], limit: float, home: str) -> Any:
        assert self._popen.stdin is not None
        try:
            pickle.dump(dict(question), self._popen.stdin)
            self._popen.stdin.flush()
            answer = self._answers.get(timeout=limit + _SPARE)
        except (OSError, queue.Empty):
            answer = None
        if answer is None:
            self.close()
            raise self._death(limit, home)
        good, value = answer
        if not good:
            raise ProcessFailed(*value)
        return value

    def _death(self, limit: float, home: str) -> ProcessFailed:
        self._words.seek(0)
        text = self._words.read().decode(errors="replace")
        self._words.close()
        if "Timeout (" in text:
            stack = text.rpartition("Timeout (")[2]
            own = [m for m in _AT.finditer(stack) if home and frame_within(m["path"], home)]
            where = short_path(own[0]["path"], int(own[0]["line"])) if own else ""
            return ProcessFailed(f"it took more than {limit:g} s", where, ended=True)
        words = text.strip().splitlines()[-1:] or ["it said nothing"]
        message = f"the process ended with {self._popen.returncode}: {words[0]}"
        return ProcessFailed(message, ended=True)

    def close(self) -> None:
        """End the process."""
        self.alive = False
        self._popen.kill()
        self._popen.wait()
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what is still to be written has no reader
                    pipe.close()


_processes: dict[str, _Process] = {}


@atexit.register
def _close() -> None:
    for process in _processes.values():
        if process.alive:
            process.close()
