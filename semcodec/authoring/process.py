"""Processes of their own, in which a plugin is imported as its users will import it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["run_python"]


def run_python(
    *arguments: str,
    first: Sequence[Path] = (),
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run this Python with the same path, and write no bytecode beside the sources.

    Args:
        arguments: what follows the interpreter.
        first: folders that come before all others on the path.
        cwd: where. ``python -m`` puts that folder on the path as well, so it is the first of
            ``first`` by default, and not where the user happens to be.
        environment: further variables.

    Returns:
        The finished process, whatever its exit code, with its output.
    """
    path = [*map(str, first), *(str(Path(folder).absolute()) for folder in sys.path if folder)]
    return subprocess.run(  # noqa: S603 - this interpreter, and arguments that no shell reads
        [sys.executable, *arguments],
        cwd=cwd or next(iter(first), None),
        env={
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONIOENCODING": "utf-8",
            "PYTHONPATH": os.pathsep.join(dict.fromkeys(path)),
            **(environment or {}),
        },
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
