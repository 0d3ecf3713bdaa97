"""JPEG, WebP and AVIF: libjpeg-turbo, libwebp and libavif with libaom, all inside Pillow."""

from __future__ import annotations

import io
import threading
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import AvifImagePlugin, ImageFile, JpegImagePlugin, WebPImagePlugin

from semcodec.contracts.params import EncodeOnly, Ge, Le, component
from semcodec.contracts.values import Image
from semcodec_anchors.opaque import OpaqueCodec

__all__ = ["Avif", "Jpeg", "WebP"]

_lock = threading.Lock()


@component
class Jpeg(OpaqueCodec):
    """JPEG: gray or RGB, 8 bits, sides up to 65500.

    Attributes:
        quality: scale of the quantization tables, 1 to 100, as in libjpeg.
        subsampling: resolution of the chroma planes; no effect on gray.
        progressive: several scans from coarse to fine; usually smaller.
        optimize: Huffman tables fitted to the picture; progressive files always have them.
    """

    label = "JPEG"
    channels = (1, 3)
    side = 65500
    pixels = 2**28

    quality: EncodeOnly[Annotated[int, Ge(1), Le(100)]] = 75
    subsampling: EncodeOnly[Literal["4:4:4", "4:2:2", "4:2:0"]] = "4:2:0"
    progressive: EncodeOnly[bool] = True
    optimize: EncodeOnly[bool] = True

    def options(self, shape: Image) -> dict[str, Any]:
        """See :meth:`OpaqueCodec.options`."""
        return {
            "quality": self.quality,
            "subsampling": self.subsampling,
            "progressive": self.progressive,
            "optimize": self.optimize,
            "keep_rgb": False,
            "smooth": 0,
            "streamtype": 0,
            "qtables": None,
            "restart_marker_blocks": 0,
            "restart_marker_rows": 0,
            "dpi": (0, 0),
            "comment": b"",
            "exif": b"",
            "extra": b"",
            "icc_profile": None,
            "xmp": None,
        }

    def save(self, value: NDArray[np.uint8], buffer: io.BytesIO, options: dict[str, Any]) -> None:
        """See :meth:`OpaqueCodec.save`.

        Pillow gives libjpeg one byte a pixel for a progressive or optimised file and fails where
        noise needs more; the only way to give it more is the library's own variable.
        """
        with _lock:
            before = ImageFile.MAXBLOCK
            ImageFile.MAXBLOCK = max(before, 4 * value.size + 2**16)
            try:
                super().save(value, buffer, options)
            finally:
                ImageFile.MAXBLOCK = before

    @classmethod
    def open(cls, file: io.BytesIO) -> ImageFile.ImageFile:
        """See :meth:`OpaqueCodec.open`."""
        return JpegImagePlugin.JpegImageFile(file)


@component
class WebP(OpaqueCodec):
    """WebP: gray (coded as RGB), RGB or RGBA, 8 bits, sides up to 16383.

    Attributes:
        quality: 0 to 100 for lossy files; effort where lossless.
        alpha_quality: 0 to 100, quality of the alpha plane; 100 is lossless.
        lossless: every value comes back, those under full transparency included.
        effort: 0 fastest to 6 smallest.
    """

    label = "WebP"
    channels = (1, 3, 4)
    side = 16383
    # Pillow's WebP reader refuses more than twice its default limit by itself.
    pixels = 2**27

    quality: EncodeOnly[Annotated[int, Ge(0), Le(100)]] = 75
    alpha_quality: EncodeOnly[Annotated[int, Ge(0), Le(100)]] = 100
    lossless: EncodeOnly[bool] = False
    effort: EncodeOnly[Annotated[int, Ge(0), Le(6)]] = 6

    def options(self, shape: Image) -> dict[str, Any]:
        """See :meth:`OpaqueCodec.options`."""
        return {
            "quality": self.quality,
            "alpha_quality": self.alpha_quality,
            "lossless": self.lossless,
            "exact": self.lossless,
            "method": self.effort,
            "exif": b"",
            "icc_profile": b"",
            "xmp": b"",
        }

    @classmethod
    def open(cls, file: io.BytesIO) -> ImageFile.ImageFile:
        """See :meth:`OpaqueCodec.open`."""
        return WebPImagePlugin.WebPImageFile(file)


@component
class Avif(OpaqueCodec):
    """AVIF: gray, RGB or RGBA, 8 bits, sides up to 32768. One thread, so bytes repeat.

    Attributes:
        quality: 0 to 100.
        subsampling: resolution of the chroma planes; gray has none.
        speed: 0 smallest to 10 fastest.
    """

    label = "AVIF"
    channels = (1, 3, 4)
    side = 32768
    pixels = 2**28

    quality: EncodeOnly[Annotated[int, Ge(0), Le(100)]] = 60
    subsampling: EncodeOnly[Literal["4:4:4", "4:2:2", "4:2:0"]] = "4:2:0"
    speed: EncodeOnly[Annotated[int, Ge(0), Le(10)]] = 6

    def options(self, shape: Image) -> dict[str, Any]:
        """See :meth:`OpaqueCodec.options`."""
        return {
            "quality": self.quality,
            "subsampling": "4:0:0" if shape.channels == 1 else self.subsampling,
            "speed": self.speed,
            "max_threads": 1,
            "codec": "aom",
            "range": "full",
            "tile_rows": 0,
            "tile_cols": 0,
            "autotiling": False,
            "alpha_premultiplied": False,
            "advanced": None,
            "exif": b"",
            "icc_profile": b"",
            "xmp": b"",
        }

    @classmethod
    def open(cls, file: io.BytesIO) -> ImageFile.ImageFile:
        """See :meth:`OpaqueCodec.open`."""
        return AvifImagePlugin.AvifImageFile(file)
