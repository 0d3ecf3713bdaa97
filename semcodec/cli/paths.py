"""Files named on a command line: read whole, and refused as outputs before any work is done."""

from __future__ import annotations

import os
from pathlib import Path

from semcodec.errors import ImageError, SettingError

__all__ = ["check_output", "check_picture_output", "read_file", "read_text"]


def read_file(path: Path) -> bytes:
    """Read a whole file.

    Raises:
        ImageError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path}: cannot be read: {error.strerror or error}") from None


def read_text(path: Path) -> str:
    """Read a whole file as UTF-8 text.

    Raises:
        SettingError: it cannot be read, or is no text.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise SettingError(f"{path}: expected UTF-8 text, {error.reason}") from None


def check_output(output: Path, *sources: Path) -> None:
    """Refuse an output that cannot be written or that would replace what it is made from.

    Raises:
        SettingError: its folder is missing or closed, it is a folder, or it is one of ``sources``.
    """
    folder = output.parent
    if not folder.is_dir():
        raise SettingError(
            f"cannot write {output}: there is no folder {folder}", hint=f"mkdir -p {folder}"
        )
    if output.is_dir():
        raise SettingError(f"cannot write {output}: it is a folder", hint="Name a file in it.")
    if not os.access(output if output.exists() else folder, os.W_OK):
        raise SettingError(
            f"cannot write {output}: permission denied", hint="Choose another folder."
        )
    for source in sources:
        if output.exists() and source.exists() and output.samefile(source):
            raise SettingError(
                f"{output} is the input itself and would be lost", hint="Give -o another name."
            )


def check_picture_output(output: Path, *sources: Path) -> None:
    """Likewise for a picture, whose suffix must be known too.

    Raises:
        SettingError: as :func:`check_output`, or the suffix names no format.
    """
    from semcodec.image.writing import SUFFIXES

    check_output(output, *sources)
    if output.suffix.lower() not in SUFFIXES:
        raise SettingError(
            f"{output}: no picture format has the suffix {output.suffix or '(none)'}",
            hint=f"Known suffixes: {', '.join(SUFFIXES)}.",
        )
