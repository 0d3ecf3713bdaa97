"""JPEG 2000, JPEG XL and HEIC: OpenJPEG inside Pillow, libjxl and libheif inside its plugins."""

from __future__ import annotations

import io
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFile, Jpeg2KImagePlugin

from semcodec.contracts.params import EncodeOnly, Ge, Le, component
from semcodec.contracts.values import Image
from semcodec_anchors.needs import needed
from semcodec_anchors.opaque import OpaqueCodec

__all__ = ["Heic", "Jpeg2000", "JpegXl"]


@component
class Jpeg2000(OpaqueCodec):
    """JPEG 2000: gray or RGB, 8 bits, sides up to 32768; a bare codestream, irreversible 9/7.

    One tile, one quality layer, code blocks of 64x64, as many resolutions as fit up to six. The
    comment that OpenJPEG writes is taken out.

    Attributes:
        ratio: raw bytes of the picture over bytes of the file; the encoder keeps to it closely.
    """

    label = "JPEG 2000"
    pillow = "JPEG2000"
    channels = (1, 3)
    side = 32768
    pixels = 2**28

    ratio: EncodeOnly[Annotated[float, Ge(1), Le(4000)]] = 40

    def options(self, shape: Image) -> dict[str, Any]:
        """See :meth:`OpaqueCodec.options`."""
        # A side of one pixel cannot be halved; Pillow gives OpenJPEG's error, not another number.
        halvings = min(5, min(shape.height, shape.width).bit_length() - 1)
        return {
            "no_jp2": True,
            "offset": None,
            "tile_offset": None,
            "tile_size": None,
            "quality_mode": "rates",
            "quality_layers": [self.ratio],
            "num_resolutions": halvings + 1,
            "codeblock_size": (64, 64),
            "precinct_size": None,
            "irreversible": True,
            "progression": "LRCP",
            "cinema_mode": "no",
            "mct": int(shape.channels == 3),
            "signed": False,
            "comment": None,
            "plt": False,
        }

    def save(self, value: NDArray[np.uint8], buffer: io.BytesIO, options: dict[str, Any]) -> None:
        """See :meth:`OpaqueCodec.save`."""
        inside = io.BytesIO()
        super().save(value, inside, options)
        buffer.write(_without_comments(inside.getvalue()))

    @classmethod
    def open(cls, file: io.BytesIO) -> ImageFile.ImageFile:
        """See :meth:`OpaqueCodec.open`."""
        if file.getvalue()[:4] != b"\xff\x4f\xff\x51":
            raise ValueError("expected a JPEG 2000 codestream")
        return Jpeg2KImagePlugin.Jpeg2KImageFile(file)


def _without_comments(stream: bytes) -> bytes:
    """Drop COM segments (ISO/IEC 15444-1, A.9.2) from the main header of a codestream."""
    kept, at = [stream[:2]], 2
    while stream[at : at + 2] != b"\xff\x90":  # SOT, the first tile part
        end = at + 2 + int.from_bytes(stream[at + 2 : at + 4], "big")
        if stream[at : at + 2] != b"\xff\x64":
            kept.append(stream[at:end])
        at = end
    return b"".join([*kept, stream[at:]])


