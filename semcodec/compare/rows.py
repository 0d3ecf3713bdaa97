"""Results as JSON lines that are only ever appended to, so that a killed run loses no finished row.

A row is one write of one line. A line that a kill cut short is dropped when the file is opened
again, and written anew when its row is computed anew.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from semcodec.errors import SettingError
from semcodec.image import write_bytes

__all__ = ["DiskError", "Lines", "alone", "read_rows"]

fcntl: Any
try:
    import fcntl
except ImportError:  # not on Windows, where two runs in one folder are not told apart
    fcntl = None


class DiskError(SettingError):
    """A result cannot be written; what is written already is kept."""


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read the whole lines of a file; none when there is no file.

    Raises:
        SettingError: it cannot be read, or a line in the middle is damaged.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SettingError(f"{path}: cannot be read: {error.strerror}") from None
    lines = data.split(b"\n")[:-1]  # what follows the last line feed is empty, or cut short
    found: list[dict[str, Any]] = []
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            if not isinstance(row, dict) or not isinstance(row.get("key"), str):
                raise ValueError
        except ValueError:
            if number == len(lines):
                break  # a file system may keep a line's length and lose its content
            raise SettingError(
                f"{path}: line {number} is no row",
                hint="Remove the line; its result is then computed again.",
            ) from None
        found.append(row)
    return found


class Lines:
    """A file of rows, open for appending; :func:`alone` sees to it that one process has it open.

    Attributes:
        rows: the rows that were there, by key; the first of two with one key.
    """

    def __init__(self, path: Path, keep: Callable[[dict[str, Any]], bool]) -> None:
        """Open a file and drop the rows that are not to be kept.

        Raises:
            SettingError: it cannot be read or written.
        """
        self._path = path
        self.rows: dict[str, dict[str, Any]] = {}
        for row in read_rows(path):
            if keep(row):
                self.rows.setdefault(row["key"], row)
        text = b"".join(map(_line, self.rows.values()))
        if not path.exists() or path.read_bytes() != text:
            write_bytes(text, path)
        self._file = path.open("ab", buffering=0)

    def __enter__(self) -> Lines:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: object, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def append(self, row: dict[str, Any]) -> None:
        """Write a row.

        Raises:
            DiskError: the system refuses, as when the disk is full.
        """
        line = _line(row)
        try:
            written = self._file.write(line)
            if written != len(line):
                raise OSError(0, "the disk is full")
        except OSError as error:
            raise DiskError(
                f"cannot write {self._path}: {error.strerror}",
                hint="The rows so far are kept: make room and run the same command again.",
            ) from None
        self.rows[row["key"]] = row


def _line(row: dict[str, Any]) -> bytes:
    return json.dumps(row, sort_keys=True, allow_nan=False).encode() + b"\n"


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Have a folder to oneself; the system lets go of it when a process ends, however it does.

    Raises:
        SettingError: another run has it, or it cannot be written to.
    """
    try:
        file = (folder / ".lock").open("ab")
    except OSError as error:
        raise SettingError(
            f"cannot write in {folder}: {error.strerror}",
            hint="Name a folder that you may write to.",
        ) from None
    with file:
        if fcntl is not None:
            try:
                fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise SettingError(
                    f"another run is writing to {folder}",
                    hint="Wait for it, or name another folder with -o.",
                ) from None
        yield
