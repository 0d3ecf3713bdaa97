"""Runs ffmpeg on bytes: no shell, nothing inherited, bounded time and memory, nothing left."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from semcodec.errors import PluginError
from semcodec_anchors.needs import needed

__all__ = ["Failed", "run", "run_to_file"]

_GIB = 1 << 30


class Failed(Exception):
    """The program ended with an error, complained, or took too long; the text says which."""


def run_to_file(words: Sequence[str], data: bytes, *, seconds: float, memory: int) -> bytes:
    """Run it with a file as output, in a private folder that goes away with it.

    Encoders need this: VVenC prints its messages among the bytes of standard output.

    Args:
        words: its arguments, without the program and the output.
        data: its standard input.
        seconds: as for :func:`run`.
        memory: likewise.

    Returns:
        The file.

    Raises:
        PluginError: there is no ffmpeg; the hint says what to install.
        Failed: it ended with an error, wrote an error message, took too long, or wrote no file.
    """
    with tempfile.TemporaryDirectory(prefix="semcodec-") as folder:
        run([*words, "stream"], data, seconds=seconds, memory=memory, folder=folder)
        file = Path(folder, "stream")
        if not file.is_file():
            raise Failed("it wrote nothing")
        return file.read_bytes()


def run(
    words: Sequence[str], data: bytes, *, seconds: float, memory: int, folder: str | None = None
) -> bytes:
    """Run the ffmpeg that imageio-ffmpeg carries; input and output are pipes.

    Args:
        words: its arguments, without the program.
        data: its standard input.
        seconds: how long it may take.
        memory: bytes it may map beside the 2 GiB of the program itself; enforced on Linux.
        folder: where it runs; None for where this process is.

    Returns:
        Its standard output.

    Raises:
        PluginError: there is no ffmpeg; the hint says what to install.
        Failed: it ended with an error, wrote an error message, or took too long.
    """
    program = _program()
    command = [program, "-nostdin", "-hide_banner", "-loglevel", "error", *words]
    # An empty environment: FFREPORT would make it write files, SVT_LOG=1 leaves errors alone.
    environment = {"SVT_LOG": "1"}
    if sys.platform == "win32":
        environment["SYSTEMROOT"] = os.environ.get("SYSTEMROOT", "")
    try:
        process = subprocess.Popen(  # noqa: S603 - a list of words made here, and no shell
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=folder,
        )
    except OSError as error:
        raise PluginError(
            f"ffmpeg does not start: {error}", hint=needed("imageio_ffmpeg").remedy
        ) from error
    with process:
        _bound(process.pid, 2 * _GIB + memory)
        try:
            out, said = process.communicate(data, timeout=seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"no result within {seconds:.0f} s") from None
        finally:
            process.kill()  # of what has ended already it does nothing
    if process.returncode or said.strip():
        raise Failed(_first(said) or f"ffmpeg ended with status {process.returncode}")
    return out


def _program() -> str:
    module = needed("imageio_ffmpeg").load()
    try:
        return str(module.get_ffmpeg_exe())
    except RuntimeError as error:
        raise PluginError(
            f"imageio-ffmpeg has no ffmpeg for this platform: {error}",
            hint="Install ffmpeg, or set IMAGEIO_FFMPEG_EXE to one.",
        ) from error


def _bound(process: int, memory: int) -> None:
    """Bound the memory before the first byte of data is sent; elsewhere than on Linux, do not."""
    if sys.platform == "linux":
        import resource

        _, hard = resource.prlimit(process, resource.RLIMIT_AS)
        limit = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.prlimit(process, resource.RLIMIT_AS, (limit, limit))


def _first(said: bytes) -> str:
    """Give the first line that was said, without addresses of memory."""
    lines = said.decode("utf-8", "replace").splitlines()
    told = (line.rpartition("] ")[2].strip() for line in lines)
    return next(filter(None, told), "")[:200]
