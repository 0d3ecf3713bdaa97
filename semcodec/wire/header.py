"""The header: which codec, which picture. ``docs/format.md`` is its normative description."""

from __future__ import annotations

from dataclasses import dataclass

from semcodec.errors import ContainerError, LimitError
from semcodec.wire.cursor import Cursor
from semcodec.wire.lock import LOCK_LIMIT, PACKED_LOCK_LIMIT, compress_lock, expand_lock
from semcodec.wire.varint import DAMAGED, VARINT_LIMIT, write_varint

__all__ = ["MAX_PIXELS", "STANDARD_SIZES", "VERSION", "Header", "read_header", "write_header"]

VERSION = 1
"""The version of the format that this package reads and writes."""

MAX_PIXELS = 2**27
"""Default of the most pixels that a header may claim."""

# Append-only: the index of a size is written into files.
STANDARD_SIZES = (
    (768, 512),
    (512, 768),
    (512, 512),
    (256, 256),
    (1024, 1024),
    (1920, 1080),
    (1080, 1920),
    (3840, 2160),
    (1024, 768),
    (640, 480),
    (480, 640),
    (2048, 1024),
)
"""Width and height of the sizes that take one byte."""

# Sizes that join later are written out in older files, which must go on decoding.
_FIRST_SIZES = STANDARD_SIZES[:12]

