"""From whatever the caller names to an opened Pillow file whose size is known and allowed.

Opening reads headers only. Pillow's own guard against huge pictures is a process-wide number; here
the limit is an argument, so the file readers are called directly instead of ``PIL.Image.open``,
and only for formats that hold photographs: an EPS would start Ghostscript.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO, TypeAlias

from PIL import Image as Pillow
from PIL import ImageFile

from semcodec.errors import ImageError

__all__ = ["FORMATS", "Readable", "check_size", "limit_lifted", "open_picture", "read_source"]

Readable: TypeAlias = "str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes]"
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "PPM", "BMP", "GIF")
"""Names of the formats that are read, as Pillow writes them."""

_READERS = {
    "JPEG": "JpegImagePlugin",
    "PNG": "PngImagePlugin",
    "WEBP": "WebPImagePlugin",
    "AVIF": "AvifImagePlugin",
    "TIFF": "TiffImagePlugin",
    "PPM": "PpmImagePlugin",
    "BMP": "BmpImagePlugin",
    "GIF": "GifImagePlugin",
}

_lock = threading.Lock()


def read_source(source: Readable) -> tuple[str, bytes]:
    """Read a path, a file object or bytes.

    Returns:
        A name for messages, and the content.

    Raises:
        ImageError: missing, a folder, unreadable, empty, or a text file object.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        where, data = "picture", bytes(source)
    elif isinstance(source, str | os.PathLike):
        where = str(source)
        data = _read_path(Path(source), where)
    elif hasattr(source, "read"):
        where = str(getattr(source, "name", "file object"))
        content: object = source.read()
        if not isinstance(content, bytes):
            raise ImageError(
                f"{where}: expected bytes, its read() gives {type(content).__name__}",
                hint='Open the file with mode "rb".',
            )
        data = content
    else:
        raise ImageError(
            "expected a path, bytes, a file object, a Pillow image or an array, "
            f"got {type(source).__name__}"
        )
    if not data:
        raise ImageError(f"{where}: expected a picture, got no bytes at all")
    return where, data


def _read_path(path: Path, where: str) -> bytes:
    try:
        if path.is_dir():
            raise ImageError(
                f"{where}: expected a picture, got a folder", hint="Name the files inside it."
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise ImageError(f"{where}: no such file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"{where}: cannot be read: {reason}") from error


def open_picture(data: bytes, where: str, max_pixels: int) -> ImageFile.ImageFile:
    """Open a picture; reads its header, no pixels.

    Raises:
        ImageError: no format that is read here, a damaged header, or more pixels than allowed.
    """
    for name in FORMATS:
        # Not Pillow.init(): that imports the readers of some forty more formats, at every start.
        import_module(f"PIL.{_READERS[name]}")
        if name not in Pillow.OPEN:
            continue
        try:
            factory, accept = Pillow.OPEN[name]
            if accept is not None and accept(data[:16]) is not True:
                continue
            try:
                picture = factory(io.BytesIO(data), "")
            except Pillow.DecompressionBombError:  # the WebP reader asks Pillow's limit by itself
                with limit_lifted():
                    picture = factory(io.BytesIO(data), "")
        except Exception as error:  # damaged headers raise nearly anything
            raise ImageError(
                f"{where}: starts like {name} but cannot be opened "
                f"({str(error) or type(error).__name__})",
                hint="It is damaged, or a variant that Pillow does not read: export it as PNG.",
            ) from error
        check_size(picture.size, where, max_pixels)
        return picture
    raise ImageError(
        f"{where}: expected a picture in one of {', '.join(FORMATS)}, "
        f"got bytes that start {data[:8].hex(' ')}",
        hint="Convert it to PNG first.",
    )


def check_size(size: tuple[int, int], where: str, max_pixels: int) -> None:
    """Refuse an empty picture and one of more than ``max_pixels``.

    Raises:
        ImageError: the size, (width, height), is refused.
    """
    width, height = size
    if min(width, height) < 1:
        raise ImageError(f"{where}: expected a picture, got {width}x{height} pixels")
    if width * height > max_pixels:
        raise ImageError(
            f"{where}: expected at most {max_pixels} pixels, got {width}x{height} = "
            f"{width * height}",
            hint="If you trust the file, raise the limit: --max-pixels, in Python max_pixels=.",
        )


@contextmanager
def limit_lifted() -> Iterator[None]:
    """Lift Pillow's process-wide limit for one call whose size was checked here already."""
    with _lock:
        before = Pillow.MAX_IMAGE_PIXELS
        Pillow.MAX_IMAGE_PIXELS = None
        try:
            yield
        finally:
            Pillow.MAX_IMAGE_PIXELS = before
