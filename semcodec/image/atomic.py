"""Files appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from semcodec.errors import SettingError

__all__ = ["write_bytes"]


def write_bytes(data: bytes, path: str | os.PathLike[str], *, durable: bool = True) -> None:
    """Write a file so that a reader, or a crash, sees the old content or the new, never a part.

    The bytes go to a new file in the same folder, reach the disk, and replace the target in one
    step. A symbolic link keeps pointing where it did: its target is replaced. The permissions of
    an existing file are kept. What is no regular file (a pipe, ``/dev/null``) is written to
    directly.

    Args:
        data: the whole content.
        path: where to.
        durable: whether the bytes reach the disk before the target is replaced, so that a power
            failure cannot take both; without it the system writes them when it likes.

    Raises:
        SettingError: the folder is missing, the path is a folder, or the system refuses.
    """
    target = Path(path)
    try:
        target = target.resolve()
        if target.is_symlink():
            raise OSError("its links lead in a circle")
        if target.is_dir():
            raise IsADirectoryError(f"{path} is a folder")
        if target.exists() and not target.is_file():
            target.write_bytes(data)
        else:
            _replace(data, target, durable)
    except (OSError, RuntimeError, ValueError) as error:  # a circle of links, a NUL in the name
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SettingError(
            f"cannot write {path}: {reason}",
            hint="Name a file in an existing folder that you may write to.",
        ) from error


def _replace(data: bytes, target: Path, durable: bool) -> None:
    # Not tempfile: its files are private to the user, whatever the umask says.
    temporary = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o7777)
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
