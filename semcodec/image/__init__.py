"""Pictures in and out: files, arrays, Pillow images; everything is sRGB of 8 or 16 bits."""

from __future__ import annotations

from semcodec.image.atomic import write_bytes
from semcodec.image.convert import flatten, to_depth8, to_pil
from semcodec.image.reading import read_image
from semcodec.image.writing import write_image

__all__ = ["flatten", "read_image", "to_depth8", "to_pil", "write_bytes", "write_image"]
