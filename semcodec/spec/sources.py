"""Where specs come from: files, and the named pipelines of installed plugins."""

from __future__ import annotations

from pathlib import Path

from semcodec.errors import Problem, SpecError
from semcodec.spec.text import MAX_BYTES, Document, parse

__all__ = ["is_path", "read_file", "read_spec"]


def is_path(name: str) -> bool:
    """Whether a name means a file: it has a folder or a spec's suffix."""
    return "/" in name or "\\" in name or name.endswith((".yaml", ".yml", ".json"))


def read_spec(name: str, *, beside: str = "") -> Document:
    """Read a spec by name or path.

    A named pipeline is read from the lock that its provider ships, so that a later release of a
    component cannot change what the name means.

    Args:
        name: a pipeline's name, or a path; a relative path starts at the folder of ``beside``.
        beside: the spec that refers to it.

    Raises:
        ComponentNotFound: no installed plugin provides that name.
        SpecError: the file cannot be read or is no spec, or the path is relative to a spec that
            is no file.
    """
    if is_path(name):
        path = Path(name)
        if not path.is_absolute() and beside not in ("", Document({}).source):
            if not is_path(beside):
                message = f"expected the name of a pipeline, got the relative path {name!r}"
                raise SpecError([Problem("", message)], source=beside)
            path = Path(beside).parent / path
        return read_file(path)
    from semcodec.discovery import catalog

    entry = catalog().pipeline(name)
    lock = entry.lock()
    if lock is not None:
        return parse(lock, source=f"lock of {name}")
    return parse(entry.read(), source=name)


def read_file(path: Path) -> Document:
    """Read a spec file.

    Raises:
        SpecError: it is absent, unreadable, too large or no spec.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        message = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        raise SpecError([Problem("", message)], source=str(path)) from None
    if len(data) > MAX_BYTES:
        raise SpecError([Problem("", f"expected at most {MAX_BYTES} bytes")], source=str(path))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"expected UTF-8 text, found byte 0x{data[error.start]:02x} at {error.start}"
        raise SpecError([Problem("", message)], source=str(path)) from None
    return parse(text, source=str(path))