_PRIVATE, _STANDARD, _CHECK, _EXPLICIT = 0x10, 0x08, 0x04, 0x03
_FORMS = ((3, 8), (1, 8), (4, 8))
_DEPTH_16 = 0x04
_REGISTERED_DIGEST, _DETACHED_DIGEST = 2, 4
_MAGIC_BYTE = ord("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a file says before its settings.

    A registered codec has a ``code`` and 2 bytes of digest. A private one has either 4 bytes of
    digest (detached) or its whole ``lock`` (embedded).

    Attributes:
        width: columns of the picture, 1 to 2**32 - 1.
        height: rows of the picture, 1 to 2**32 - 1.
        channels: 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha.
        depth: bits a sample, 8 or 16.
        code: wire code of a registered codec, 1 to 2**32 - 1; None for a private one.
        digest: first bytes of the codec's decode digest: 2 when registered, 4 when private and
            detached, none when embedded.
        lock: the embedded lock, 1 to 65536 bytes, not compressed; None without.
        check: whether the file ends with a check byte.
        version: 1.

    Raises:
        ContainerError: the fields do not make a header; the message names the first that is wrong.
        LimitError: the lock is longer than 65536 bytes.
    """

    width: int
    height: int
    channels: int = 3
    depth: int = 8
    code: int | None = None
    digest: bytes = b""
    lock: bytes | None = None
    check: bool = False
    version: int = VERSION

    def __post_init__(self) -> None:
        if self.version != VERSION:
            raise ContainerError(f"header version: expected {VERSION}, got {self.version}")
        for name, side in (("width", self.width), ("height", self.height)):
            if not 1 <= side < VARINT_LIMIT:
                raise ContainerError(
                    f"header {name}: expected 1 to {VARINT_LIMIT - 1}, got {side}", hint=DAMAGED
                )
        if not 1 <= self.channels <= 4 or self.depth not in (8, 16):
            raise ContainerError(
                "header picture: expected 1 to 4 channels of 8 or 16 bits, "
                f"got {self.channels} of {self.depth}"
            )
        self._check_codec()

    def _check_codec(self) -> None:
        if self.code is not None and not 1 <= self.code < VARINT_LIMIT:
            raise ContainerError(
                f"header code: expected 1 to {VARINT_LIMIT - 1}, got {self.code}", hint=DAMAGED
            )
        if self.lock is not None:
            if self.code is not None:
                raise ContainerError(
                    f"header lock: expected none for a registered codec, got one with code "
                    f"{self.code}"
                )
            if not self.lock:
                raise ContainerError("header lock: expected at least 1 byte, got none")
            if len(self.lock) > LOCK_LIMIT:
                raise LimitError(
                    f"header lock: expected at most {LOCK_LIMIT} bytes, got {len(self.lock)}",
                    hint="Write the file with a detached lock (--detached).",
                )
            size = 0
        else:
            size = _DETACHED_DIGEST if self.code is None else _REGISTERED_DIGEST
        if len(self.digest) != size:
            raise ContainerError(f"header digest: expected {size} bytes, got {len(self.digest)}")


def write_header(header: Header) -> bytes:
    """Write a header; equal headers give equal bytes, up to the build of zlib for a lock."""
    form = _FORMS.index(picture) if (picture := (header.channels, header.depth)) in _FORMS else 3
    size = (header.width, header.height)
    first = (
        VERSION << 5
        | (_PRIVATE if header.code is None else 0)
        | (_STANDARD if size in STANDARD_SIZES else 0)
        | (_CHECK if header.check else 0)
        | form
    )
    out = bytearray([first])
    if form == _EXPLICIT:
        out.append(header.channels - 1 | (_DEPTH_16 if header.depth == 16 else 0))
    if header.code is not None:
        out += write_varint(header.code, what="code") + header.digest
    elif header.lock is None:
        out += write_varint(0) + header.digest
    else:
        lock = compress_lock(header.lock)
        out += write_varint(len(lock), what="lock length") + lock
    if size in STANDARD_SIZES:
        out.append(STANDARD_SIZES.index(size))
    else:
        out += write_varint(header.width, what="width") + write_varint(header.height, what="height")
    return bytes(out)


def read_header(data: bytes, *, max_pixels: int = MAX_PIXELS) -> tuple[Header, int]:
    """Read a header from untrusted bytes, in the wire form (see :func:`from_file`).

    Args:
        data: the whole container, or at least its header.
        max_pixels: the most pixels that the picture may have.

    Returns:
        The header and the offset of the settings that follow it.

    Raises:
        LimitError: the picture has more than ``max_pixels``, or its lock expands to more than
            65536 bytes; nothing was allocated for either.
        ContainerError: the bytes are no header of this version.
    """
    cursor = Cursor(data)
    first = cursor.byte("first byte")
    _check_version(first)
    channels, depth = _read_picture(cursor, first & _EXPLICIT)
    code: int | None = None
    digest, lock = b"", None
    if not first & _PRIVATE:
        code = cursor.varint("code")
        digest = cursor.take(_REGISTERED_DIGEST, "digest")
    elif length := cursor.varint("lock length"):
        if length > PACKED_LOCK_LIMIT:
            raise LimitError(
                f"embedded lock: expected at most {PACKED_LOCK_LIMIT} bytes, got {length}",
                hint="No lock is that large: the file is damaged or hostile.",
            )
        lock = expand_lock(cursor.take(length, "embedded lock"))
    else:
        digest = cursor.take(_DETACHED_DIGEST, "digest")
    width, height = _read_size(cursor, standard=bool(first & _STANDARD))
    if width * height > max_pixels:
        raise LimitError(
            f"picture: expected at most {max_pixels} pixels, got {width}x{height}",
            hint="Raise the limit (--max-pixels) if you trust the file.",
        )
    header = Header(
        width=width,
        height=height,
        channels=channels,
        depth=depth,
        code=code,
        digest=digest,
        lock=lock,
        check=bool(first & _CHECK),
    )
    return header, cursor.offset


def _check_version(first: int) -> None:
    version = first >> 5
    if version == VERSION:
        return
    if first == _MAGIC_BYTE:
        hint = "If it is a file with the magic SMCX, take that off first (semcodec.wire.from_file)."
    elif version > VERSION:
        hint = "If it is a semcodec file, a newer release may read it: pip install -U semcodec"
    else:
        hint = "This is no semcodec file."
    raise ContainerError(
        f"first byte: expected format version {VERSION}, got version {version} (0x{first:02x})",
        hint=hint,
    )


def _read_picture(cursor: Cursor, form: int) -> tuple[int, int]:
    if form != _EXPLICIT:
        return _FORMS[form]
    value = cursor.byte("picture form")
    picture = ((value & 0x03) + 1, 16 if value & _DEPTH_16 else 8)
    if value > 0x07 or picture in _FORMS:
        raise ContainerError(
            f"picture form at byte {cursor.offset - 1}: expected 1 (gray and alpha, 8 bits) or "
            f"4 to 7 (16 bits), got {value}",
            hint=DAMAGED,
        )
    return picture


def _read_size(cursor: Cursor, *, standard: bool) -> tuple[int, int]:
    if standard:
        index = cursor.byte("standard size")
        if index >= len(STANDARD_SIZES):
            raise ContainerError(
                f"standard size at byte {cursor.offset - 1}: expected an index up to "
                f"{len(STANDARD_SIZES) - 1}, got {index}",
                hint="If the file is sound, a newer release may know it: pip install -U semcodec",
            )
        return STANDARD_SIZES[index]
    size = (cursor.varint("width"), cursor.varint("height"))
    if size in _FIRST_SIZES:
        raise ContainerError(
            f"size before byte {cursor.offset}: expected the index of the standard size "
            f"{size[0]}x{size[1]}, got it written out",
            hint=DAMAGED,
        )
    return size