@component
class JpegXl(OpaqueCodec):
    """JPEG XL: gray, RGB or RGBA, 8 bits, sides up to 32768; a bare codestream in XYB.

    Attributes:
        quality: 0 to 99, libjxl's scale; lossless files are not made.
        effort: 1 fastest to 9 smallest.
    """

    label = "JPEG XL"
    pillow = "JXL"
    channels = (1, 3, 4)
    side = 32768
    pixels = 2**26

    quality: EncodeOnly[Annotated[int, Ge(0), Le(99)]] = 75
    effort: EncodeOnly[Annotated[int, Ge(1), Le(9)]] = 7

    def options(self, shape: Image) -> dict[str, Any]:
        """See :meth:`OpaqueCodec.options`."""
        return {
            "quality": self.quality,
            "effort": self.effort,
            "lossless": False,
            "decoding_speed": 0,
            "use_container": False,
            "use_original_profile": False,
            "lossless_jpeg": False,
            "num_threads": 0,
            "compress_metadata": False,
            "exif": b"",
            "jumb": b"",
            "xmp": b"",
        }

    def save(self, value: NDArray[np.uint8], buffer: io.BytesIO, options: dict[str, Any]) -> None:
        """See :meth:`OpaqueCodec.save`."""
        needed("pillow_jxl").load()
        super().save(value, buffer, options)

    def check(self, data: bytes, shape: Image) -> str:
        """See :meth:`OpaqueCodec.check`: the plugin decodes all pixels as it opens a file."""
        try:
            size = _size_of_jxl(data)
        except IndexError:
            return "the header is cut off"
        if size != (shape.width, shape.height):
            return f"expected {shape.width}x{shape.height}, got {size[0]}x{size[1]}"
        return ""

    @classmethod
    def open(cls, file: io.BytesIO) -> ImageFile.ImageFile:
        """See :meth:`OpaqueCodec.open`."""
        module = needed("pillow_jxl").load()
        opened: ImageFile.ImageFile = module.JpegXLImagePlugin.JXLImageFile(file)
        return opened


_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


def _size_of_jxl(data: bytes) -> tuple[int, int]:
    """Read width and height of a bare codestream (ISO/IEC 18181-1, SizeHeader); 0 if it is none.

    Raises:
        IndexError: the data ends before.
    """
    if data[:2] != b"\xff\x0a":
        return 0, 0
    head = data[2:16]
    bits = int.from_bytes(head, "little")
    at = 0

    def take(count: int) -> int:
        nonlocal at
        if at + count > 8 * len(head):
            raise IndexError
        at += count
        return (bits >> (at - count)) & ((1 << count) - 1)

    small = take(1)

    def side() -> int:
        return 8 * (take(5) + 1) if small else take((9, 13, 18, 30)[take(2)]) + 1

    height = side()
    ratio = take(3)
    if ratio:
        over, under = _RATIOS[ratio - 1]
        return height * over // under, height
    return side(), height


@component
class Heic(OpaqueCodec):
    """HEIC: gray or RGB, 8 bits, sides up to 8192; HEVC by x265 in libheif's container.

    The container takes about 410 bytes before the HEVC data; ``anchors.hevc`` has none.

    Attributes:
        quality: 0 to 100, libheif's scale.
        subsampling: resolution of the chroma planes; gray has none.
        preset: x265's preset.
        tune: what x265 optimises.
    """

    label = "HEIC"
    pillow = "HEIF"
    channels = (1, 3)
    side = 8192
    pixels = 2**25

    quality: EncodeOnly[Annotated[int, Ge(0), Le(100)]] = 50
    subsampling: EncodeOnly[Literal["4:4:4", "4:2:2", "4:2:0"]] = "4:2:0"
    preset: EncodeOnly[Literal["fast", "medium", "slow", "slower", "veryslow", "placebo"]] = "slow"
    tune: EncodeOnly[Literal["psnr", "ssim"]] = "psnr"

    def options(self, shape: Image) -> dict[str, Any]:
        """See :meth:`OpaqueCodec.options`."""
        return {
            "quality": self.quality,
            "subsampling": self.subsampling,
            "tile_size": 0,
            "save_nclx_profile": True,
            "exif": None,
            "xmp": None,
            "icc_profile": None,
            "enc_params": {
                "preset": self.preset,
                "tune": self.tune,
                "tu-intra-depth": 2,
                "complexity": 50,
                "x265:pools": "none",
                "x265:frame-threads": 1,
                "x265:wpp": 0,
                "x265:info": 0,
            },
        }

    def save(self, value: NDArray[np.uint8], buffer: io.BytesIO, options: dict[str, Any]) -> None:
        """See :meth:`OpaqueCodec.save`."""
        needed("pillow_heif").load().register_heif_opener()
        super().save(value, buffer, options)

    @classmethod
    def open(cls, file: io.BytesIO) -> ImageFile.ImageFile:
        """See :meth:`OpaqueCodec.open`."""
        opened: ImageFile.ImageFile = needed("pillow_heif").load().HeifImageFile(file)
        return opened
