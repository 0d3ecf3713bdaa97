"""Files beside the rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from semcodec.compare.rows import DiskError
from semcodec.errors import SettingError
from semcodec.image import write_bytes
from semcodec.image.png import quick_png

__all__ = ["keep"]


def keep(path: Path, content: bytes | NDArray[Any]) -> None:
    """Write a file, or a picture as PNG; folders are made as needed.

    Raises:
        DiskError: the system refuses, as when the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content if isinstance(content, bytes) else quick_png(content)
        # A lost file is made again; waiting for the disk would cost every row some milliseconds.
        write_bytes(data, path, durable=False)
    except (OSError, SettingError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        raise DiskError(
            f"cannot write {path}: {getattr(cause, 'strerror', None) or error}",
            hint="The rows so far are kept: make room and run the same command again.",
        ) from None
