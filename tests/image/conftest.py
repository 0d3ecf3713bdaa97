from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow


@pytest.fixture
def noise() -> Callable[..., Any]:
    """Make a picture of random values."""

    def make(*shape: int, dtype: Any = np.uint8, seed: int = 0) -> Any:
        top = np.iinfo(dtype).max
        return np.random.default_rng(seed).integers(0, top, shape, dtype=dtype, endpoint=True)

    return make


@pytest.fixture
def saved() -> Callable[..., bytes]:
    """Save a Pillow image to bytes."""

    def save(picture: Pillow.Image, kind: str, **options: Any) -> bytes:
        buffer = io.BytesIO()
        picture.save(buffer, kind, **options)
        return buffer.getvalue()

    return save


@pytest.fixture
def png() -> Callable[..., bytes]:
    """Write a PNG chunk by chunk: any depth, any colour type, rows unfiltered."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    def make(
        width: int,
        rows: list[bytes],
        depth: int,
        kind: int,
        *,
        before: dict[bytes, bytes] | None = None,
        after: dict[bytes, bytes] | None = None,
    ) -> bytes:
        header = struct.pack(">IIBBBBB", width, len(rows), depth, kind, 0, 0, 0)
        pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
        parts = [(b"IHDR", header), *(before or {}).items(), (b"IDAT", pixels)]
        parts += [*(after or {}).items(), (b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(k, d) for k, d in parts)

    return make


@pytest.fixture
def tiff() -> Callable[..., bytes]:
    """Write an uncompressed TIFF tag by tag, in either byte order, samples interleaved."""

    def make(array: Any, photometric: int, order: str = "<", **more: int) -> bytes:
        height, width, channels = array.shape
        data = array.astype(array.dtype.newbyteorder(order)).tobytes()
        bits = more.pop("bits", array.dtype.itemsize * 8)
        tags = {
            256: (width,),
            257: (height,),
            258: (bits,) * channels,
            259: (1,),
            262: (photometric,),
            273: (0,),
            277: (channels,),
            278: (height,),
            279: (len(data),),
            284: (more.pop("planar", 1),),
        }
        if channels == 4 and photometric == 2:
            tags[338] = (more.pop("extra", 2),)
        if array.dtype.kind == "f":
            tags[339] = (3,) * channels
        tags |= {int(key[1:]): (value,) for key, value in more.items()}
        start = 8 + 2 + 12 * len(tags) + 4
        tail = b""
        entries = b""
        pixels = start + sum(2 * len(v) for v in tags.values() if len(v) > 2)
        for tag, values in sorted(tags.items()):
            kind, form = (4, "I") if tag in (273, 279) else (3, "H")
            values = (pixels,) if tag == 273 else values
            packed = struct.pack(f"{order}{len(values)}{form}", *values)
            if len(packed) > 4:
                entries += struct.pack(f"{order}HHII", tag, kind, len(values), start + len(tail))
                tail += packed
            else:
                entries += struct.pack(f"{order}HHI", tag, kind, len(values)) + packed.ljust(
                    4, b"\0"
                )
        head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", 8)
        count = struct.pack(order + "H", len(tags))
        return head + count + entries + b"\0" * 4 + tail + data

    return make
